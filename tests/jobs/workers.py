"""Real Celery workers for tests."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

START = (
    "import django; django.setup(); import tests.jobs.kinds; from kezhou.celery import app;"
    "app.worker_main(['worker', '-c', '2', '--loglevel', 'WARNING', '--without-gossip', '--without-mingle'])"
)


@contextmanager
def worker(environment: Mapping[str, str]) -> "Iterator[subprocess.Popen[bytes]]":
    """A worker process and its children, all gone at the end."""
    process = subprocess.Popen([sys.executable, "-c", START], env=dict(environment), start_new_session=True)
    try:
        yield process
    finally:
        kill(process)


def kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill a worker and its children without a word, as a power failure would."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)


def wait_for(condition: Callable[[], bool], *, seconds: float = 40.0) -> None:
    """Poll till the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.05)
