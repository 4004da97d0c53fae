"""CPU per request and per imported row, with the baseline's: what a busy machine does not falsify."""

from __future__ import annotations

import argparse
import json
import os
import resource

import psutil

from tests.bench import importing
from tests.bench.notes import note
from tests.bench.place import Place, inside, plain_variables

ASKED = 60


def measure(place: Place, options: argparse.Namespace) -> None:
    """Milliseconds of Python and of PostgreSQL for each figure of `http`, then for a thousand imported rows."""
    facts = inside(place, "tests.bench.data", str(options.rows))
    facts["salt"] = int.from_bytes(os.urandom(4)) + 2**32
    inside(place, "tests.bench.indexed", str(facts["slug"]))
    known = place.home / "cpu-facts.json"
    known.write_text(json.dumps(facts), "utf-8")
    ours = _asked(place, "kezhou.wsgi", "ours", str(known), PGAPPNAME="bench-ours")
    variables = {**plain_variables(place), "PGAPPNAME": "bench-plain"}
    plain = _asked(place, "tests.bench.plain.wsgi", "plain", str(known), **variables)
    print(f"\n{options.rows:,} companies, 5 own fields, one request at a time; milliseconds of CPU a request\n")
    print(f"{'':44}{'Kezhou':>9}{'database':>10}{'plain':>9}{'database':>10}{'ratio':>8}")
    for name, mine in ours.items():
        base = plain[name]
        ratio = (mine["python"] + mine["postgres"]) / (base["python"] + base["postgres"])
        print(
            f"{name:44}{mine['python']:9.2f}{mine['postgres']:10.2f}{base['python']:9.2f}{base['postgres']:10.2f}{ratio:8.2f}"
        )
        note(f"cpu {name}", **mine, plain=base["python"], plain_postgres=base["postgres"])
    _imported(place, str(facts["slug"]))


def _asked(place: Place, application: str, which: str, known: str, **variables: str) -> dict[str, dict[str, float]]:
    return inside(place, "tests.bench.cpu_inside", application, which, known, str(ASKED), **variables)  # type: ignore[return-value]  # its answer is JSON


def _imported(place: Place, slug: str) -> None:
    database, begun = _of_database(place), _of_children()
    rows, _seconds, _result = importing.run(place, slug)
    python, postgres = _of_children() - begun, _of_database(place) - database
    print(
        f"\nimport, a thousand rows: {python / rows * 1e6:.0f} ms of CPU in Python (start of the command included), "
        f"{postgres / rows * 1e6:.0f} ms in PostgreSQL (that of the indexer included)"
    )
    note("cpu import", python=python / rows * 1e6, postgres=postgres / rows * 1e6)


def _of_children() -> float:
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


def _of_database(place: Place) -> float:
    """Seconds of CPU of every PostgreSQL process there is and was."""
    found = 0.0
    for process in psutil.Process(place.process.pid).children(recursive=True):
        if process.name().startswith("postgres"):
            found += sum(process.cpu_times()[:4])
    return found
