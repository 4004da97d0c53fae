"""`make bench`: every figure with its baseline from the same run, as a table and as JSON lines in build/bench.jsonl.

make bench                                  all of it
make bench ARGS="http"                      one part: memory, judged, http, cpu, searches, keeping, import, signup, leaks,
                                            million, adding, numbers, weight, portal, pooler, versions
make bench ARGS="http --rows 20000 --seconds 4"
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable

from tests.bench import (
    adding,
    cpu,
    importing,
    keeping_up,
    leaks,
    memory,
    million,
    numbering,
    pooler,
    portal,
    searches,
    signup,
    versions,
    webhooks,
    weight,
)
from tests.bench.load import Load, beginning, run
from tests.bench.notes import note
from tests.bench.place import ROOT, Place, inside, plain, running
from tests.bench.requests import cases

CLIENTS = 8
ROUNDS = 3
ASKED = {"pooler", "versions"}
"""Parts that need a program of the machine or a repository with its history: measured only when named."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument(
        "parts",
        nargs="*",
        default=[],
        help="memory judged http cpu searches keeping import signup leaks million adding numbers weight webhooks portal pooler versions",
    )
    parser.add_argument("--rows", type=int, default=100_000, help="companies in the bench company")
    parser.add_argument("--engine", choices=("embedded", "elastic"), default="embedded", help="for judged and keeping")
    parser.add_argument("--million", type=int, default=1_000_000, help="customers in the company of the million")
    parser.add_argument(
        "--commit", default="", help="for versions: the earlier version (default: the last with a migration)"
    )
    parser.add_argument("--seconds", type=float, default=5.0, help="length of one round of one figure")
    options = parser.parse_args()
    known: dict[str, Callable[[Place, argparse.Namespace], None]] = {
        "http": http, "cpu": cpu.measure, "searches": searches.measure, "keeping": keeping_up.measure, "import": importing.measure, "signup": signup.measure, "leaks": leaks.measure,
        "million": million.measure, "adding": adding.measure, "numbers": numbering.measure, "weight": weight.measure, "portal": portal.measure, "pooler": pooler.measure, "versions": versions.measure,
    }  # fmt: skip
    alone: dict[str, Callable[[argparse.Namespace], None]] = {
        "memory": lambda _: memory.measure(), "judged": judged, "webhooks": webhooks.measure,
    }  # fmt: skip
    parts = options.parts or [part for part in (*alone, *known) if part not in ASKED]
    for part in parts:
        if part not in {*alone, *known}:
            parser.error(f"there is no part {part!r}")
    for part in parts:
        if part in alone:
            alone[part](options)
    if options.engine == "elastic" and "keeping" in parts:
        keeping_up.elastic(options)
        parts = [part for part in parts if part != "keeping"]
    if set(parts) & set(known):
        with running() as place:
            for part in parts:
                if part in known:
                    known[part](place, options)
    return 0


def judged(options: argparse.Namespace) -> None:
    """The search engine alone, in a process of its own with the tests' settings: no installation is needed."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "kezhou.testing.settings"}
    arguments = [sys.executable, "-m", "tests.bench.inside", "tests.bench.judged", str(options.rows), options.engine]
    subprocess.run(arguments, cwd=ROOT, env=environment, check=True)


def http(place: Place, options: argparse.Namespace) -> None:
    """Requests a second of each kind, ours and the baseline in turns, the median of three rounds each."""
    facts = inside(place, "tests.bench.data", str(options.rows))
    facts["salt"] = int(time.time())
    inside(place, "tests.bench.indexed", str(facts["slug"]))
    print(f"\n{options.rows:,} companies, 5 own fields, {CLIENTS} clients, department scope; requests a second\n")
    print(f"{'':44}{'Kezhou':>9}{'p95 ms':>9}{'plain':>9}{'p95 ms':>9}{'ratio':>8}{'peer':>7}")
    with plain(place) as plain_port:
        for case in cases(facts):
            ours: list[Load] = []
            theirs: list[Load] = []
            for turn in range(ROUNDS):
                first, seconds = turn * 7919, options.seconds
                ours.append(run(place.port, beginning(case.ours, first), clients=CLIENTS, seconds=seconds))
                theirs.append(run(plain_port, beginning(case.plain, first), clients=CLIENTS, seconds=seconds))
            _row(case.name, case.peer, ours, theirs)


def _row(name: str, peer: int, ours: list[Load], theirs: list[Load]) -> None:
    mine, base = _median(ours), _median(theirs)
    print(
        f"{name:44}{mine.rate:9.0f}{mine.percentile(0.95) * 1000:9.1f}{base.rate:9.0f}"
        f"{base.percentile(0.95) * 1000:9.1f}{mine.rate / base.rate:8.2f}{peer:7}"
    )
    for load in (*ours, *theirs):
        if load.errors:
            print(f"    {load.errors} errors, the first: {load.first_error}", file=sys.stderr)
    note(
        name, kezhou=mine.rate, p95=mine.percentile(0.95), plain=base.rate, plain_p95=base.percentile(0.95), peer=peer,
        errors=sum(load.errors for load in ours),
    )  # fmt: skip


def _median(loads: list[Load]) -> Load:
    return sorted(loads, key=lambda load: load.rate)[len(loads) // 2]


if __name__ == "__main__":
    raise SystemExit(main())
