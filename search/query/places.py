"""Where tokens are looked for: the fields an actor may search, each behind the condition under which it may be searched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from search.query.tree import EVERYTHING, Constant, Every, Everything, Phrase, Query, Term, Weighted
from search.schema import APART, TEXT_FIELDS, Field, apart

Guards = Mapping[Field, Query]
"""The fields that may be searched, each with the condition of the documents in which it may be."""
Confidential = Mapping[Field, tuple[tuple[str, Query], ...]]
OPEN: Guards = MappingProxyType(dict.fromkeys(TEXT_FIELDS, EVERYTHING))


class Shares(Protocol):
    """How common tokens are among the tenant's documents (`search.engines.base.Reader`)."""

    def prepare(self, asked: Iterable[tuple[Field, str]]) -> None:
        """Which shares will be asked for."""
        ...

    def share(self, field: Field, token: str) -> float:
        """The part of the documents that hold a token, 0 to 1."""
        ...


@dataclass(frozen=True, slots=True)
class Places:
    """`confidential` names, by home, the fields kept apart that the actor may see all the same, and where."""

    fields: Guards = field(default_factory=lambda: OPEN)
    confidential: Confidential = field(default_factory=dict)

    def one(self, field: Field, value: str, weight: float) -> tuple[Query, ...]:
        """A token in a field."""
        return tuple(self.row(field, (value,), weight))

    def row(self, field: Field, tokens: Sequence[str], weight: float) -> list[Query]:
        """Tokens in a field, and in the confidential fields at home there that the actor may see."""
        guard = self.fields.get(field)
        found = [] if guard is None else [_guarded(Weighted(_tokens(field, tokens), weight), guard)]
        for key, seen in self.confidential.get(field, ()):
            query = _tokens(APART[field], [apart(key, token) for token in tokens])
            found.append(_guarded(Weighted(query, weight), seen))
        return found

    def open(self, field: Field, query: Query) -> list[Query]:
        """A query of one field where that may be searched."""
        return [_guarded(query, self.fields[field])] if field in self.fields else []


def _guarded(query: Query, guard: Query) -> Query:
    return query if isinstance(guard, Everything) else Every((query, Constant(guard, 0.0)))


def _tokens(field: Field, tokens: Sequence[str]) -> Query:
    return Term(field, tokens[0]) if len(tokens) == 1 else Phrase(field, tuple(tokens))
