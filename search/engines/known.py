"""What the searches of one reader already told, so that nothing is counted that is known."""

from __future__ import annotations

from dataclasses import dataclass, field

from search.engines.base import Found
from search.query.tree import NOTHING, Every, OneOf, Preferring, Query
from search.schema import Field

MOST = 4


@dataclass(slots=True)
class Known:
    """The last answers: a search and the counts beside it ask for the same documents, in another order."""

    _found: list[tuple[Query, Found]] = field(default_factory=list)

    def note(self, query: Query, found: Found) -> Found:
        """Remember an answer whose hits are all there: nothing, or what fits on the first page."""
        if found.total == len(found.uids):
            self._found = [*self._found[1 - MOST :], (_matching(query), found)]
        return found

    def fewer(self, query: Query) -> Query:
        """The same documents, named where they are known."""
        wanted = _matching(query)
        for known, found in reversed(self._found):
            if known == wanted:
                return OneOf(Field.UID, found.uids) if found.uids else NOTHING
        return query


def _matching(query: Query) -> Query:
    """The same documents, without what only orders them."""
    match query:
        case Preferring(required, _):
            return _matching(required)
        case Every(clauses):
            return Every(tuple(map(_matching, clauses)))
        case _:
            return query
