"""Whether the data need preparing at all: a second start on the same day with the same code has nothing to do.

The preparation loads the whole application only to find that out, which is most of a second start. So it leaves a
mark of everything that could give it work: migrations, static files, catalogues, plugins, choices and the day (the
demo company's dates are relative to it).
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import entry_points, version
from importlib.util import find_spec
from pathlib import Path

from kezhou.local.installation import Installation

PACKAGES = ("kezhou", "tenants", "billing", "search", "portal", "plugins")
FOLDERS = ("migrations", "static", "locale")


def is_prepared(installation: Installation) -> bool:
    """Whether the last preparation succeeded and nothing has changed since."""
    try:
        return _mark(installation).read_text(encoding="utf-8") == fingerprint(installation)
    except OSError:
        return False


def note(installation: Installation) -> None:
    """Called at the end of a preparation that left nothing undone."""
    path = _mark(installation)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(fingerprint(installation), encoding="utf-8")


def forget(installation: Installation) -> None:
    """The data became others: prepare them at the next start."""
    _mark(installation).unlink(missing_ok=True)


def fingerprint(installation: Installation) -> str:
    """Of the code, the choices and the day."""
    digest = hashlib.sha256(f"{version('kezhou')} {installation.choices} {datetime.now(UTC).date()}\n".encode())
    demo = installation.home / "demo.json"  # changes when somebody removes the demo company
    digest.update(demo.read_bytes() if demo.exists() else b"")
    for entry in sorted(entry_points(group="kezhou.plugins"), key=lambda entry: entry.name):
        digest.update(f"{entry.name} {entry.dist.version if entry.dist else ''}\n".encode())
    for path in _files():
        facts = path.stat()
        digest.update(f"{path} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _files() -> Iterator[Path]:
    names = {*PACKAGES, *(entry.module.split(".")[0] for entry in entry_points(group="kezhou.plugins"))}
    for name in sorted(names):
        found = find_spec(name)
        for place in sorted(found.submodule_search_locations or ()) if found else ():
            for folder in FOLDERS:
                for part in sorted(Path(place).rglob(folder)):
                    yield from sorted(path for path in part.rglob("*") if path.is_file() and path.suffix != ".pyc")


def _mark(installation: Installation) -> Path:
    return installation.home / "run" / "prepared"
