"""Cold start from an empty folder, second start, and what all processes hold when nothing happens."""

from __future__ import annotations

import shutil
import time

from tests.bench.notes import note
from tests.bench.place import ROOT, running

FRESH = ROOT / "build" / "bench-fresh"
PORT = 8792
QUIET = 15.0


def measure() -> None:
    """Prints and notes them; peers hold 218 to 1,106 MiB."""
    shutil.rmtree(FRESH, ignore_errors=True)
    with running(FRESH, PORT) as place:
        cold = place.started_in
    with running(FRESH, PORT) as place:
        second = place.started_in
        time.sleep(QUIET)
        held = place.memory()
    shutil.rmtree(FRESH, ignore_errors=True)
    total = sum(held.values())
    print(f"\ncold start {cold:.1f} s, second start {second:.1f} s")
    print(f"idle memory {total:.0f} MiB: " + ", ".join(f"{name} {size:.0f}" for name, size in sorted(held.items())))
    note("start and memory", cold=cold, second=second, idle_mib=total, by_process=held)
