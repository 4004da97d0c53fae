"""Real servers and processes in folders of their own; nothing here uses the servers of the other tests."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import psutil
import pytest

from kezhou.local.postgres import Postgres
from kezhou.local.service_user import ServiceUser
from kezhou.local.valkey import Valkey
from kezhou.testing import services


def new_place() -> Path:
    """A short folder that every user may enter: as root the services run as somebody else.

    In memory where there is room and programs may be run from there: a server is 2,000 files, which a disk makes slowly.
    """
    _give_back()
    is_quick = services.has_room() and not os.statvfs(services.MEMORY).f_flag & os.ST_NOEXEC
    place = Path(tempfile.mkdtemp(prefix=f"kz-{os.getpid()}-", dir=services.MEMORY if is_quick else "/tmp"))
    place.chmod(0o755)
    return place


@lru_cache(maxsize=1)
def _give_back() -> None:
    """End and delete what test runs left in memory that were killed: it would stay there for good."""
    found = [place for place in services.MEMORY.glob("kz-*-*") if place.is_dir()]
    for place in found:
        if not psutil.pid_exists(int(place.name.split("-")[1])):
            for process in psutil.process_iter(["cwd"]):
                if str(process.info["cwd"]).startswith(f"{place}/"):
                    process.kill()
            shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def home() -> Iterator[Path]:
    place = new_place()
    yield place / "home"
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def postgres(home: Path) -> Iterator[Postgres]:
    server = Postgres(home, durable=False)
    yield server
    server.remove()


@pytest.fixture
def valkey(home: Path) -> Iterator[Valkey]:
    server = Valkey(home)
    yield server
    server.remove()


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user or mount a small disk")


def as_user(user: ServiceUser, arguments: list[str], home: Path) -> "subprocess.CompletedProcess[str]":
    """Run Python as another user, with an interpreter that this user may execute."""
    own = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for program in (sys.executable, shutil.which(own, path=os.defpath) or ""):
        if program and user.can_enter(Path(program).resolve().parent):
            break
    else:
        pytest.skip(f"no {own} on this machine that the user {user.name} may execute")
    path = os.pathsep.join(place for place in sys.path if place)
    return subprocess.run(
        [program, *arguments],
        user=user.uid,
        group=user.gid,
        extra_groups=[],
        cwd=home,
        env={"PATH": os.defpath, "HOME": str(home), "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
