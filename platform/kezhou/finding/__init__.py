"""Finding records by words: what a page or the API asks, whoever answers.

`find(actor, request)` asks the `search` hook. When nobody answers, or the engine is away, a plain database query
answers with a notice (SRH-08). Everything returned was loaded through the gate for this actor (SRH-06).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kezhou.finding.answering import find
    from kezhou.finding.model import Excerpt, Facet, Group, Hit, SearchRequest, SearchResult, Sort

__all__ = ["Excerpt", "Facet", "Group", "Hit", "SearchRequest", "SearchResult", "Sort", "find"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"kezhou.finding has no {name}.")
    return getattr(import_module(f"{__name__}.{'answering' if name == 'find' else 'model'}"), name)
