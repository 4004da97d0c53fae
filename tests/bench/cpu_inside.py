"""CPU per request in this process and in the PostgreSQL processes that serve it; run as a process of the installation.

The rates of a machine that does other things are those of the other things; what a request costs in CPU is not.
"""

from __future__ import annotations

import gc
import importlib
import io
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import psycopg

from tests.bench.load import Call
from tests.bench.requests import cases

WARM, ROUNDS = 24, 5


def main(application: str, which: str, facts: str, number: str) -> dict[str, dict[str, float]]:
    """By figure: milliseconds of CPU of Python and of PostgreSQL, medians of five rounds of `number` requests."""
    known: dict[str, Any] = json.loads(Path(facts).read_text("utf-8"))
    answer: Callable[..., Any] = importlib.import_module(application).application
    found = {}
    for case in cases(known):
        make = getattr(case, which)
        _rounds(answer, make, first=0, number=WARM)
        gc.collect()
        gc.freeze()
        rounds = [_rounds(answer, make, first=WARM + turn * int(number), number=int(number)) for turn in range(ROUNDS)]
        found[case.name] = {key: sorted(one[key] for one in rounds)[ROUNDS // 2] for key in ("python", "postgres")}
    return found


def _rounds(answer: Callable[..., Any], make: Callable[[int], Call], *, first: int, number: int) -> dict[str, float]:
    calls = [environ(make(first + turn)) for turn in range(number)]
    database, begun = _database(), time.thread_time()
    for call in calls:
        send(answer, call)
    return {
        "python": (time.thread_time() - begun) * 1000 / number,
        "postgres": (_database() - database) * 1000 / number,
    }


def send(answer: Callable[..., Any], call: dict[str, Any]) -> bytes:
    """What the application answers; an error of it is raised."""
    statuses: list[str] = []
    body = answer(call, lambda status, _headers: statuses.append(status))
    try:
        text = b"".join(body)
    finally:
        body.close()
    if statuses[0][0] not in "23":
        raise RuntimeError(f"{call['REQUEST_METHOD']} {call['PATH_INFO']}: {statuses[0]} {text[:300]!r}")
    return text


def environ(call: Call) -> dict[str, Any]:
    """The WSGI environment that a server makes of this call."""
    parts, body = urlsplit(call.path), call.body or b""
    headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in call.headers.items()}
    return {
        "REQUEST_METHOD": call.method, "SCRIPT_NAME": "", "PATH_INFO": parts.path, "QUERY_STRING": parts.query,
        "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1", **headers, "CONTENT_TYPE": call.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(body)),
        "HTTP_ACCEPT_ENCODING": "gzip", "wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO(), "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0), "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
    }  # fmt: skip


def _database() -> float:
    """Seconds of CPU of the PostgreSQL processes that serve this one: those with its PGAPPNAME."""
    url = os.environ.get("PLAIN_DATABASE_URL") or os.environ["DATABASE_URL"]
    with psycopg.connect(url) as asking:
        found = asking.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = %s AND pid <> pg_backend_pid()",
            [os.environ["PGAPPNAME"]],
        ).fetchall()
    times = [psutil.Process(pid).cpu_times() for (pid,) in found]
    return sum(time.user + time.system for time in times)
