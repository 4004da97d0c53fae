"""Numbers under fifty writers at once: no gap and no twin in gapless mode, and what that costs beside fast mode and no rule."""

from __future__ import annotations

import argparse
from typing import Any

from tests.bench.notes import note
from tests.bench.place import Place, inside

ROUNDS = 3
TITLES = {"none": "no rule (prefix and key)", "fast": "fast mode", "gapless": "gapless mode"}


def measure(place: Place, options: argparse.Namespace) -> None:
    """Fifty connections that save one customer after another; every fifth save is rolled back."""
    rounds: list[dict[str, Any]] = [
        inside(place, "tests.bench.numbering_inside", KEZHOU_POOL="no") for _turn in range(ROUNDS)
    ]
    print(f"\n50 writers at once, every fifth save rolled back, median of {ROUNDS} rounds\n")
    print(f"{'':32}{'saves/s':>10}{'p95 ms':>10}{'kept':>8}{'gaps':>8}{'twins':>8}")
    for mode, title in TITLES.items():
        found = sorted((one[mode] for one in rounds), key=lambda one: one["rate"])
        middle = found[len(found) // 2]
        gaps, twins = (sum(one[name] for one in found) for name in ("gaps", "twins"))
        print(f"{title:32}{middle['rate']:10.0f}{middle['p95'] * 1000:10.0f}{middle['kept']:8}{gaps:8}{twins:8}")
        note(f"numbers, {mode}", rate=middle["rate"], p95=middle["p95"], gaps=gaps, twins=twins, kept=middle["kept"])
