"""The database and cache servers of all test sessions of this checkout: started on demand, kept running.

python -m kezhou.testing.services stop      # what `make clean-test` calls
"""

import secrets
import shutil
import sys
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import psutil

from kezhou.local.postgres import Postgres
from kezhou.local.service_user import service_user
from kezhou.local.valkey import Valkey
from kezhou.testing.settings import TEST_HOME

# One server takes the connections of every test worker of every session on the machine.
POSTGRES_SETTINGS = {
    "max_connections": "200", "shared_buffers": "64MB", "max_locks_per_transaction": "256",
    "wal_level": "minimal", "max_wal_senders": "0", "max_wal_size": "256MB",
}  # fmt: skip
MEMORY = Path("/dev/shm")  # noqa: S108  # folders of our own names in it
ROOM = 3 * 2**30
"""Bytes that must be free in memory; the databases of two workers take about 0.5 GB."""


@lru_cache(maxsize=1)
def postgres() -> Postgres:
    """The running test server."""
    server = Postgres(TEST_HOME, durable=False, settings=POSTGRES_SETTINGS, data=_data())
    server.start()
    return server


@lru_cache(maxsize=1)
def valkey() -> Valkey:
    """The running test cache and broker."""
    server = Valkey(TEST_HOME)
    server.start()
    return server


def stop() -> None:
    """Stop both servers and delete their data."""
    Postgres(TEST_HOME, durable=False, data=_data()).remove()
    if _link().is_symlink():
        shutil.rmtree(_link().readlink(), ignore_errors=True)
        _link().unlink()
    Valkey(TEST_HOME).remove()


# -- data in memory: a copy of a database is 1,500 files, which a disk makes ten times as slowly -----------------------


def _data() -> Path | None:
    """The data folder in memory, or None for one on disk; as it was decided first, for all sessions of this checkout."""
    link = _link()
    if not link.is_symlink():
        if (TEST_HOME / "postgres" / "data").exists() or not has_room():
            return None
        _give_back()
        with suppress(FileExistsError):  # another worker was as quick
            link.symlink_to(MEMORY / f"kezhou-{secrets.token_hex(6)}")
    folder = service_user().folder(link.readlink(), mode=0o755)
    (folder / "link").write_text(str(link), encoding="utf-8")
    return folder / "data"


def _link() -> Path:
    TEST_HOME.mkdir(parents=True, exist_ok=True)
    return TEST_HOME / "memory"


def has_room() -> bool:
    """Whether data of tests may lie in memory."""
    return MEMORY.is_dir() and min(shutil.disk_usage(MEMORY).free, psutil.virtual_memory().available) > ROOM


def _give_back() -> None:
    """End the servers of checkouts that were deleted meanwhile: their data would stay in memory for good."""
    for note in MEMORY.glob("kezhou-*/link"):
        link = Path(note.read_text(encoding="utf-8"))
        if not link.is_symlink() or link.readlink() != note.parent:
            Postgres(TEST_HOME, durable=False, data=note.parent / "data").stop()
            shutil.rmtree(note.parent, ignore_errors=True)


if __name__ == "__main__":
    if sys.argv[1:] != ["stop"]:
        raise SystemExit("Say `stop`: the servers start by themselves.")
    stop()
