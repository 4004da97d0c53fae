"""The layout of the distribution: what would break silently if it slipped."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
TOOLS = Path(sys.executable).parent


def run(*command: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("KEZHOU_", "DJANGO_", "PYTEST"))}
    return subprocess.run(command, cwd=cwd, env=bare, capture_output=True, text=True, check=False)


def test_platform_is_no_package_and_the_standard_library_keeps_its_name() -> None:
    found = run(sys.executable, "-c", "import platform, kezhou; print(platform.system(), platform.__file__)")

    assert not (ROOT / "platform" / "__init__.py").exists()
    assert found.returncode == 0, found.stderr
    assert found.stdout.startswith("Linux ")
    assert str(ROOT) not in found.stdout


def test_the_import_law_holds() -> None:
    found = run(str(TOOLS / "lint-imports"), "--no-cache")

    assert found.returncode == 0, found.stdout


def test_every_plugin_folder_has_an_entry_point() -> None:
    entries = {target.split(".")[1] for target in PROJECT["project"]["entry-points"]["kezhou.plugins"].values()}
    folders = {path.parent.name for path in (ROOT / "plugins").glob("*/plugin.py")}

    assert entries == folders


def test_the_declared_dependencies_are_those_of_the_lock() -> None:
    wanted = [line for line in (ROOT / "requirements" / "base.in").read_text("utf-8").split("\n") if line]

    assert PROJECT["project"]["dependencies"] == wanted


@pytest.mark.parametrize("path", [*sorted((ROOT / "requirements").glob("*.txt")), ROOT / "package-lock.json"], ids=str)
def test_locks_hold_hashes_and_no_address_of_a_registry(path: Path) -> None:
    text = path.read_text("utf-8")

    assert "--hash=sha256:" in text or '"integrity": "sha512-' in text
    assert '"resolved"' not in text
    assert not re.search(r"--(extra-)?index-url|--find-links", text)


def test_there_is_no_second_lock() -> None:
    assert not (ROOT / "uv.lock").exists()


@pytest.mark.parametrize(
    "command", [("ruff", "check", "."), ("ruff", "format", "--check", ".")], ids=["lint", "format"]
)
def test_ruff_is_content(command: tuple[str, ...]) -> None:
    found = run(str(TOOLS / command[0]), *command[1:])

    assert found.returncode == 0, found.stdout


def test_types_are_right() -> None:
    found = run(sys.executable, "-m", "mypy")

    assert found.returncode == 0, found.stdout
