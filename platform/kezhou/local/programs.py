"""The processes of one installation: what each is called with, and how one knows that it is ready."""

import http.client
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from kezhou.local import ports
from kezhou.local.installation import INSTANCE_MARK, Installation
from kezhou.local.postgres import Postgres
from kezhou.local.supervisor import Program, command
from kezhou.local.valkey import Valkey

HEALTH = "/-/health"
WEB_PROCESSES, WEB_THREADS = 2, 4
WORKER_PROCESSES = 2


@dataclass(frozen=True, kw_only=True)
class Services:
    """The two services and the programs that run them."""

    postgres: Postgres
    valkey: Valkey

    @classmethod
    def of(cls, installation: Installation) -> "Services":
        return cls(postgres=installation.postgres(), valkey=installation.valkey())

    def programs(self) -> tuple[Program, Program]:
        return (
            Program(
                name="postgres", start=self.postgres.start_as_child, ready=self.postgres.ready,
                stop_signal=signal.SIGINT, patience=60, layer=0,
            ),
            Program(name="valkey", start=self.valkey.start_as_child, ready=self.valkey.ready, patience=15, layer=0),
        )  # fmt: skip


def child_environment(installation: Installation) -> dict[str, str]:
    """The folder's settings, what the operator's shell has, the installation's own, and the mark to find leftovers by."""
    own = {INSTANCE_MARK: str(installation.home), "PYTHONUNBUFFERED": "1"}
    return {**installation.settings(), **os.environ, **installation.environment(), **own}


def bootstrap(installation: Installation, environment: Mapping[str, str]) -> Program:
    """The preparation of the data: ends by itself."""
    return _python(installation, "bootstrap", "-m", "kezhou.cli", "bootstrap", environment=environment)


def applications(installation: Installation, environment: Mapping[str, str]) -> tuple[Program, ...]:
    """Web, worker, scheduler and indexer."""
    choices = installation.choices

    def answers() -> bool:
        return health(choices.host, choices.port)

    web = _python(
        installation, "web", "-m", "granian", "--interface", "wsgi",
        "--host", choices.host, "--port", str(choices.port),
        # Two bounds keep the threads below the connection pool. Without the third an early SIGTERM hangs for good, and
        # a client that never finishes its request holds up every stop.
        "--workers", str(WEB_PROCESSES), "--blocking-threads", str(WEB_THREADS), "--backpressure", "64",
        "--workers-kill-timeout", "2", "--respawn-failed-workers", "--no-ws", "--log-level", "warning",
        "kezhou.wsgi:application", environment=environment,
    )  # fmt: skip
    worker = _python(
        # As root Celery warns at each start, although what it warns of (pickled messages) is switched off.
        installation, "worker", "-W", "ignore:You're running the worker with superuser privileges", "-m", "celery", "--quiet", "-A", "kezhou.celery", "worker", "--pool", "prefork",
        "--concurrency", str(WORKER_PROCESSES), "--loglevel", "INFO", "--without-gossip", "--without-mingle",
        environment=environment,
    )  # fmt: skip
    scheduler = _python(
        installation, "scheduler", "-m", "celery", "--quiet", "-A", "kezhou.celery", "beat", "--loglevel", "INFO",
        "--schedule", str(installation.home / "run" / "schedule"), "--pidfile", "", environment=environment,
    )  # fmt: skip
    indexer = _python(installation, "indexer", "-m", "kezhou.cli", "search", "index", environment=environment)
    return (
        Program(name="web", start=web.start, ready=answers, patience=8),
        Program(name="worker", start=worker.start, patience=20),
        scheduler,
        indexer,
    )


def health(host: str, port: int) -> bool:
    """Whether the web process answers; asked by address, because Python does not resolve *.localhost."""
    connection = http.client.HTTPConnection(ports.LOOPBACK if host == "0.0.0.0" else host, port, timeout=2)  # noqa: S104
    try:
        connection.request("GET", HEALTH)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _python(installation: Installation, name: str, *arguments: str, environment: Mapping[str, str]) -> Program:
    start = command([sys.executable, *arguments], environment=environment, folder=installation.home)
    return Program(name=name, start=start)
