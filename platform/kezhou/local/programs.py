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
from kezhou.local.roles import ROLES, Sizes, command_of
from kezhou.local.supervisor import Program, command
from kezhou.local.valkey import Valkey

HEALTH = "/-/health"


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

    sizes = Sizes(host=choices.host, port=choices.port)
    web, worker, scheduler, indexer = (
        command(command_of(role, sizes, home=installation.home), environment=environment, folder=installation.home)
        for role in ROLES
    )
    return (
        Program(name="web", start=web, ready=answers, patience=8),
        Program(name="worker", start=worker, patience=20),
        Program(name="scheduler", start=scheduler),
        Program(name="indexer", start=indexer),
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
