"""Under which user the embedded services run, and where that user can keep files.

PostgreSQL refuses to run as root. Started by root, the services run as an unprivileged user that exists on every
machine; nothing outside the services' own folder changes owner or mode.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from kezhou.local.problems import LocalProblem

FALLBACK_ROOT = Path("/var/lib/kezhou")


@dataclass(frozen=True, kw_only=True)
class ServiceUser:
    """The user of the services; ``uid`` and ``gid`` are None when it is the one who started us."""

    name: str
    uid: int | None
    gid: int | None

    @property
    def is_other(self) -> bool:
        return self.uid is not None

    def own(self, path: Path) -> Path:
        """Give one file or folder to the user; nothing to do when we are that user."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)
        return path

    def folder(self, path: Path, *, mode: int = 0o700) -> Path:
        """A folder that belongs to the user, made when missing."""
        path.mkdir(mode=mode, parents=True, exist_ok=True)
        path.chmod(mode)
        return self.own(path)

    def secret_file(self, path: Path, text: str) -> Path:
        """A file readable by the user alone; never world-readable, not even for a moment."""
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        return self.own(path)

    def can_enter(self, folder: Path) -> bool:
        """Whether the user can pass through every parent down to ``folder``."""
        if not self.is_other:
            return os.access(folder, os.X_OK)
        probe = subprocess.run(
            ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)],
            user=self.uid, group=self.gid, extra_groups=[], cwd="/",
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        return probe.returncode == 0


def service_user() -> ServiceUser:
    """The user for the services: ourselves, or as root the one named by KEZHOU_RUN_AS (default ``nobody``)."""
    if os.geteuid() != 0:
        return ServiceUser(name=_own_name(), uid=None, gid=None)
    name = os.environ.get("KEZHOU_RUN_AS", "nobody")
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise LocalProblem(
            f"There is no user {name!r} on this machine to run the database as; set KEZHOU_RUN_AS to one that exists."
        ) from None
    if entry.pw_uid == 0:
        raise LocalProblem(
            "KEZHOU_RUN_AS names root, as which PostgreSQL refuses to run; set it to an ordinary user such as nobody."
        )
    return ServiceUser(name=name, uid=entry.pw_uid, gid=entry.pw_gid)


def service_folder(home: Path, name: str, user: ServiceUser) -> Path:
    """Where the services of ``home`` keep their files: ``home/name``, or a place below /var/lib/kezhou.

    The second is used when root's home is closed to the services' user: opening a closed folder for everybody would
    be wrong, so the data go elsewhere and ``home/name`` becomes a link to them.
    """
    home.mkdir(parents=True, exist_ok=True)
    wanted = home / name
    if wanted.exists():
        return wanted.resolve()
    if not user.is_other or user.can_enter(home):
        _drop_dangling(wanted)
        return user.folder(wanted, mode=0o755).resolve()
    mark = hashlib.sha256(str(wanted.absolute()).encode()).hexdigest()[:12]
    FALLBACK_ROOT.mkdir(mode=0o755, parents=True, exist_ok=True)
    elsewhere = user.folder(FALLBACK_ROOT / mark, mode=0o755)
    _drop_dangling(wanted)
    try:
        wanted.symlink_to(elsewhere)
    except FileExistsError:  # another process of ours was as quick
        return wanted.resolve()
    return elsewhere


def _drop_dangling(link: Path) -> None:
    """Remove a link whose target is gone; a folder that another process has just made stays."""
    if link.is_symlink() and not link.exists():
        link.unlink(missing_ok=True)


def remove_service_folder(home: Path, name: str) -> None:
    """Delete the folder that ``service_folder`` gave, wherever it lies."""
    wanted = home / name
    target = wanted.resolve()
    shutil.rmtree(target, ignore_errors=True)
    wanted.unlink(missing_ok=True)


def _own_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
