"""Comments on records: what people say about them, with @mentions and replies.

write(actor, "customers.customer", 12, "价格确认了 @李思源")
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "Comment": "models", "CommentNotFound": "writing", "CommentRefused": "writing", "edit": "writing",
    "own_text": "writing", "pin": "writing", "prints": "saying", "remove": "writing", "said": "saying", "suggestions": "mentions", "write": "writing",
}  # fmt: skip
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"kezhou.comments has no {name}.")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
