"""Files of a tenant: stored in its own folder, opened only by an actor who may.

file = store(actor, "客户.xlsx", stream, purpose="import")
with open(actor, file.pk) as content: ...
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "File": "models", "FileNotFound": "storage", "FileRefused": "storage", "get": "storage",
    "location": "storage", "open": "storage", "remove": "storage", "store": "storage",
}  # fmt: skip
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"kezhou.files has no {name}.")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
