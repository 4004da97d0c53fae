"""Lists over a million customers with sixty own fields, as three people see them: goal p95 below 200 ms."""

from __future__ import annotations

import argparse
import http.client
import json
import time
from typing import Any
from urllib.parse import urlencode

from tests.bench.notes import note
from tests.bench.place import Place, inside

GOAL = 0.2
TIMES = 20
PEOPLE = {"seller": "own, 200", "head": "department, 20,000", "admin": "all"}


def measure(place: Place, options: argparse.Namespace) -> None:
    """The first answer (cold) and the 95th percentile of twenty more, one client."""
    facts: dict[str, Any] = inside(place, "tests.bench.million_data", str(options.million))
    print(f"\n{facts['rows']:,} customers, 60 own fields, HTML list of 50, one client; milliseconds\n")
    print(f"{'':34}" + "".join(f"{PEOPLE[name]:>28}" for name in PEOPLE))
    print(f"{'':34}" + f"{'cold':>10}{'p50':>9}{'p95':>9}" * len(PEOPLE))
    for title, query in _cases(facts).items():
        cells = []
        for name in PEOPLE:
            first, times = _ask(place, facts, name, query)
            half, high = times[len(times) // 2], times[int(len(times) * 0.95)]
            cells.append(f"{first * 1000:10.0f}{half * 1000:9.0f}{high * 1000:9.0f}")
            note(f"million {title} {name}", cold=first, p50=half, p95=high, goal=GOAL, rows=facts["rows"])
        print(f"{title:34}" + "".join(cells))


def _cases(facts: dict[str, Any]) -> dict[str, dict[str, str]]:
    level, amount = facts["level"], facts["amount"]
    return {
        "default, first page": {},
        "default, page 200": {"page": "200"},
        "sorted by an own field": {"sort": f"-{amount}"},
        "sorted, page 200": {"sort": f"-{amount}", "page": "200"},
        "range of an own field, sorted": {"filter": json.dumps([amount, "gte", 990000]), "sort": f"-{amount}"},
        "own choice, sorted": {"filter": json.dumps([level, "eq", facts["option"]]), "sort": f"-{amount}"},
        "two characters": {"q": "酒店"},
        "four characters": {"q": "望江酒店"},
        "two words": {"q": "成都 酒店"},
        "nothing found": {"q": "月球基地"},
    }


def _ask(place: Place, facts: dict[str, Any], name: str, query: dict[str, str]) -> tuple[float, list[float]]:
    connection = http.client.HTTPConnection("127.0.0.1", place.port, timeout=60)
    headers = {"Host": f"{facts['slug']}.localhost", "Cookie": f"sessionid={facts['people'][name]}"}
    times = []
    for _turn in range(TIMES + 1):
        begun = time.perf_counter()
        connection.request("GET", f"/r/customers.customer/?{urlencode(query)}", headers=headers)
        answer = connection.getresponse()
        answer.read()
        times.append(time.perf_counter() - begun)
        if answer.status != 200 and not (answer.status == 400 and "page" in query):
            raise RuntimeError(f"{name} {query}: {answer.status}")
    connection.close()
    return times[0], sorted(times[1:])
