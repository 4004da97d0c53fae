"""Notices: one sentence for one member about one record, kept until it is read.

tell(actor, members, kind="mentioned", sentence="…", values={…}, type="customers.customer", record=12)   # in the transaction of its cause
unread(actor); mark_read(actor, [7]); close("assigned", [12])   # what it waited for was dealt with
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "Notice": "models", "close": "notices", "mark_read": "notices", "Telling": "notices", "told": "notices", "tell": "notices",
    "tell_many": "notices", "unread": "notices", "unread_count": "notices",
}  # fmt: skip
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"kezhou.notify has no {name}.")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
