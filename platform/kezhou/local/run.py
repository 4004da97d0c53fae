"""`kezhou run`: everything on one machine, from an empty folder to a printed address, and back down on Ctrl-C."""

import json
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kezhou.local import checks, leftovers, prepared, programs
from kezhou.local.installation import DATABASE, Installation
from kezhou.local.logs import Console
from kezhou.local.messages import Follower, Message
from kezhou.local.problems import LocalProblem
from kezhou.local.supervisor import Interrupted, Supervisor

# Everyday lines stay in the log files; warnings, errors and whatever else a process says come to the console.
_EVERYDAY = re.compile(
    r"\b(INFO|DEBUG|LOG|HINT|STATEMENT)\b"
    r"|FATAL:  the database system is (starting up|shutting down)"  # our own question whether it is ready
    r"|^\d+:(\w \d+ \w+ \d{4} [\d:.]+ [*.#-]|signal-handler) "  # Valkey
    r"|^worker: (Warm|Cold) shutdown|Killing worker-\d+ after it refused"  # the stop goes on
)


@dataclass(frozen=True, kw_only=True)
class Login:
    """One sign-in of the demo company, as the preparation reports it."""

    title: str
    address: str
    login: str
    password: str


def run(installation: Installation, console: Console, *, needed_disk: int | None = None) -> int:
    """Run until stopped; returns the exit code.

    Raises:
        LocalProblem: it cannot start; whatever had been started is stopped again.
    """
    begun = time.monotonic()
    checks.check_folder(installation.home)
    checks.check_disk(installation.home, is_new=not installation.exists, needed=needed_disk)
    with installation.alone("run"):
        found = leftovers.end(installation.home)
        if found:
            console.say(f"Ended {found} processes that an earlier start had left behind.")
        checks.check_web_port(installation.choices.port, installation.choices.host)
        warning = checks.domain_warning(installation.choices.base_domain, installation.choices.host)
        installation.save()
        supervisor = Supervisor(
            console, log_folder=installation.logs, state_file=installation.state, facts=_facts(installation)
        )
        supervisor.listen_to_signals()
        try:
            _start(installation, supervisor, console)
            _announce(installation, console, seconds=time.monotonic() - begun, warning=warning)
            supervisor.watch()
        except Interrupted:
            pass
        finally:
            console.say("Stopping ...")
            supervisor.stop()
            console.say("Stopped.")
    return 0


def _start(installation: Installation, supervisor: Supervisor, console: Console) -> None:
    services = programs.Services.of(installation)
    for program, title in zip(services.programs(), ("PostgreSQL", "Valkey"), strict=True):
        console.say(f"Starting {title} ...")
        supervisor.launch(program)
    is_new = services.postgres.ensure_database(DATABASE)
    environment = programs.child_environment(installation)
    if is_new or not prepared.is_prepared(installation):
        _prepare(installation, supervisor, console, environment)
    follower = Follower(installation.messages, lambda message: _show(console, message))
    supervisor.every_turn.append(follower.look)
    console.say("Starting web, worker, scheduler and indexer ...")
    web, *others = programs.applications(installation, environment)
    supervisor.launch(web)  # alone, because people wait for it; the others need not be ready to be of use
    supervisor.launch(*others)


def _prepare(
    installation: Installation, supervisor: Supervisor, console: Console, environment: Mapping[str, str]
) -> None:
    console.say("Preparing the data ...")
    prepared.forget(installation)
    code = supervisor.run_to_end("bootstrap", programs.bootstrap(installation, environment).start)
    if code != 0:
        raise LocalProblem(
            f"The data could not be prepared; what was said is above and in {installation.logs / 'bootstrap.log'}. "
            "Nothing is half-done: the next start tries again."
        )


def everyday(line: str) -> bool:
    """Whether a process's line is only for its log file."""
    return _EVERYDAY.search(line[:120]) is not None


def _announce(installation: Installation, console: Console, *, seconds: float, warning: str | None) -> None:
    console.say()
    console.say(f"Kezhou runs at {installation.choices.address} (ready after {seconds:.0f} s; Ctrl-C stops it)")
    logins = read_logins(installation.home)
    if logins:
        console.say()
        console.say("Demo company:")
        for login in logins:
            console.say(f"  {login.title}: {login.address}  {login.login} / {login.password}")
    if warning:
        console.say()
        console.say(warning)
    console.say()


def _show(console: Console, message: Message) -> None:
    console.say()
    console.say(f"[{message.channel}] {message.to}: {message.subject}")
    for line in message.text.strip().splitlines():
        console.say(f"    {line}")
    console.say()


def logins_file(home: Path) -> Path:
    return home / "run" / "logins.json"


def read_logins(home: Path) -> list[Login]:
    """The demo company's sign-ins; empty without a demo company."""
    try:
        return [Login(**values) for values in json.loads(logins_file(home).read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return []


def _facts(installation: Installation) -> dict[str, object]:
    return {
        "address": installation.choices.address,
        "home": str(installation.home),
        "port": installation.choices.port,
        "pid": os.getpid(),
    }
