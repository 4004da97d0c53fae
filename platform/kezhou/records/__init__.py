"""The record engine: one way to read, one way to write.

Every read is `query`, `get` or `page` with an actor, every change is `save` or `delete` with an actor, both inside a tenant.
The names below are loaded when they are first used, because Django imports this package before its apps are ready.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kezhou.records.actions.doing import Doing, act
    from kezhou.records.actions.offering import Offer, actions
    from kezhou.records.catalogue import fields_for, type_of, types
    from kezhou.records.deleting import delete, purge, references, restore
    from kezhou.records.listing import ListRequest, Page, Row, count, page, pks
    from kezhou.records.past import Change, as_of, history, undo
    from kezhou.records.reading import Entry, get, get_many, query, titles
    from kezhou.records.saved import Conflict, Problem, Saved, SaveResult, Twin, new_action
    from kezhou.records.saving import save
    from kezhou.records.states.moving import Move, move, moves

_HOMES = {
    "Doing": "actions.doing",
    "Move": "states.moving",
    "Offer": "actions.offering",
    "act": "actions.doing",
    "actions": "actions.offering",
    "move": "states.moving",
    "moves": "states.moving",
    "fields_for": "catalogue",
    "type_of": "catalogue",
    "types": "catalogue",
    "delete": "deleting",
    "purge": "deleting",
    "references": "deleting",
    "restore": "deleting",
    "ListRequest": "listing",
    "Page": "listing",
    "Row": "listing",
    "count": "listing",
    "page": "listing",
    "pks": "listing",
    "Change": "past",
    "as_of": "past",
    "history": "past",
    "undo": "past",
    "Entry": "reading",
    "get": "reading",
    "get_many": "reading",
    "query": "reading",
    "titles": "reading",
    "save": "saving",
    "Conflict": "saved",
    "Problem": "saved",
    "SaveResult": "saved",
    "Saved": "saved",
    "Twin": "saved",
    "new_action": "saved",
}

__all__ = [
    "Change",
    "Conflict",
    "Doing",
    "Entry",
    "ListRequest",
    "Move",
    "Offer",
    "Page",
    "Problem",
    "Row",
    "SaveResult",
    "Saved",
    "Twin",
    "act",
    "actions",
    "as_of",
    "count",
    "delete",
    "fields_for",
    "get",
    "get_many",
    "history",
    "move",
    "moves",
    "new_action",
    "page",
    "pks",
    "purge",
    "query",
    "references",
    "restore",
    "save",
    "titles",
    "type_of",
    "types",
    "undo",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


class _Package(ModuleType):
    """This package, in which the functions `types` and `actions` are not hidden by the submodules of these names once they have
    been imported."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in {"types", "actions"} and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
