"""What PostgreSQL and Valkey have in common: a process of the services' user with a log and an orderly end."""

import ctypes
import fcntl
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psutil

from kezhou.local.problems import LocalProblem
from kezhou.local.service_user import ServiceUser

PR_SET_PDEATHSIG = 1


def die_with_parent(signal_number: int) -> Callable[[], None]:
    """For ``preexec_fn``: the child gets the signal when the process that started it is gone, however it went."""
    library = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def prepare() -> None:
        library.prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal_number)

    return prepare


def spawn(
    command: Sequence[str],
    *,
    user: ServiceUser,
    folder: Path,
    output: IO[bytes] | int,
    environment: Mapping[str, str] | None = None,
    end_with_parent: int | None = None,
) -> "subprocess.Popen[bytes]":
    """Start a process in a session of its own, as the services' user, with a small, known environment.

    Args:
        output: where standard output and error go (a file, or subprocess.PIPE).
        end_with_parent: the signal the process gets when ours dies; None lets it outlive us.
    """
    return subprocess.Popen(
        list(command),
        user=user.uid,
        group=user.gid,
        extra_groups=[] if user.is_other else None,
        cwd=folder,
        env={"PATH": os.defpath, "HOME": str(folder), "LC_ALL": "C.UTF-8", **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=die_with_parent(end_with_parent) if end_with_parent is not None else None,
    )


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that ended but was not yet collected does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def end(pid: int, signal_number: int, *, patience: float) -> None:
    """Ask a process to end, wait ``patience`` seconds, then kill its whole group."""
    _signal(pid, signal_number)
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if not is_alive(pid):
            return
        time.sleep(0.02)
    try:
        os.killpg(os.getpgid(pid), signal.SIGKILL)
    except ProcessLookupError:
        return
    while is_alive(pid):
        time.sleep(0.02)


def _signal(pid: int, signal_number: int) -> None:
    try:
        os.kill(pid, signal_number)
    except ProcessLookupError:
        return


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Hold a lock file while the block runs: two starters of one service wait for each other."""
    with path.open("ab") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def short_folder(folder: Path, user: ServiceUser) -> Path:
    """The path of a folder with a short name for the Unix sockets of a service whose own folder lies too deep."""
    facts = folder.stat()
    short = Path(tempfile.gettempdir()) / f"kezhou-{facts.st_dev:x}-{facts.st_ino:x}"
    if short.is_symlink() or (short.exists() and short.stat().st_uid not in {os.geteuid(), user.uid}):
        raise LocalProblem(f"{short} belongs to somebody else; remove it, or set TMPDIR to a folder of your own.")
    return short
