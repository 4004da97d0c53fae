"""The pointer file beside a tenant's indexes, and the lock of their writers."""

from __future__ import annotations

import datetime
import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Live:
    """What the pointer file says."""

    directory: str
    generation: int
    written_at: str
    facts: dict[str, str]


def read_pointer(home: Path) -> Live | None:
    """The pointer of a tenant's folder; None without one or with one that another version wrote."""
    try:
        return Live(**json.loads((home / "live.json").read_text("utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def write_pointer(home: Path, directory: str, generation: int, facts: dict[str, str]) -> None:
    """Renames a new pointer into place: a reader sees the old one or the new one, never half of one."""
    said = json.dumps({"directory": directory, "generation": generation, "written_at": now(), "facts": facts})
    fresh = home / f"live.json.{os.getpid()}"
    fresh.write_text(said, "utf-8")
    fresh.replace(home / "live.json")


class FileLock:
    """A lock of the operating system: a killed process gives it back."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1

    def __enter__(self) -> None:
        fcntl.flock(self._opened(), fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def try_lock(self) -> bool:
        """Takes the lock for the life of the process, if nobody else has it."""
        try:
            fcntl.flock(self._opened(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._descriptor)
            return False
        return True

    def _opened(self) -> int:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        return self._descriptor


def now() -> str:
    """This moment as ISO text."""
    return datetime.datetime.now(datetime.UTC).isoformat()
