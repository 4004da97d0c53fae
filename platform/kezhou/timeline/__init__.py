"""The timeline of a record: changes, moves, comments, files and what happened to records that point here, newest first (BAS-09)."""

from importlib import import_module
from typing import Any

_HOMES = {
    "Event": "events", "Said": "events", "Stream": "events", "KINDS": "branches", "counts": "stream", "of": "stream",
    "pinned": "stream",
}  # fmt: skip
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"kezhou.timeline has no {name}.")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
