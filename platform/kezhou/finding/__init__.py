"""Finding records by words: what a page or the API asks, whoever answers.

`find(actor, request)` asks the `search` hook. When nobody answers, or the engine is away, a plain database query
answers with a notice (SRH-08). Everything returned was loaded through the gate for this actor (SRH-06).
"""

from kezhou.finding.find import find
from kezhou.finding.model import Excerpt, Facet, Group, Hit, SearchRequest, SearchResult, Sort

__all__ = ["Excerpt", "Facet", "Group", "Hit", "SearchRequest", "SearchResult", "Sort", "find"]
