"""From the submitted form to the first page of the new company, three at once, with 100 companies present."""

from __future__ import annotations

import argparse
import json
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.bench.browser import Visitor, follow
from tests.bench.notes import note
from tests.bench.place import Place, inside

PRESENT = 100
SIGNUPS = 30


def measure(place: Place, options: argparse.Namespace) -> None:
    """Sign-up over HTTP; replay of the snapshot and the same by migrations, inside."""
    inside(place, "tests.bench.companies", str(PRESENT))
    visitors = [_verified(place) for _ in range(SIGNUPS)]
    with ThreadPoolExecutor(3) as pool:
        seconds = sorted(pool.map(lambda pair: _open(place, *pair), visitors))
    p95 = seconds[int(len(seconds) * 0.95)]
    print(f"\nsign-up, form to first page, three at once, {PRESENT} companies present: p95 {p95:.2f} s (goal 2 s)")
    note("sign-up p95", seconds=p95, median=seconds[len(seconds) // 2])
    made = inside(place, "tests.bench.provisioning")
    print(
        f"snapshot replay: p95 {made['replay_p95']:.3f} s (goal 0.3 s); by migrations {made['migrating']:.2f} s, "
        f"ratio {made['ratio']:.0f}"
    )
    note("snapshot replay p95", **made)


def _verified(place: Place) -> tuple[Visitor, str]:
    name = f"s{secrets.token_hex(4)}"
    address = f"{name}@example.com"
    visitor = Visitor(place.port, "localhost")
    visitor.get("/signup")
    visitor.post("/signup", {"do": "send", "address": address})
    code = _code(place.home / "messages.jsonl", address)
    status, text, _ = visitor.post("/signup", {"do": "verify", "address": address, "code": code})
    if status != 302:
        raise RuntimeError(f"The code was not taken: {status} {text[:300]}")
    visitor.get("/signup/company")
    return visitor, name


def _code(path: Path, address: str) -> str:
    import re

    until = time.monotonic() + 15
    while time.monotonic() < until:
        for line in reversed(path.read_text("utf-8").splitlines() if path.exists() else []):
            message = json.loads(line)
            found = re.search(r"\b(\d{6})\b", message["subject"] + " " + message["text"])
            if message["to"] == address and found:
                return found[1]
        time.sleep(0.05)
    raise RuntimeError(f"No code for {address} came to {path}.")


def _open(place: Place, visitor: Visitor, name: str) -> float:
    begun = time.perf_counter()
    status, text, location = visitor.post(
        "/signup/company",
        {
            "do": "open", "company": f"{name}商旅有限公司", "slug": name, "name": "周敏", "size": "21-50",
            "industry": "business_travel", "region": "四川", "password": f"Cheng-du-{name}", "business": ["air", "hotel"],
            "consent": "1",
        },
    )  # fmt: skip
    if status != 302:
        raise RuntimeError(f"The sign-up was refused: {status} {text[:500]}")
    follow(place.port, location)
    return time.perf_counter() - begun
