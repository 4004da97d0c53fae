"""Settings, read from the environment; `kezhou run` sets it for the processes that it starts.

Nothing here is per tenant: what a company may set is a row in its schema.
"""

import importlib.util
from pathlib import Path
from typing import Any

import environ
from django.utils.translation import gettext_lazy as _

from kezhou.plugins import plugin_apps

env = environ.Env()
SOURCE = Path(__file__).resolve().parent

# -- the installation ----------------------------------------------------------------------------------------------

KEZHOU_HOME = Path(env.str("KEZHOU_HOME", default=".kezhou")).absolute()
KEZHOU_FILES = Path(env.str("KEZHOU_FILES", default=str(KEZHOU_HOME / "files")))
# Files in a bucket instead of the folder (tenants.files); without a key boto3 finds its own, such as a role's.
KEZHOU_S3_BUCKET = env.str("KEZHOU_S3_BUCKET", default="")
KEZHOU_S3_ENDPOINT = env.str("KEZHOU_S3_ENDPOINT", default="")
KEZHOU_S3_REGION = env.str("KEZHOU_S3_REGION", default="")
KEZHOU_S3_PREFIX = env.str("KEZHOU_S3_PREFIX", default="")
KEZHOU_S3_KEY = env.str("KEZHOU_S3_KEY", default="")
KEZHOU_S3_SECRET = env.str("KEZHOU_S3_SECRET", default="")
KEZHOU_S3_ADDRESSING = env.str("KEZHOU_S3_ADDRESSING", default="path")
KEZHOU_S3_COPIES = env.int("KEZHOU_S3_COPIES", default=1024)  # megabytes of copies on each machine
KEZHOU_S3_LINKS = env.bool("KEZHOU_S3_LINKS", default=False)  # browsers download from the bucket itself
KEZHOU_ELASTICSEARCH_URL = env.str("ELASTICSEARCH_URL", default="")
KEZHOU_ELASTICSEARCH_PREFIX = env.str("KEZHOU_ELASTICSEARCH_PREFIX", default="kezhou-search")
KEZHOU_ELASTICSEARCH_PARTS = env.int("KEZHOU_ELASTICSEARCH_PARTS", default=8)
KEZHOU_ELASTICSEARCH_REPLICAS = env.int("KEZHOU_ELASTICSEARCH_REPLICAS", default=1)
KEZHOU_SEARCH_DIR = Path(env.str("KEZHOU_SEARCH_DIR", default=str(KEZHOU_HOME / "search")))
KEZHOU_BASE_DOMAIN = env.str("KEZHOU_BASE_DOMAIN", default="localhost").lower()
KEZHOU_PUBLIC_HOSTS: tuple[str, ...] = ("127.0.0.1",) if KEZHOU_BASE_DOMAIN == "localhost" else ()
KEZHOU_PORT = env.int("KEZHOU_PORT", default=8000)
KEZHOU_SCHEME = env.str("KEZHOU_SCHEME", default="http")
# How many days a short name that a company left leads on to its new one.
KEZHOU_LEFT_HOST_DAYS = env.int("KEZHOU_LEFT_HOST_DAYS", default=90)
# The port in links that people get: none where a proxy answers on the scheme's own.
KEZHOU_PUBLIC_PORT = env.int("KEZHOU_PUBLIC_PORT", default=KEZHOU_PORT if KEZHOU_SCHEME == "http" else 0)
# How many proxies of ours stand in front; each adds to X-Forwarded-For (kezhou.access.client_address).
KEZHOU_PROXIES = env.int("KEZHOU_PROXIES", default=1 if KEZHOU_SCHEME == "https" else 0)
KEZHOU_RESERVED_TENANT = "ops"
DEBUG = env.bool("KEZHOU_DEBUG", default=False)
SECRET_KEY = env.str("KEZHOU_SECRET_KEY", default="")
ALLOWED_HOSTS = [f".{KEZHOU_BASE_DOMAIN}", *KEZHOU_PUBLIC_HOSTS]

# -- apps: each lives either in the shared schema or in the tenants' ------------------------------------------------


def _present(names: list[str]) -> list[str]:
    """Those whose package can be imported by now."""
    return [name for name in names if importlib.util.find_spec(name) is not None]


LIBRARY_APPS = [  # without tables
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
]
SHARED_APPS = _present(["tenants", "billing.apps"])
SHARED_APPS = [name.removesuffix(".apps") for name in SHARED_APPS]
TENANT_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "allauth",
    "allauth.account",
    *[
        name
        for name in (
            "kezhou.records",
            "kezhou.parameters",
            "kezhou.access",
            "kezhou.jobs",
            "kezhou.files",
            "kezhou.finding",
            "kezhou.notify",
            "kezhou.assignments",
            "kezhou.comments",
            "kezhou.drafts",
            "kezhou.exchange",
            "kezhou.backups",
            "kezhou.api",
            "kezhou.web",
        )
        if (SOURCE / name.removeprefix("kezhou.") / "apps.py").exists()
    ],
]
PLUGIN_APPS = list(plugin_apps())
INSTALLED_APPS = [*LIBRARY_APPS, *SHARED_APPS, *TENANT_APPS, *PLUGIN_APPS]
TENANT_MODEL = "tenants.Tenant"
TENANT_DOMAIN_MODEL = "tenants.Domain"
PUBLIC_SCHEMA_NAME = "public"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- database ------------------------------------------------------------------------------------------------------


def _database(url: str, *, pooled: bool) -> dict[str, object]:
    settings: dict[str, Any] = environ.Env.db_url_config(url)
    settings["ENGINE"] = "tenants.backend"
    # A new connection names no schema at all; the backend names one when a statement runs (tenants.context).
    # A pooler in front (pgbouncer) takes no options: there the role itself has an empty path, by ALTER ROLE.
    empty_path = {} if env.bool("KEZHOU_POOLER", default=False) else {"options": "-c search_path="}
    settings["OPTIONS"] = {**empty_path, **settings.get("OPTIONS", {})}
    settings["DISABLE_SERVER_SIDE_CURSORS"] = True
    if env.bool("KEZHOU_PREPARED", default=False):
        settings["OPTIONS"] |= {"server_side_binding": True, "prepare_threshold": 3}
    settings["CONN_MAX_AGE"] = 0
    # A restarted server is noticed before a request meets it; connections of a pool are looked at by `tenants.backend`.
    settings["CONN_HEALTH_CHECKS"] = not pooled
    if pooled:
        from tenants.backend.pool import pool_options  # only needed with a pool

        settings["OPTIONS"]["pool"] = pool_options(
            smallest=env.int("KEZHOU_POOL_MIN", default=1), largest=env.int("KEZHOU_POOL_MAX", default=8)
        )
    return settings


DATABASE_URL = env.str("DATABASE_URL", default="postgres://kezhou@127.0.0.1:5432/kezhou")
# Past a pooler, for what needs a session of its own: concurrent index builds, pg_dump.
DATABASE_DIRECT_URL = env.str("DATABASE_DIRECT_URL", default=DATABASE_URL)
# Which pg_dump writes snapshots: the embedded server's, unless one of the server's version is named.
KEZHOU_PG_DUMP = env.str("KEZHOU_PG_DUMP", default="")
DATABASES = {"default": _database(DATABASE_URL, pooled=env.bool("KEZHOU_POOL", default=True))}
DATABASE_ROUTERS = ["tenants.router.Router"]
ATOMIC_REQUESTS = False

# -- broker and cache ----------------------------------------------------------------------------------------------

BROKER_URL = env.str("BROKER_URL", default="redis://127.0.0.1:6379/0")
CACHE_URL = env.str("CACHE_URL", default="redis://127.0.0.1:6379/1")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CACHE_URL,
        "KEY_PREFIX": "kz",
        "KEY_FUNCTION": "tenants.cache.key",
    }
}

# Tasks: kezhou.celery reads these; the schedule is code (kezhou/schedule.py).
CELERY = {
    "broker_url": BROKER_URL,
    "broker_connection_retry_on_startup": True,
    "task_default_queue": env.str("KEZHOU_QUEUE", default="kezhou"),
    "broker_transport_options": {"visibility_timeout": 3600},
    "task_ignore_result": True,
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "worker_prefetch_multiplier": 1,
    "worker_hijack_root_logger": False,
    "beat_scheduler": "kezhou.celery.CodeScheduler",
    "beat_schedule_filename": str(KEZHOU_HOME / "schedule"),
    "timezone": "UTC",
}

# -- the web -------------------------------------------------------------------------------------------------------

ROOT_URLCONF = "kezhou.urls"
PUBLIC_URLCONF = "kezhou.web.public.urls"
WSGI_APPLICATION = "kezhou.wsgi.application"
MIDDLEWARE = [
    "kezhou.access.client_address.ClientAddress",
    "django.middleware.security.SecurityMiddleware",
    "kezhou.web.csp.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "kezhou.web.compression.Compression",
    "tenants.middleware.TenantMiddleware",
    "kezhou.entrances.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "kezhou.web.language.Language",
]
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = KEZHOU_SCHEME == "https"
CSRF_FAILURE_VIEW = "kezhou.web.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
if KEZHOU_SCHEME == "https":
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "kezhou.web.context.frame",
            ],
            "builtins": ["kezhou.web.templatetags.kezhou", "kezhou.web.templatetags.addresses"],
            "libraries": {"i18n": "kezhou.web.templatetags.texts"},
        },
    }
]
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("KEZHOU_STATIC_ROOT", default=str(KEZHOU_HOME / "static")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
# Names that hold the hash of the content: those of the manifest, and what bundles share (kezhou.local.bundling).
WHITENOISE_IMMUTABLE_FILE_TEST = r"(^.+\.[0-9a-f]{12}\..+$)|(/shared-[A-Z0-9]{8}\.js$)"

# -- language and time ---------------------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("zh-hant", _("繁体中文")), ("en", _("英语"))]
LOCALE_PATHS = [SOURCE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"  # the tenant's own zone is put in its place when it is entered

# -- accounts ------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "access.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]

SESSION_COOKIE_AGE = 7 * 24 * 3600
ACCOUNT_ADAPTER = "kezhou.access.adapter.Adapter"
ACCOUNT_LOGIN_METHODS = {"username", "email", "phone"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "phone", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = None
PASSWORD_RESET_TIMEOUT = 2 * 3600  # as the letter says (kezhou.access.password_resets)
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "reset_password": "20/m/ip"}
KEZHOU_SMS_URL = env.str("KEZHOU_SMS_URL", default="")

# -- payment (docs/operators.md) -----------------------------------------------------------------------------------

STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default="")
STRIPE_WEBHOOK_SECRET = env.str("STRIPE_WEBHOOK_SECRET", default="")
STRIPE_API_BASE = env.str("STRIPE_API_BASE", default="")

# -- letters -------------------------------------------------------------------------------------------------------

EMAIL_URL = env.str("EMAIL_URL", default="")
if EMAIL_URL:
    vars().update(environ.Env.email_url_config(EMAIL_URL))
else:
    EMAIL_BACKEND = "kezhou.local.mail.EmailBackend"
DEFAULT_FROM_EMAIL = env.str("KEZHOU_MAIL_FROM", default=f"客舟 <no-reply@{KEZHOU_BASE_DOMAIN}>")

# -- logs ----------------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"tenant": {"()": "tenants.log.TenantFilter"}},
    "formatters": {"line": {"format": "{asctime} {levelname} [{tenant}] {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["tenant"], "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("KEZHOU_LOG_LEVEL", default="INFO")},
}

# -- REST ----------------------------------------------------------------------------------------------------------

REST_FRAMEWORK: dict[str, object] = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "UNAUTHENTICATED_USER": None,
}
