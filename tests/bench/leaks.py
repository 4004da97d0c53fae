"""Three companies under mixed load: no error, and never a word of another company."""

from __future__ import annotations

import argparse
import itertools
import random
import threading
import time
from urllib.parse import quote

from tests.bench.browser import Visitor
from tests.bench.notes import note
from tests.bench.place import Place, inside

SECONDS = 60.0
CLIENTS_EACH = 3
TYPE = "customers.customer"


def measure(place: Place, options: argparse.Namespace) -> None:
    """A minute of it."""
    found, first = mixed(place, place.port, seconds=SECONDS)
    print(f"\n3 companies, {3 * CLIENTS_EACH} clients, {SECONDS:.0f} s mixed load: {found} {first}")
    note("leaks and errors under load", **found)


def mixed(place: Place, port: int, *, seconds: float, requests: int = 0) -> tuple[dict[str, int], str]:
    """Lists, reads, saves, searches on a port; every company's records carry its own mark. Counts, and the first error.

    Args:
        requests: go on beyond the seconds until there were so many.
    """
    facts = inside(place, "tests.bench.marked")
    marks = {slug: one["mark"] for slug, one in facts.items()}  # type: ignore[index,call-overload]
    until = time.monotonic() + seconds
    found: dict[str, int] = {"requests": 0, "errors": 0, "leaks": 0}
    lock = threading.Lock()
    salt = int(time.time())  # another run's names would be twins
    first: list[str] = []

    def work(slug: str, one: dict[str, object], seed: int) -> None:
        visitor = Visitor(port, f"{slug}.localhost")
        visitor.cookies["sessionid"] = str(one["session"])
        visitor.get(f"/r/{TYPE}/new")  # brings the token that forms send
        draw = random.Random(seed)
        for number in itertools.count():
            if time.monotonic() > until and found["requests"] >= requests:
                return
            status, text = _step(visitor, draw, one, f"{marks[slug]}{salt}x{seed}x{number}")
            strange = [mark for other, mark in marks.items() if other != slug and mark in text]
            with lock:
                found["requests"] += 1
                found["errors"] += status >= 400
                found["leaks"] += bool(strange)
                if status >= 400 and not first:
                    first.append(f"{slug} {status} {text[:400]}")

    threads = [
        threading.Thread(target=work, args=(slug, one, seed))
        for seed, (slug, one) in enumerate(itertools.product(facts, range(CLIENTS_EACH)))
        for one in (facts[slug],)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found, first[0] if first else ""


def _step(visitor: Visitor, draw: random.Random, one: dict[str, object], name: str) -> tuple[int, str]:
    pks: list[int] = one["pks"]  # type: ignore[assignment]
    kind = draw.random()
    if kind < 0.3:
        status, text, _ = visitor.get(f"/r/{TYPE}/?sort=-name&size=20")
    elif kind < 0.5:
        status, text, _ = visitor.get(f"/r/{TYPE}/{draw.choice(pks)}")
    elif kind < 0.7:
        status, text, _ = visitor.get(f"/search?q={quote('商旅')}")
    elif kind < 0.85:
        status, text, _ = visitor.get(f"/api/v1/{TYPE}/?q={quote('商旅')}&size=20")
    else:
        status, text, _ = visitor.post(f"/r/{TYPE}/new", {"name": f"{name}商旅"})
    return status, text
