"""Where Chromium is and how it is started; without Django, so that the benchmarks can use it."""

from __future__ import annotations

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def chromium() -> str | None:
    """Where Chromium is, or None."""
    named = os.environ.get("KEZHOU_CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)
