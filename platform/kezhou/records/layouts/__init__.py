"""How the pages of a kind of record are arranged (FLD-03): sections, tabs, columns, lists, per role and record class.

`layout_for(actor, type, record_class)` is the only question that pages ask; `storing` is the only way to change an arrangement.
The names are loaded when they are first used: the catalogue reads stored arrangements, and arrangements ask the catalogue.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kezhou.records.layouts.resolving import at_once, layout_for
    from kezhou.records.layouts.spec import LayoutSpec, Place, Section, Tab

_HOMES = {
    "layout_for": "resolving",
    "at_once": "resolving",
    "LayoutSpec": "spec",
    "Place": "spec",
    "Section": "spec",
    "Tab": "spec",
}

__all__ = ["LayoutSpec", "Place", "Section", "Tab", "at_once", "layout_for"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
