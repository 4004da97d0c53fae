"""Signs of life of processes that answer no requests: a file each, touched while the process does its turns."""

import os
import time
from contextlib import suppress
from pathlib import Path

EVERY = 5.0
_touched: dict[str, float] = {}


def note(role: str) -> None:
    """Say that this process lives; cheap enough for every turn. A full disk does not stop the process."""
    now = time.monotonic()
    if now - _touched.get(role, -EVERY) < EVERY:
        return
    _touched[role] = now
    path = sign(role)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def sign(role: str) -> Path:
    """The file of a role, in the folder of this machine or container."""
    return Path(os.environ.get("KEZHOU_HOME", ".kezhou")) / "run" / f"{role}.alive"


def lives(role: str, *, within: float) -> bool:
    """Whether the role's process gave a sign of life within so many seconds."""
    try:
        return time.time() - sign(role).stat().st_mtime <= within
    except FileNotFoundError:
        return False
