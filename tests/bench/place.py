"""An installation of its own for the benchmarks, started by the command that users type.

It lies under build/bench and answers on port 8790 and the next ones; `KEZHOU_BENCH_HOME` and `KEZHOU_BENCH_PORT` say otherwise, so that
what is large is built once and kept outside the repository.
"""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
HOME = Path(os.environ.get("KEZHOU_BENCH_HOME") or ROOT / "build" / "bench")
PORT = int(os.environ.get("KEZHOU_BENCH_PORT") or 8790)
PLAIN_PORT = PORT + 1
KEZHOU = str(Path(sys.executable).with_name("kezhou"))


@dataclass(frozen=True)
class Place:
    """A running installation: its folder, port, process and the environment of its children."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]
    started_in: float

    @property
    def environment(self) -> dict[str, str]:
        """The variables under which another process works on the same data."""
        from kezhou.local.installation import Installation

        found = Installation.open(self.home, port=self.port).environment()
        return {**_bare_environment(), **found, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"}

    def memory(self) -> Mapping[str, float]:
        """Proportional set size of every process of the installation, in MiB, summed by command."""
        found: dict[str, float] = {}
        for process in [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]:
            name = _role(process.cmdline())
            found[name] = found.get(name, 0.0) + process.memory_full_info().pss / 2**20
        return found


def _bare_environment() -> dict[str, str]:
    """What a user's shell has: nothing of a test session's settings."""
    kept = os.environ.get("KEZHOU_BENCH_KEEP", "").split(",")
    return {
        name: value
        for name, value in os.environ.items()
        if name in kept
        or (
            not name.startswith(("KEZHOU_", "DJANGO_", "DATABASE_"))
            and name not in {"BROKER_URL", "CACHE_URL", "EMAIL_URL"}
        )
    }


def _role(command: list[str]) -> str:
    line = " ".join(command)
    for role in ("postgres", "valkey", "granian", "celery.*beat", "celery.*worker", "search index", "kezhou run"):
        if re.search(role, line):
            return role.rpartition("*")[2] or role
    return "other"


@contextmanager
def running(home: Path = HOME, port: int = PORT) -> Iterator[Place]:
    """Start it, give it, stop it by Ctrl-C. Raises RuntimeError with the last lines when it does not come up."""
    if answers(port):
        raise RuntimeError(f"Something answers on port {port} already; stop it first.")
    home.mkdir(parents=True, exist_ok=True)
    log = (home.parent / f"{home.name}.log").open("wb")
    begun = time.perf_counter()
    process = subprocess.Popen(
        [KEZHOU, "run", "--home", str(home), "--port", str(port)],
        stdout=log,
        stderr=log,
        env=_bare_environment(),
        start_new_session=True,
    )
    try:
        while not answers(port):
            if process.poll() is not None or time.perf_counter() - begun > 180:
                text = Path(log.name).read_text("utf-8", "replace")
                raise RuntimeError(f"Kezhou did not come up on port {port}:\n{text[-3000:]}")
            time.sleep(0.05)
        yield Place(home, port, process, time.perf_counter() - begun)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        log.close()


@contextmanager
def plain(place: Place, schema: str = "plain") -> Iterator[int]:
    """The baseline over the table in `schema`, under the same server with the same processes and threads, on the same
    PostgreSQL. Gives its port.
    """
    environment = {**place.environment, **plain_variables(place, schema)}
    process = subprocess.Popen(
        [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(PLAIN_PORT),
            "--workers", "2", "--blocking-threads", "4", "--backpressure", "64", "--workers-kill-timeout", "3",
            "--no-ws", "--log-level", "warning", "tests.bench.plain.wsgi:application",
        ],
        cwd=ROOT, env=environment,
    )  # fmt: skip
    try:
        until = time.perf_counter() + 30
        while not answers(PLAIN_PORT, path="/api/"):
            if time.perf_counter() > until:
                raise RuntimeError("The plain baseline did not come up.")
            time.sleep(0.05)
        yield PLAIN_PORT
    finally:
        process.terminate()
        process.wait(20)


def plain_variables(place: Place, schema: str = "plain") -> dict[str, str]:
    """What makes a process of the installation one of the baseline."""
    from kezhou.local.installation import DATABASE, Installation

    return {
        "PLAIN_DATABASE_URL": Installation.open(place.home, port=place.port).postgres().url(DATABASE),
        "PLAIN_SCHEMA": schema,
        "DJANGO_SETTINGS_MODULE": "tests.bench.plain.settings",
    }


def answers(port: int, *, path: str = "/-/health") -> bool:
    """Whether something answers 200 there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def inside(place: Place, module: str, *arguments: str, **variables: str) -> dict[str, object]:
    """Run a module of the bench as a process of the installation, with more variables; its last line of output is JSON."""
    found = subprocess.run(
        [sys.executable, "-m", "tests.bench.inside", module, *arguments],
        cwd=ROOT, env={**place.environment, **variables}, stdout=subprocess.PIPE, check=True, text=True,
    )  # fmt: skip
    answer: dict[str, object] = json.loads(found.stdout.strip().splitlines()[-1])
    return answer
