"""Lists over a million customers with sixty own fields, as three people see them: goal p95 below 200 ms."""

from __future__ import annotations

import argparse
import http.client
import json
import time
from typing import Any
from urllib.parse import urlencode

from tests.bench.notes import note
from tests.bench.place import Place, inside, plain

GOAL = 0.2
TIMES, PLAIN_TIMES = 20, 3
LIST = "/r/customers.customer/"
PEOPLE = {"seller": "own, 200", "head": "department, 20,000", "admin": "all"}


def measure(place: Place, options: argparse.Namespace) -> None:
    """The first answer (cold), the middle and the 95th percentile of twenty more, one client; statements; the baseline beside."""
    facts: dict[str, Any] = inside(place, "tests.bench.million_data", str(options.million))
    cases = _cases(facts)
    queries = json.dumps({title: ours for title, (ours, _plain) in cases.items()})
    statements = {
        name: inside(place, "tests.bench.statements", facts["slug"], facts["people"][name], LIST, queries)
        for name in PEOPLE
    }
    print(f"\n{facts['rows']:,} customers, 60 own fields, HTML list of 50, one client; milliseconds\n")
    heads = [*PEOPLE.values(), "plain, all rows"]
    print(f"{'':34}" + "".join(f"{head:>28}" for head in heads) + f"{'statements':>12}")
    print(f"{'':34}" + f"{'cold':>10}{'p50':>9}{'p95':>9}" * len(heads))
    with plain(place, "plain_million") as plain_port:
        for title, (ours, theirs) in cases.items():
            most = max(int(str(statements[name][title])) for name in PEOPLE)
            cells = [
                _cell(
                    f"million {title} {name}", _ask(place.port, LIST, _headers(facts, name), ours), facts["rows"], most
                )
                for name in PEOPLE
            ]
            found = _ask(plain_port, "/companies/", {}, theirs, times=PLAIN_TIMES)
            cells.append(_cell(f"million {title} plain", found, facts["rows"], 2))
            print(f"{title:34}" + "".join(cells) + f"{most:12}", flush=True)


def _cell(name: str, times: list[float], rows: int, statements: int) -> str:
    first, rest = times[0], sorted(times[1:])
    half, high = rest[len(rest) // 2], rest[min(int(len(rest) * 0.95), len(rest) - 1)]
    note(name, cold=first, p50=half, p95=high, goal=GOAL, rows=rows, statements=statements)
    return f"{first * 1000:10.0f}{half * 1000:9.0f}{high * 1000:9.0f}"


def _headers(facts: dict[str, Any], name: str) -> dict[str, str]:
    return {"Host": f"{facts['slug']}.localhost", "Cookie": f"sessionid={facts['people'][name]}"}


def _cases(facts: dict[str, Any]) -> dict[str, tuple[dict[str, str], dict[str, str]]]:
    """What we are asked and what the baseline is asked, by title."""
    level, amount, option = facts["level"], facts["amount"], facts["option"]
    by_amount, plain_by_amount = {"sort": f"-{amount}"}, {"sort": f"-custom__{amount}"}
    ranged = {"filter": json.dumps([amount, "gte", 990000])}
    chosen = {"filter": json.dumps([level, "eq", option])}
    cases = {
        "default, first page": ({}, {}),
        "default, page 200": ({"page": "200"}, {"page": "200"}),
        "sorted by an own field": (by_amount, plain_by_amount),
        "sorted, page 200": ({**by_amount, "page": "200"}, {**plain_by_amount, "page": "200"}),
        "range of an own field, sorted": (
            {**ranged, **by_amount},
            {f"custom.{amount}__gte": "990000", **plain_by_amount},
        ),
        "own choice, sorted": ({**chosen, **by_amount}, {f"custom.{level}": option, **plain_by_amount}),
    }
    words = {
        "two characters": "酒店",
        "four characters": "望江酒店",
        "two words": "成都 酒店",
        "nothing found": "月球基地",
    }
    return {**cases, **{title: ({"q": text}, {"q": text}) for title, text in words.items()}}


def _ask(port: int, path: str, headers: dict[str, str], query: dict[str, str], *, times: int = TIMES) -> list[float]:
    """How long the first answer took, and so many more."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    found = []
    for _turn in range(times + 1):
        begun = time.perf_counter()
        connection.request("GET", f"{path}?{urlencode(query)}", headers=headers)
        answer = connection.getresponse()
        answer.read()
        found.append(time.perf_counter() - begun)
        if answer.status != 200 and not (answer.status == 404 and "page" in query):
            raise RuntimeError(f"{path} {query}: {answer.status}")
    connection.close()
    return found
