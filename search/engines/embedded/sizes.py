"""How many documents a part of the tree finds at most, from the dictionary alone."""

from __future__ import annotations

from collections.abc import Iterable

from search.engines.embedded.lexicon import Lexicon
from search.query import tree
from search.schema import Field

FEW = 100
"""Values up to which each is looked up."""


class Sizes:
    """Upper bounds; a wrong one costs time and never a hit.

    What was worked out for a node is remembered with that node, so nothing is looked up twice in one rendering. By identity: to
    compare trees costs more than to look up their tokens.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._all = lexicon.documents
        self._known: dict[int, tuple[tree.Query, int]] = {}
        self._needed: dict[int, tuple[tree.Query, tree.Query]] = {}

    def of(self, query: tree.Query) -> int:
        """The most documents that `query` can find."""
        match query:
            case tree.Term(field, value) | tree.Weighted(tree.Term(field, value), _):
                return self.lexicon.frequency(field, value)
        known = self._known.get(id(query))
        if known is None:
            # The node is held beside its bound: its id is given to no other.
            known = self._known[id(query)] = (query, self._bound(query))
        return known[1]

    def _bound(self, query: tree.Query) -> int:
        match query:
            case tree.Weighted(inner, _) | tree.Constant(inner, _) | tree.Preferring(inner, _) | tree.Without(inner, _):
                return self.of(inner)
            case tree.Every(clauses):
                return self._least(clauses)
            case tree.Best(clauses) | tree.Some(clauses):
                return min(self._all, sum([self.of(clause) for clause in clauses]))
            case tree.Phrase(field, tokens, open_end):
                return self._phrase(field, tokens[:-1] if open_end else tokens)
            case tree.OneOf(field, values):
                return self._one_of(field, values)
            case tree.Nothing():
                return 0
            case _:
                return self._all

    def _least(self, clauses: Iterable[tree.Query]) -> int:
        """Of the rarest; what stands behind one that nothing holds, the conditions of a field, is not looked at."""
        least = self._all
        for clause in clauses:
            least = min(least, self.of(clause))
            if not least:
                break
        return least

    def _phrase(self, field: Field, tokens: Iterable[str]) -> int:
        asked = [self.lexicon.frequency(field, token) for token in tokens if token != tree.ANY]
        return min(asked, default=self._all)

    def _one_of(self, field: Field, values: tuple[str | int, ...]) -> int:
        if len(values) > FEW:
            return self._all
        return min(self._all, sum([self.lexicon.frequency(field, value) for value in values]))

    def needed(self, condition: tree.Query) -> tree.Query:
        """A condition without the parts that every document meets: whoever may see all kinds is asked for none."""
        known = self._needed.get(id(condition))
        if known is None:
            known = self._needed[id(condition)] = (condition, self._less(condition))
        return known[1]

    def whole(self, condition: tree.Query) -> bool:
        """Whether every document meets it."""
        return isinstance(self.needed(condition), tree.Everything)

    def _less(self, condition: tree.Query) -> tree.Query:
        match condition:
            case tree.Every(clauses):
                return tree.every(*[self.needed(clause) for clause in clauses])
            case tree.OneOf(Field.KIND, values):
                return tree.EVERYTHING if self.lexicon.kinds.issubset(values) else condition
            case tree.Constant(inner, _):
                return tree.EVERYTHING if self.whole(inner) else condition
            case tree.Some(clauses, least):
                return tree.EVERYTHING if least <= 1 and any(map(self.whole, clauses)) else condition
            case _:
                return condition
