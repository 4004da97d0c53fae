"""The settings under which the tests run: those of the product, with the test session's own folders.

The database and cache addresses are put in by the harness when a test first asks for them, so that tests without a
database start nothing.
"""

import os
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]
TEST_HOME = CHECKOUT / ".kezhou" / "test"

os.environ["KEZHOU_HOME"] = str(TEST_HOME / f"session-{os.environ.get('KEZHOU_TEST_SESSION', str(os.getpid()))}")
os.environ["KEZHOU_SECRET_KEY"] = "only-for-tests-" + "x" * 40
os.environ["KEZHOU_BASE_DOMAIN"] = "localhost"
os.environ["KEZHOU_POOL"] = os.environ.get("KEZHOU_TEST_POOL", "no")
os.environ["KEZHOU_LOG_LEVEL"] = "WARNING"
os.environ["EMAIL_URL"] = ""
# The example plugin and the suite's own, which are no part of the distribution.
sys.path.insert(0, str(CHECKOUT / "plugins" / "example"))
EXTRA_PLUGINS = {
    "kezhou_visas.plugin:manifest": CHECKOUT / "plugins" / "example" / "kezhou_visas" / "plugin.py",
    "tests.testplugin.plugin:manifest": CHECKOUT / "tests" / "testplugin" / "plugin.py",
}
os.environ["KEZHOU_PLUGINS"] = ",".join(name for name, file in EXTRA_PLUGINS.items() if file.exists())

from kezhou.settings import *  # noqa: E402, F403  # the product's settings, read from the environment above

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
PASSWORD_HASHERS = ["kezhou.testing.passwords.QuickHasher", "django.contrib.auth.hashers.Argon2PasswordHasher"]
STATIC_ROOT = TEST_HOME / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
