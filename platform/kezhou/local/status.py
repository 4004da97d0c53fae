"""`kezhou status`: what runs, where, and how far behind it is."""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

import psutil
import psycopg
import redis

from kezhou.local import programs, service
from kezhou.local.installation import Installation
from kezhou.local.valkey import BROKER


@dataclass(frozen=True, kw_only=True)
class Process:
    """One supervised process; ``memory`` is the proportional set size of its whole group, in bytes."""

    name: str
    state: str
    pid: int | None
    seconds: float
    restarts: int
    memory: int


@dataclass(frozen=True, kw_only=True)
class Status:
    """Everything `kezhou status --json` prints, under the same names."""

    running: bool
    home: str
    address: str
    health: bool
    ports: Mapping[str, int] = field(default_factory=dict)
    processes: tuple[Process, ...] = ()
    queues: Mapping[str, int] = field(default_factory=dict)
    consumers: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def status(installation: Installation) -> Status:
    """Look at the processes, the servers and the queues; nothing is started for it."""
    choices, problems = installation.choices, list[str]()
    if not installation.exists:
        return Status(running=False, home=str(installation.home), address=choices.address, health=False)
    running = installation.runs() and installation.state.exists()
    postgres, valkey = installation.postgres().address(), installation.valkey().address()
    ports = {"web": choices.port} if running else {}
    if postgres is not None:
        ports["postgres"] = postgres.port
    if valkey is not None:
        ports["valkey"] = valkey.port
    healthy = running and programs.health(choices.host, choices.port)
    if running and not healthy:
        problems.append(f"The web process does not answer on port {choices.port}.")
    queues, consumers = _queues(installation, problems), _consumers(installation, problems)
    return Status(
        running=running,
        home=str(installation.home),
        address=choices.address,
        health=healthy,
        ports=ports,
        processes=_processes(installation) if running else (),
        queues=queues,
        consumers=consumers,
        problems=tuple(problems),
    )


def as_json(found: Status) -> str:
    return json.dumps(asdict(found), ensure_ascii=False, indent=1)


def as_text(found: Status) -> str:
    """A page for people."""
    lines = [f"Kezhou {'runs at ' + found.address if found.running else 'does not run'} ({found.home})"]
    if found.processes:
        lines += ["", f"{'process':<11}{'state':<10}{'pid':>8}{'memory':>10}{'restarts':>10}  since"]
    for process in found.processes:
        lines.append(
            f"{process.name:<11}{process.state:<10}{process.pid or '-':>8}{process.memory / 2**20:>7.0f} MB"
            f"{process.restarts:>10}  {_span(process.seconds)}"
        )
    if found.ports:
        lines += ["", "Ports: " + ", ".join(f"{name} {port}" for name, port in found.ports.items())]
    for name, length in found.queues.items():
        lines.append(f"Queue {name}: {length} waiting")
    for name, lag in found.consumers.items():
        lines.append(f"Consumer {name}: {lag['events']} events behind, {lag['seconds']} s{_problem_of(lag)}")
    return "\n".join([*lines, *found.problems])


def _problem_of(lag: Mapping[str, object]) -> str:
    return f" ({lag['problem']})" if lag["problem"] else ""


def _processes(installation: Installation) -> tuple[Process, ...]:
    try:
        known = json.loads(installation.state.read_text(encoding="utf-8"))["processes"]
    except (OSError, ValueError, KeyError):
        return ()
    now = time.time()
    rows = [("supervisor", "running", _supervisor_pid(installation), now, 0)]
    rows += [(one["name"], one["state"], one["pid"], one["since"], one["restarts"]) for one in known]
    return tuple(
        Process(
            name=name,
            state=state if pid is not None and service.is_alive(pid) else "ended",
            pid=pid,
            seconds=round(now - (_started(pid) or since), 1),
            restarts=restarts,
            memory=_memory(pid, whole_group=name != "supervisor"),
        )
        for name, state, pid, since, restarts in rows
    )


def _supervisor_pid(installation: Installation) -> int | None:
    try:
        pid = json.loads(installation.state.read_text(encoding="utf-8"))["pid"]
    except (OSError, ValueError, KeyError):
        return None
    return int(pid)


def _started(pid: int | None) -> float | None:
    try:
        return psutil.Process(pid).create_time() if pid is not None else None
    except psutil.Error:
        return None


def _memory(pid: int | None, *, whole_group: bool) -> int:
    if pid is None:
        return 0
    try:
        process = psutil.Process(pid)
        members = [process, *process.children(recursive=True)] if whole_group else [process]
    except psutil.Error:
        return 0
    total = 0
    for member in members:
        try:
            total += member.memory_full_info().pss
        except psutil.Error:
            continue
    return total


def _queues(installation: Installation, problems: list[str]) -> dict[str, int]:
    """Messages waiting per queue, and those that a worker has taken and not yet confirmed."""
    address = installation.valkey()
    if address.address() is None:
        return {}
    client = redis.Redis.from_url(address.url(BROKER), socket_timeout=2, decode_responses=True)
    try:
        names = {"celery"}
        for key in client.scan_iter("_kombu.binding.*", count=500):
            names.update(str(member).rsplit("\x06\x16", 1)[-1] for member in client.smembers(key))
        waiting = {name: int(client.llen(name)) for name in sorted(names) if client.type(name) in {"list", "none"}}
        return {name: length for name, length in waiting.items() if _is_work(name)} | {
            "taken": int(client.hlen("unacked"))
        }
    except redis.RedisError as problem:
        problems.append(f"Valkey does not answer: {problem}.")
        return {}
    finally:
        client.close()


def _is_work(name: str) -> bool:
    return not name.startswith("celeryev") and not name.endswith(".pidbox")


def _consumers(installation: Installation, problems: list[str]) -> dict[str, dict[str, object]]:
    """The outbox's consumers, the indexer first of all, by plain SQL: loading the application takes seconds."""
    server = installation.postgres()
    if server.address() is None:
        return {}
    statement = (
        "SELECT c.consumer, count(e.id), coalesce(extract(epoch FROM now() - min(e.moment)), 0), max(c.problem)"
        " FROM public.tenants_outboxcursor c LEFT JOIN public.tenants_outboxevent e"
        " ON e.lane = c.lane AND (e.xid, e.id) > (c.xid, c.event) GROUP BY c.consumer ORDER BY c.consumer"
    )
    try:
        with psycopg.connect(server.url("kezhou"), autocommit=True, connect_timeout=2) as connection:
            rows = connection.execute(statement).fetchall()
    except psycopg.errors.UndefinedTable:
        return {}
    except psycopg.Error as problem:
        problems.append(f"PostgreSQL does not answer: {problem}.")
        return {}
    return {
        name: {"events": events, "seconds": round(float(seconds), 1), "problem": problem or ""}
        for name, events, seconds, problem in rows
    }


def _span(seconds: float) -> str:
    whole = int(seconds)
    days, hours, minutes = whole // 86400, whole // 3600 % 24, whole // 60 % 60
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {whole % 60} s"
