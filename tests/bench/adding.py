"""Adding a field to a million records, and building an index on them, while people work: rows written, requests held up."""

from __future__ import annotations

import argparse
import json
import threading
import time
from collections.abc import Callable
from typing import Any

from tests.bench.load import Call, Load, beginning, run
from tests.bench.notes import note
from tests.bench.place import Place, inside, plain

TYPE = "customers.customer"
CLIENTS, CHUNK, LONG = 4, 3.0, 1.0


def measure(place: Place, options: argparse.Namespace) -> None:
    """A new field, then the index of it and of a field that every record fills, beside CREATE INDEX on the plain table."""
    facts: dict[str, Any] = inside(place, "tests.bench.million_data", str(options.million))
    facts["salt"] = int(time.time())
    added: dict[str, Any] = inside(place, "tests.bench.adding_inside", "add")
    print(
        f"\na field more on {facts['rows']:,} records: {added['seconds'] * 1000:.0f} ms, rows written {added['written']}"
    )
    note("adding a field", rows=facts["rows"], **added)
    print(f"\n{'':44}{'seconds':>9}{'requests':>10}{'p95 ms':>8}{'longest s':>11}{'over 1 s':>10}{'errors':>8}")
    ours = _ours(facts)
    _say("the same load, nothing else going on", CHUNK * 3, run(place.port, ours, clients=CLIENTS, seconds=CHUNK * 3))
    for title, key in (("index of the new, empty field", added["key"]), ("index of a filled field", facts["filled"])):
        _say(title, *_under(place.port, ours, lambda key=key: inside(place, "tests.bench.adding_inside", "index", key)))  # type: ignore[misc]
    inside(place, "tests.bench.adding_inside", "back", added["key"], facts["filled"])
    with plain(place, "plain_million") as port:
        _say("plain: CREATE INDEX on the same rows", *_under(
            port, _plain, lambda: inside(place, "tests.bench.adding_inside", "plain", facts["filled"])))  # fmt: skip


def _under(port: int, make: Callable[[int], Call], build: Callable[[], dict[str, object]]) -> tuple[float, Load]:
    """Load from before until after something is built: how long that took, and all of the load."""
    loads: list[Load] = []
    done = threading.Event()

    def work() -> None:
        while not done.is_set():
            loads.append(run(port, beginning(make, len(loads) * 20_000), clients=CLIENTS, seconds=CHUNK))

    worker = threading.Thread(target=work)
    worker.start()
    try:
        built = build()
    finally:
        done.set()
        worker.join()
    return float(str(built["seconds"])), Load(
        sum(load.requests for load in loads), sum(load.seconds for load in loads), sum(load.errors for load in loads),
        tuple(latency for load in loads for latency in load.latencies),
        next((load.first_error for load in loads if load.first_error), ""),
    )  # fmt: skip


def _say(title: str, seconds: float, load: Load) -> None:
    longest, late = max(load.latencies), sum(latency > LONG for latency in load.latencies)
    print(
        f"{title:44}{seconds:9.1f}{load.requests:10}{load.percentile(0.95) * 1000:8.0f}{longest:11.2f}{late:10}{load.errors:8}"
        f"  {load.first_error[:200]}"
    )
    note(f"adding: {title}", seconds=seconds, requests=load.requests, p95=load.percentile(0.95), longest=longest,
         late=late, errors=load.errors)  # fmt: skip


def _ours(facts: dict[str, Any]) -> Callable[[int], Call]:
    """A quarter each: page of the list, read one, change one, make one."""
    host = {"Host": f"{facts['slug']}.localhost"}
    page = {**host, "Cookie": f"sessionid={facts['people']['admin']}"}
    api = {**host, "Authorization": f"Bearer {facts['token']}", "Content-Type": "application/json"}

    def make(number: int) -> Call:
        pk = facts["pks"][number % len(facts["pks"])]
        if number % 4 == 0:
            return Call("GET", f"/r/{TYPE}/", page)
        if number % 4 == 1:
            return Call("GET", f"/api/v1/{TYPE}/{pk}", api)
        if number % 4 == 2:
            return Call("PATCH", f"/api/v1/{TYPE}/{pk}", api, json.dumps({"city": f"城市{number}"}).encode())
        body = {"name": f"加字段{facts['salt']}第{number}家公司{time.time_ns()}", "city": "成都"}
        return Call("POST", f"/api/v1/{TYPE}/", api, json.dumps(body).encode())

    return make


def _plain(number: int) -> Call:
    """Half reading, half changing."""
    path, headers = f"/api/companies/{number % 5000 + 1}/", {"Content-Type": "application/json"}
    if number % 2:
        return Call("GET", path, headers)
    return Call("PATCH", path, headers, json.dumps({"city": f"城市{number}"}).encode())
