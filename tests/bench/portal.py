"""The portal over HTTP: what somebody of a customer waits for, in a company of 100,000 customers of whom forty have a login.

make bench ARGS="portal"                        home, list of 20, one record, search; four clients
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from tests.bench.load import Call, beginning, run
from tests.bench.notes import note
from tests.bench.place import Place, inside

CLIENTS = 4
ROUNDS = 3
DEAL = "sales.opportunity"
WORDS = ("差旅项目", "同事", "项目1", "差旅", "项目49")


def measure(place: Place, options: argparse.Namespace) -> None:
    """Each page with as many guests as clients ask, the middle of three rounds, and the load of the machine beside it."""
    facts = inside(place, "tests.bench.portal_inside", str(options.rows))
    inside(place, "tests.bench.indexed", str(facts["slug"]))
    guests: list[Mapping[str, Any]] = facts["guests"]  # type: ignore[assignment]  # its answer is JSON
    print(f"\n{options.rows:,} customers, {len(guests)} of them with a login, {CLIENTS} clients\n")
    print(f"{'':24}{'a second':>9}{'p50 ms':>9}{'p95 ms':>9}{'errors':>8}{'load':>7}")
    for name in ("home", "list", "record", "search"):
        loads = [
            run(
                place.port,
                beginning(lambda n, name=name: _call(str(facts["slug"]), guests, name, n), turn * 1_009),
                clients=CLIENTS,
                seconds=options.seconds,
            )
            for turn in range(ROUNDS)
        ]
        middle = sorted(loads, key=lambda load: load.rate)[ROUNDS // 2]
        p50, p95, errors = middle.percentile(0.5), middle.percentile(0.95), sum(load.errors for load in loads)
        busy = os.getloadavg()[0]
        print(f"{name:24}{middle.rate:9.0f}{p50 * 1000:9.1f}{p95 * 1000:9.1f}{errors:8}{busy:7.1f}")
        print("".join(f"    {load.first_error}\n" for load in loads if load.errors), end="")
        note(f"portal: {name}", rows=options.rows, kezhou=middle.rate, p50=p50, p95=p95, errors=errors, load=busy)


def _call(slug: str, guests: list[Mapping[str, Any]], name: str, number: int) -> Call:
    guest = guests[number % len(guests)]
    deals, turn = guest["deals"], number // len(guests)
    path = {
        "home": "/portal/",
        "list": f"/portal/r/{DEAL}/?{urlencode({'page': turn % 2 + 1})}",
        "record": f"/portal/r/{DEAL}/{deals[turn % len(deals)]}",
        "search": f"/portal/search?{urlencode({'q': WORDS[turn % len(WORDS)]})}",
    }[name]
    return Call("GET", path, {"Host": f"{slug}.localhost", "Cookie": f"kezhou_portal={guest['session']}"})
