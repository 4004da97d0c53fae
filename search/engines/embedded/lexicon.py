"""The tokens of one index as of one moment: how many documents hold each, looked up once for all searches of that moment."""

from __future__ import annotations

from functools import cached_property

import tantivy

from search.analysis.slips import near
from search.schema import Field

MOST_ALIKE = 5_000
MOST_KNOWN = 50_000


class Lexicon:
    """See `search.engines.embedded.render.Dictionary`. What is remembered ends with the moment: the next commit brings another."""

    def __init__(self, searcher: tantivy.Searcher) -> None:
        self.searcher = searcher
        self.documents = searcher.num_docs
        self._held: dict[tuple[Field, str | int], int] = {}
        self._near: dict[tuple[Field, str, int], tuple[str, ...]] = {}

    @cached_property
    def kinds(self) -> frozenset[str]:
        """All kinds that any document is of."""
        return frozenset(kind for kind, _count in self.searcher.terms_with_prefix(Field.KIND.value, ""))

    def frequency(self, field: Field, token: str | int) -> int:
        """How many documents hold a token, deleted ones that still lie there included."""
        known = self._held.get((field, token))
        if known is None:
            if len(self._held) >= MOST_KNOWN:
                self._held.clear()
            known = self._held[field, token] = self.searcher.doc_freq(field, token)
        return known

    def near(self, field: Field, token: str, distance: int) -> tuple[str, ...]:
        """Among the most frequent words of the same letter, a hundred times faster than the engine's automaton over its whole
        dictionary."""
        known = self._near.get((field, token, distance))
        if known is None:
            if len(self._near) >= MOST_KNOWN // 100:
                self._near.clear()
            alike = self.searcher.terms_with_prefix(field.value, token[:1], limit=MOST_ALIKE)
            known = tuple(near(token, (word for word, _count in alike), distance))
            self._near[field, token, distance] = known
        return known
