"""Fifty threads with a connection each that save customers under a number rule; run as a process of the installation."""

from __future__ import annotations

import re
import threading
import time
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from kezhou import records, switching
from kezhou.access.actor import System
from kezhou.records.numbering import setting
from kezhou.records.numbering.rules import Part, Rule
from tenants.context import Current, tenant
from tenants.directory import find_by_slug
from tenants.provisioning import NewAdministrator, NewTenant, provision
from tests.bench.data import TYPE

SLUG = "numbers"
WRITERS, EACH, ROLLED_BACK = 50, 10, 5


class TakenBack(Exception):
    """Ends the transaction of a save that is not meant to stay."""


def main() -> dict[str, Any]:
    """The figures of one round, by mode."""
    system = System("benchmark of numbers")
    place = find_by_slug(SLUG) or provision(
        NewTenant(
            slug=SLUG, name="编号公司",
            administrator=NewAdministrator(name="管理员", username="admin", password_hash=make_password(None)),
        )
    )  # fmt: skip
    with tenant(place):
        if "customers" not in place.plugins:
            switching.switch_on(system, ("customers",))
    place = find_by_slug(SLUG) or place
    return {mode: _round(place, system, mode) for mode in ("none", "fast", "gapless")}


def _round(place: Current, system: System, mode: str) -> dict[str, Any]:
    prefix = _rule(place, system, mode)
    spent: list[float] = []
    with tenant(place):  # what a process reads once is read before the clock runs
        kept = [records.save(system, TYPE, [{"name": f"{prefix}第一家公司"}], source="system").demand().pk]
    together = threading.Barrier(WRITERS + 1)
    writers = [
        threading.Thread(target=_write, args=(place, system, f"{prefix}写手{number}", together, spent, kept))
        for number in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    together.wait()
    begun = time.perf_counter()
    for writer in writers:
        writer.join()
    seconds = time.perf_counter() - begun
    with tenant(place):
        numbers = list(records.query(system, TYPE).filter(pk__in=kept).values_list("number", flat=True))
    serials = sorted(int(re.search(r"(\d+)$", number)[1]) for number in numbers)  # type: ignore[index]  # all end so
    gaps = serials[-1] - serials[0] + 1 - len(set(serials))
    return {
        "rate": len(spent) / seconds, "p95": sorted(spent)[int(len(spent) * 0.95)], "kept": len(kept),
        "gaps": gaps, "twins": len(serials) - len(set(serials)),
    }  # fmt: skip


def _rule(place: Current, system: System, mode: str) -> str:
    """Set the rule of this round with a prefix of its own, so that its counter begins with 1."""
    prefix = f"{mode[0].upper()}{time.time_ns() // 1_000_000 % 10**9}-"
    with tenant(place):
        for old in setting.rules_of(system, TYPE):
            setting.remove_rule(system, TYPE, old.category)
        if mode != "none":
            parts = (Part("text", prefix), Part("serial", "5"))
            setting.set_rule(system, TYPE, Rule(parts=parts, gapless=mode == "gapless"))
    return prefix


def _write(
    place: Current, system: System, name: str, together: threading.Barrier, spent: list[float], kept: list[int]
) -> None:
    with tenant(place):
        records.query(system, TYPE).exists()  # the connection is open before the clock runs
        together.wait()
        for turn in range(EACH):
            begun = time.perf_counter()
            try:
                with transaction.atomic():
                    made = records.save(system, TYPE, [{"name": f"{name}第{turn}家公司"}], source="system").demand().pk
                    if turn % ROLLED_BACK == ROLLED_BACK - 1:
                        raise TakenBack
                kept.append(made)
            except TakenBack:
                pass
            spent.append(time.perf_counter() - begun)
    connection.close()
