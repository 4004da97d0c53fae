"""What the searches of one reader already told, so that nothing is counted that is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from search.engines.base import Found, Tally
from search.query.tree import NOTHING, Every, OneOf, Preferring, Query
from search.schema import Field

MOST = 4

Counts = dict[str, int]
NO_COUNTS: Mapping[Tally, Counts] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Answer:
    matching: Query
    found: Found
    counts: Mapping[Tally, Counts]


@dataclass(slots=True)
class Known:
    """The last answers: a search and the counts beside it ask for the same documents, in another order."""

    _answers: list[_Answer] = field(default_factory=list)

    def note(self, query: Query, found: Found, counts: Mapping[Tally, Counts] = NO_COUNTS) -> Found:
        """Remember an answer whose hits are all there, nothing or what fits on the first page, or that came with counts."""
        if counts or found.total == len(found.uids):
            self._answers = [*self._answers[1 - MOST :], _Answer(_matching(query), found, counts)]
        return found

    def counts(self, query: Query, wanted: Sequence[Tally]) -> list[Counts] | None:
        """The counts, if all of them are known."""
        answer = self._of(query)
        if answer is None or any(one not in answer.counts for one in wanted):
            return None
        return [answer.counts[one] for one in wanted]

    def fewer(self, query: Query) -> Query:
        """The same documents, named where they are known."""
        answer = self._of(query)
        if answer is None or answer.found.total != len(answer.found.uids):
            return query
        return OneOf(Field.UID, answer.found.uids) if answer.found.uids else NOTHING

    def _of(self, query: Query) -> _Answer | None:
        wanted = _matching(query)
        return next((answer for answer in reversed(self._answers) if answer.matching == wanted), None)


def _matching(query: Query) -> Query:
    """The same documents, without what only orders them."""
    match query:
        case Preferring(required, _):
            return _matching(required)
        case Every(clauses):
            return Every(tuple(map(_matching, clauses)))
        case _:
            return query
