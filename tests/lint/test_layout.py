"""The layout of the distribution: what would break silently if it slipped."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions
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


def test_nothing_committed_points_out_of_the_repository() -> None:
    """A symbolic link that slipped in replaces built assets in every other checkout."""
    listed = run("git", "ls-files", "--stage").stdout.splitlines()

    assert [line for line in listed if line.startswith("120000")] == []


def test_every_plugin_folder_has_an_entry_point() -> None:
    targets = PROJECT["project"]["entry-points"]["kezhou.plugins"].values()
    entries = {target.split(".")[1] for target in targets if target.startswith("plugins.")}
    folders = {path.parent.name for path in (ROOT / "plugins").glob("*/plugin.py")}

    assert entries == folders


def test_the_declared_dependencies_are_those_of_the_lock() -> None:
    wanted = [line for line in (ROOT / "requirements" / "base.in").read_text("utf-8").split("\n") if line]

    assert PROJECT["project"]["dependencies"] == wanted


OURS = ("kezhou", "tenants", "search", "billing", "portal", "plugins", "kezhou_visas")


def imports(nodes: Iterable[ast.AST]) -> Iterator[tuple[int, str]]:
    """Line and top module of what is imported when the code runs: not what only type checkers read."""
    for node in nodes:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from imports(node.orelse)
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module.split(".")[0]
        yield from imports(ast.iter_child_nodes(node))


def test_what_runs_imports_only_what_every_installation_has() -> None:
    """Tests run with more packages than `make run` installs: a stray import would be seen by users first."""

    def named(text: str) -> str:
        return re.sub(r"[-_.]+", "-", text).lower()

    lock = (ROOT / "requirements" / "base.txt").read_text("utf-8")
    installed = {named(name) for name in re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)}
    of_module = packages_distributions()
    files = [
        file
        for folder in ("platform/kezhou", "tenants", "search", "billing", "portal", "plugins")
        for file in (ROOT / folder).rglob("*.py")
    ]

    strange = [
        f"{file.relative_to(ROOT)}:{line}: {module}"
        for file in files
        if "testing" not in file.parts
        for line, module in imports(ast.parse(file.read_text("utf-8")).body)
        if module not in sys.stdlib_module_names and module not in OURS
        if not {named(name) for name in of_module.get(module, ())} & installed
    ]

    assert len(files) > 500
    assert strange == []


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
