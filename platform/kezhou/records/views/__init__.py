"""Views: lists that were set up and named, by a type, by an administrator or by a member (QRY-08, QRY-09).

`visible(actor, type)` are those an actor has, `save` and `delete` change one, `tree_of(actor, pk)` is the condition of a saved one
for whoever reuses it: reminders, target groups, statistics.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "View": "reading", "visible": "reading", "find": "reading", "kept": "reading", "mended": "mending", "tree_of": "reading",
    "ViewState": "state", "ViewConflict": "writing", "save": "writing", "delete": "writing",
    "pin": "choices", "choices_of": "choices", "set_default": "choices", "Choices": "choices",
}  # fmt: skip
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"kezhou.records.views has no {name}.")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
