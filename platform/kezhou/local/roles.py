"""The four processes of Kezhou and how each is called; on one machine the supervisor starts them, in a cluster one container each."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROLES: Mapping[str, str] = {
    "web": "answers browsers and the API",
    "worker": "runs the jobs of the queue",
    "scheduler": "puts the regular jobs into the queue; one is enough",
    "indexer": "brings changes into the search index",
}


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How large a process is. `processes` and `threads` count for web, `jobs` for the worker."""

    host: str = "127.0.0.1"
    port: int = 8000
    processes: int = 2
    threads: int = 4
    jobs: int = 2


def command_of(role: str, sizes: Sizes, *, home: Path) -> list[str]:
    """The command line of one process, whose environment says where the services are."""
    match role:
        case "web":
            return _web(sizes)
        case "worker":
            return _celery("worker", "--pool", "prefork", "--concurrency", str(sizes.jobs), "--without-gossip", "--without-mingle")  # fmt: skip
        case "scheduler":
            return _celery("beat", "--schedule", str(home / "run" / "schedule"), "--pidfile", "")
        case _:
            return [sys.executable, "-m", "kezhou.cli", "search", "index"]


def _web(sizes: Sizes) -> list[str]:
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", sizes.host, "--port", str(sizes.port),
        # Two bounds keep the threads below the connection pool. Without the third an early SIGTERM hangs for good, and
        # a client that never finishes its request holds up every stop.
        "--workers", str(sizes.processes), "--blocking-threads", str(sizes.threads), "--backpressure", "64",
        "--workers-kill-timeout", "2", "--respawn-failed-workers", "--no-ws", "--log-level", "warning",
        "kezhou.wsgi:application",
    ]  # fmt: skip


def _celery(what: str, *options: str) -> list[str]:
    # As root Celery warns at each start, although what it warns of (pickled messages) is switched off.
    warned = ["-W", "ignore:You're running the worker with superuser privileges"]
    return [sys.executable, *warned, "-m", "celery", "--quiet", "-A", "kezhou.celery", what, "--loglevel", "INFO", *options]  # fmt: skip
