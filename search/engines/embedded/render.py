"""The neutral query tree as tantivy queries, built as objects: user text is never parsed.

What is left to the engine is what only it can do; what the dictionary alone tells is decided here (docs/search.md, "What a search
costs").
"""

from __future__ import annotations

from dataclasses import dataclass

import tantivy

from search.engines.embedded.lexicon import Lexicon
from search.engines.embedded.shape import option, schema
from search.engines.embedded.sizes import FEW, Sizes
from search.query import tree
from search.schema import Field

UNION, LOOK_UP = 1, 2
"""What it costs, about, to read one document of a list in a union, and to look one up in a list."""
MOST_KNOWN = 5_000


class Rendering:
    """Makes the queries of one reader. A part that stands at several places, or in the search and in the counts beside it, is made
    once: known by identity, since to compare trees costs more than to make them.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._made = _Made.fresh(lexicon)

    def query(self, asked: tree.Query) -> tantivy.Query:
        """A tantivy query that finds and scores as the tree says.

        What no document holds is left out before the engine sees it: of a word that may stand in seven fields, most stand in one.
        """
        if len(self._made.known) > MOST_KNOWN:
            self._made = _Made.fresh(self._lexicon)
        return self._made.of(asked) or tantivy.Query.empty_query()


@dataclass(frozen=True, slots=True)
class _Made:
    """Each method gives None for what finds nothing. `known` holds the nodes too, so that no other gets the id of one."""

    schema: tantivy.Schema
    lexicon: Lexicon
    sizes: Sizes
    known: dict[int, tuple[tree.Query, tantivy.Query | None]]

    @classmethod
    def fresh(cls, lexicon: Lexicon) -> _Made:
        return cls(schema(), lexicon, Sizes(lexicon), {})

    def of(self, query: tree.Query) -> tantivy.Query | None:
        match query:
            case tree.Weighted(tree.Term(field, value), weight):  # most of all parts, and sooner made than remembered
                found = self._term(field, value)
                return None if found is None else tantivy.Query.boost_query(found, weight)
            case tree.Term(field, value):
                return self._term(field, value)
        known = self.known.get(id(query))
        if known is None:
            known = self.known[id(query)] = (query, self._new(query))
        return known[1]

    def _new(self, query: tree.Query) -> tantivy.Query | None:
        match query:
            case tree.Every(clauses):
                return self._all(clauses)
            case tree.Weighted(inner, weight):
                found = self.of(inner)
                return None if found is None else tantivy.Query.boost_query(found, weight)
            case tree.Constant(inner, score):
                found = self.of(self.sizes.needed(inner))
                return None if found is None else tantivy.Query.const_score_query(found, score)
            case tree.Some() | tree.Best() | tree.Preferring() | tree.Without():
                return self._compound(query)
            case tree.Nothing():
                return None
            case _:
                return self._leaf(query)

    def _leaf(
        self, query: tree.Term | tree.OneOf | tree.Phrase | tree.Fuzzy | tree.Between | tree.Everything
    ) -> tantivy.Query | None:
        match query:
            case tree.Term(field, value):
                return self._term(field, value)
            case tree.Phrase(field, tokens, open_end):
                return self._phrase(field, tokens, open_end=open_end)
            case tree.OneOf(field, values):
                return self._one_of(field, values)
            case tree.Fuzzy(field, value, distance):
                found = self._one_of(field, self.lexicon.near(field, value, distance))
                return None if found is None else tantivy.Query.const_score_query(found, 1.0)
            case tree.Between(field, low, high):
                return tantivy.Query.range_query(self.schema, field, tantivy.FieldType.Integer, low, high)
            case tree.Everything():
                return tantivy.Query.all_query()

    def _term(self, field: Field, value: str | int) -> tantivy.Query | None:
        if isinstance(value, str) and not self.lexicon.frequency(field, value):
            return None
        return tantivy.Query.term_query(self.schema, field, value, option(field))

    def _phrase(self, field: Field, tokens: tuple[str, ...], *, open_end: bool) -> tantivy.Query | None:
        whole = tokens[:-1] if open_end else tokens
        if not all(token == tree.ANY or self.lexicon.frequency(field, token) for token in whole):
            return None
        words: list[str | tuple[int, str]] = list(tokens)
        if tree.ANY in tokens:
            words = [(place, token) for place, token in enumerate(tokens) if token != tree.ANY]
        if open_end:
            return tantivy.Query.phrase_prefix_query(self.schema, field, words)
        return tantivy.Query.phrase_query(self.schema, field, words)

    def _one_of(self, field: Field, values: tuple[str | int, ...]) -> tantivy.Query | None:
        """Few values as single terms, which is faster than a set; none finds nothing."""
        if len(values) > FEW:
            return tantivy.Query.term_set_query(self.schema, field, list(values))
        return self._any([self._term(field, value) for value in values])

    def _compound(self, query: tree.Some | tree.Best | tree.Preferring | tree.Without) -> tantivy.Query | None:
        match query:
            case tree.Some(clauses, least):
                return self._any([self.of(c) for c in clauses]) if least <= 1 else self._several(clauses, least)
            case tree.Best(clauses, tie):
                left = [found for clause in clauses if (found := self.of(clause)) is not None]
                return left[0] if len(left) == 1 else tantivy.Query.disjunction_max_query(left, tie) if left else None
            case tree.Without(required, excluded):
                return self._beside(self.of(required), tantivy.Occur.MustNot, excluded)
            case tree.Preferring(required, wished):
                return self._preferring(required, wished)

    def _all(self, clauses: tuple[tree.Query, ...]) -> tantivy.Query | None:
        """All of them; a condition that every document meets is not asked: reading the list of all documents costs more than the words."""
        found = []
        for clause in clauses:
            if isinstance(clause, tree.Constant) and not clause.score and self.sizes.whole(clause.query):
                continue
            one = self.of(clause)
            if one is None:
                return None
            found.append((tantivy.Occur.Must, one))
        if not found:
            return self._leaf(tree.EVERYTHING)
        return found[0][1] if len(found) == 1 else tantivy.Query.boolean_query(found)

    @staticmethod
    def _any(found: list[tantivy.Query | None]) -> tantivy.Query | None:
        left = [(tantivy.Occur.Should, one) for one in found if one is not None]
        return left[0][1] if len(left) == 1 else tantivy.Query.boolean_query(left, 1) if left else None

    def _several(self, clauses: tuple[tree.Query, ...], least: int) -> tantivy.Query | None:
        """At least so many of them. Whatever has them has one of the rarest; the engine reads each list to its end, so the others are
        narrowed to what has one of the rarest first."""
        held = sorted((size, place) for place, clause in enumerate(clauses) if (size := self.sizes.of(clause)))
        if len(held) < least:
            return None
        cut = len(held) - least + 1
        rare, others = [clauses[place] for _, place in held[:cut]], held[cut:]
        among, most = tree.Constant(tree.Some(tuple(rare)), 0.0), sum(size for size, _ in held[:cut])
        narrowed = [tree.Every((clauses[p], among)) if size > most else clauses[p] for size, p in others]
        left = [
            (tantivy.Occur.Should, found) for clause in (*rare, *narrowed) if (found := self.of(clause)) is not None
        ]
        return tantivy.Query.boolean_query(left, least) if len(left) >= least else None

    def _preferring(self, required: tree.Query, wished: tuple[tree.Query, ...]) -> tantivy.Query | None:
        """Wishes one behind the other are looked up for each hit; all in one query are a union, which the engine reads whole: worth it
        only where hits are nearly as many as what it reads."""
        found = self.of(required)
        if found is None:
            return None
        for wish in self._together(required, wished) if len(wished) > 1 else wished:
            found = self._beside(found, tantivy.Occur.Should, wish)
        return found

    def _together(self, required: tree.Query, wished: tuple[tree.Query, ...]) -> tuple[tree.Query, ...]:
        hits = self.sizes.of(required)
        large: list[tree.Query] = []
        small: list[tree.Query] = []
        for wish in wished:
            (large if self.sizes.of(wish) * UNION < hits * LOOK_UP else small).append(wish)
        return (tree.Some(tuple(large)), *small) if len(large) > 1 else wished

    def _beside(self, found: tantivy.Query | None, how: tantivy.Occur, other: tree.Query) -> tantivy.Query | None:
        beside = self.of(other) if found is not None else None
        if found is None or beside is None:
            return found
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, found), (how, beside)])
