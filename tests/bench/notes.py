"""Figures as JSON lines."""

import json
import time

from tests.bench.place import ROOT

LINES = ROOT / "build" / "bench.jsonl"


def note(name: str, **figures: object) -> None:
    """Add one line to build/bench.jsonl."""
    LINES.parent.mkdir(exist_ok=True)
    line = {"at": time.strftime("%Y-%m-%d %H:%M"), "figure": name, **figures}
    with LINES.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
