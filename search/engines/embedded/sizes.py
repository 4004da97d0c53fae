"""How many documents a part of the tree finds at most, from the dictionary alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from search.engines.embedded.lexicon import Lexicon
from search.query import tree
from search.schema import Field

FEW = 100
"""Values up to which each is looked up."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Upper bounds; a wrong one costs time and never a hit."""

    lexicon: Lexicon

    def of(self, query: tree.Query) -> int:
        """The most documents that `query` can find."""
        match query:
            case tree.Term(field, value):
                return self.lexicon.frequency(field, value)
            case tree.OneOf(field, values):
                return self._sum(tree.Term(field, value) for value in values) if len(values) <= FEW else self._all
            case tree.Phrase(field, tokens, open_end):
                whole = tokens[:-1] if open_end else tokens
                asked = (token for token in whole if token != tree.ANY)
                return min((self.lexicon.frequency(field, token) for token in asked), default=self._all)
            case tree.Weighted(inner, _) | tree.Constant(inner, _) | tree.Preferring(inner, _) | tree.Without(inner, _):
                return self.of(inner)
            case tree.Every(clauses):
                return min(map(self.of, clauses), default=self._all)
            case tree.Best(clauses) | tree.Some(clauses):
                return self._sum(clauses)
            case tree.Nothing():
                return 0
            case _:
                return self._all

    def _sum(self, clauses: Iterable[tree.Query]) -> int:
        return min(self._all, sum(map(self.of, clauses)))

    @property
    def _all(self) -> int:
        return self.lexicon.documents

    def needed(self, condition: tree.Query) -> tree.Query:
        """A condition without the parts that every document meets: whoever may see all kinds is asked for none."""
        match condition:
            case tree.Every(clauses):
                return tree.every(*(self.needed(clause) for clause in clauses))
            case _:
                return tree.EVERYTHING if self.whole(condition) else condition

    def whole(self, query: tree.Query) -> bool:
        match query:
            case tree.Everything():
                return True
            case tree.OneOf(Field.KIND, values):
                return self.lexicon.kinds.issubset(values)
            case tree.Constant(inner, _):
                return self.whole(inner)
            case tree.Every(clauses):
                return all(map(self.whole, clauses))
            case tree.Some(clauses, least):
                return least <= 1 and any(map(self.whole, clauses))
            case _:
                return False
