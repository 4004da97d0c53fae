"""What `kezhou plugin check` looks at: the part of the quality list that a program can see."""

import ast
import importlib.util
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from kezhou.plugins import manifests
from kezhou.sdk.manifest import Manifest

FORBIDDEN = ("urls.py", "forms.py", "serializers.py", "filters.py", "tables.py", "admin.py", "signals.py", "utils.py")
FRAMEWORK = ("django", "rest_framework")
LONGEST = 500
MANIFEST_MAY_IMPORT = "kezhou.sdk.manifest"


def findings(name: str) -> list[str]:
    """Every objection to a plugin as a sentence; an empty list is what one wants.

    Raises:
        KeyError: no plugin of that name is installed.
    """
    manifest = manifests()[name]
    folder = folder_of(manifest)
    return [
        *_manifest(manifest),
        *_files(folder),
        *(finding for path in _sources(folder) for finding in _imports(path, folder, manifest)),
        *_migrations(name),
    ]


def folder_of(manifest: Manifest) -> Path:
    """Where the plugin's package lies."""
    found = importlib.util.find_spec(manifest.package)
    places = (found.submodule_search_locations if found else None) or []
    return Path(places[0])


def _manifest(manifest: Manifest) -> Iterator[str]:
    if not manifest.title or not manifest.summary:
        yield "The manifest wants a title and a summary: they are what the plugin catalogue shows."
    for needed in (*manifest.requires, *manifest.optional):
        if needed not in manifests():
            yield f"The manifest names the plugin {needed!r}, which is not installed."


def _files(folder: Path) -> Iterator[str]:
    for name in FORBIDDEN:
        if (folder / name).exists():
            yield f"{name} has no place in a plugin: record types and hooks do its work."
    if not any((place / "README.md").exists() for place in (folder, folder.parent)):
        yield "A README.md is missing: what the plugin does and whom it is for."
    for path in _sources(folder):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > LONGEST:
            yield f"{path.relative_to(folder)} has {lines} lines; more than {LONGEST} nobody reads."


def _imports(path: Path, folder: Path, manifest: Manifest) -> Iterator[str]:
    allowed = {f"plugins.{name}.api" for name in manifest.requires}
    allowed |= {f"{manifests()[name].package}.api" for name in manifest.requires if name in manifests()}
    for name in _imported(path):
        here = path.relative_to(folder)
        if name.split(".")[0] == "tenants" or (name.startswith("kezhou.") and not name.startswith("kezhou.sdk")):
            yield f"{here} imports {name}: a plugin imports kezhou.sdk only."
        elif name.startswith("plugins.") and not name.startswith(manifest.package) and name not in allowed:
            yield f"{here} imports {name}: only the api of a required plugin may be imported."
        elif name.startswith(("django.dispatch", "django.db.models.signals", "django.contrib.contenttypes")):
            yield f"{here} imports {name}: behaviour goes through hooks, references through (type key, pk)."
        elif path.name == "plugin.py" and name.split(".")[0] in FRAMEWORK:
            yield f"plugin.py imports {name}: the manifest is read before Django loads, it imports {MANIFEST_MAY_IMPORT}."


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def _migrations(name: str) -> Iterator[str]:
    if not list(apps.get_app_config(name).get_models()):
        return
    loader = MigrationLoader(None)
    wanted = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
    changes = wanted.changes(graph=loader.graph, trim_to_apps={name}, convert_apps={name})
    if changes.get(name):
        yield f"The models have changed and no migration says so: run `kezhou django makemigrations {name}`."


def _sources(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*.py")):
        if not {"migrations", "tests"} & set(path.relative_to(folder).parts):
            yield path
