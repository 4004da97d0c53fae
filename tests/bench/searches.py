"""Searches end to end: a fixed mix over HTTP as JSON, hits loaded again through the gate, eight clients.

make bench ARGS="searches"                      100,000 companies (goal 500 a second)
make bench ARGS="searches --rows 1000000"       a million (goal 150 a second, p95 200 ms); built once by COPY and kept

Sixty of a hundred ask for a name, a number or a telephone, thirty for two words, ten for a term that very many records hold.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from tests.bench.load import Call, beginning, run
from tests.bench.notes import note
from tests.bench.place import Place, inside, plain

CLIENTS = 8
ROUNDS = 3
PEER = 10


def mixed(by_class: Mapping[str, Sequence[str]]) -> list[str]:
    """The fixed mix in a fixed order."""
    chance = random.Random(11)
    names, two, frequent = by_class.values()
    found = [
        one for _ in range(1_000) for one in (*chance.sample(names, 6), *chance.sample(two, 3), chance.choice(frequent))
    ]
    chance.shuffle(found)
    return found


def measure(place: Place, options: argparse.Namespace) -> None:
    """Each class and the mix, ours and the baseline in turns, the middle of three rounds."""
    facts = inside(place, "tests.bench.data", str(options.rows))
    inside(place, "tests.bench.indexed", str(facts["slug"]))
    by_class: Mapping[str, Sequence[str]] = inside(place, "tests.bench.asked", str(options.rows))  # type: ignore[assignment]
    print(
        f"\n{options.rows:,} companies, {CLIENTS} clients, department scope, 20 hits with counts; searches a second\n"
    )
    print(f"{'':24}{'Kezhou':>9}{'p50 ms':>9}{'p95 ms':>9}{'plain':>9}{'p95 ms':>9}{'peer':>7}")
    with plain(place) as plain_port:
        for name, asked in {**by_class, "the mix": mixed(by_class)}.items():
            ours, theirs = [], []
            for turn in range(ROUNDS):
                first = turn * 1_009
                ours.append(
                    run(place.port, beginning(_ours(facts, asked), first), clients=CLIENTS, seconds=options.seconds)
                )
                theirs.append(
                    run(plain_port, beginning(_plain(asked), first), clients=CLIENTS, seconds=options.seconds)
                )
            mine, base = (sorted(loads, key=lambda load: load.rate)[ROUNDS // 2] for loads in (ours, theirs))
            p50, p95, base95 = mine.percentile(0.5), mine.percentile(0.95), base.percentile(0.95)
            print(
                f"{name:24}{mine.rate:9.0f}{p50 * 1000:9.1f}{p95 * 1000:9.1f}{base.rate:9.1f}{base95 * 1000:9.0f}{PEER:7}"
            )
            errors = [load.first_error for load in (*ours, *theirs) if load.errors]
            print(f"    {errors[0]}" if errors else "", end="\n" if errors else "")
            note(
                f"searches: {name}",
                rows=options.rows,
                kezhou=mine.rate,
                p50=p50,
                p95=p95,
                plain=base.rate,
                errors=len(errors),
            )


def _ours(facts: Mapping[str, Any], asked: Sequence[str]) -> Callable[[int], Call]:
    headers = {"Host": f"{facts['slug']}.localhost", "Authorization": f"Bearer {facts['token']}"}
    return lambda n: Call("GET", f"/api/v1/search?{urlencode({'q': asked[n % len(asked)], 'size': 20})}", headers)


def _plain(asked: Sequence[str]) -> Callable[[int], Call]:
    return lambda n: Call("GET", f"/api/companies/?{urlencode({'q': asked[n % len(asked)], 'page': 1})}", {})
