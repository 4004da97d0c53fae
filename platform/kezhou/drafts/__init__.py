"""Drafts: what a member typed and did not save, for that member only, on every device (BAS-06).

A draft is the form as it would be posted; nothing else reads it: no list, no search, no count, no twin check.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "Draft": "models",
    "DraftRefused": "keeping",
    "drop": "keeping",
    "in_order": "keeping",
    "keep": "keeping",
    "mine": "keeping",
    "of": "keeping",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"kezhou.drafts has no {name}.")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
