"""Our scripts and styles become few files; what is wrong in one is told in a sentence."""

import re
import shutil
from pathlib import Path

import pytest

from kezhou.local import bundling
from kezhou.local.assets import CHECKOUT, STATIC
from kezhou.local.problems import LocalProblem

PACKAGES = CHECKOUT / "node_modules"
pytestmark = pytest.mark.skipif(not PACKAGES.exists(), reason="the front-end packages are not fetched")


@pytest.fixture
def static(tmp_path: Path) -> Path:
    """A copy of the sources."""
    shutil.copytree(STATIC / "kezhou", tmp_path / "kezhou")
    return tmp_path


def test_a_page_needs_few_scripts_and_one_style(static: Path) -> None:
    bundling.bundle(static, PACKAGES)

    assert bundling.is_there(static)
    script = (static / "bundle" / "kezhou.js").read_text("utf-8")
    shared = re.findall(r'from"(.+?)"', script)
    assert 0 < len(shared) <= 3
    assert all(re.fullmatch(r"\./shared-[A-Z0-9]{8}\.js", name) for name in shared)
    assert "@import" not in (static / "bundle" / "frame.css").read_text("utf-8")


def test_an_edit_is_noticed_and_a_mistake_named(static: Path) -> None:
    before = bundling.fingerprint(static)
    bundling.bundle(static, PACKAGES)

    with (static / "kezhou" / "keys.js").open("a", encoding="utf-8") as file:
        file.write("\nconst = 1;\n")

    assert bundling.fingerprint(static) != before
    with pytest.raises(LocalProblem, match=r"esbuild said: .*(\n.*)*keys\.js"):
        bundling.bundle(static, PACKAGES)
    assert bundling.is_there(static), "The bundles that were there stay."
