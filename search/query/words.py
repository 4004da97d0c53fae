"""A user's words as a query: the first phase, strict, and the second, forgiving, run only when the first finds little.

The boosts and gates are those measured in docs/search.md. User text never reaches an engine's own query language.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from search.analysis import pinyin
from search.analysis.folding import fold
from search.analysis.runs import Run, collapse_phones, joined, parts, runs
from search.analysis.segmenter import segmenter
from search.analysis.tokens import inner_words, pairs, query_words, whole
from search.query.tree import (
    EVERYTHING,
    NOTHING,
    Constant,
    Everything,
    Nothing,
    Phrase,
    Query,
    Some,
    Term,
    Weighted,
    best,
    every,
)
from search.schema import RELATED_FIELDS, TEXT_FIELDS, Field

COMMON = 0.01
RARE_PAIR = 0.02
ENOUGH = 3
MOST_CLAUSES = 12

Share = Callable[[Field, str], float]
"""The part of the tenant's documents that hold a token, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Words:
    """Builds the queries of one text over the fields an actor may search.

    `guard` narrows matches in the names of linked records to documents whose linked records the actor may see.
    """

    text: str
    share: Share
    fields: frozenset[Field] = TEXT_FIELDS
    guard: Query = EVERYTHING

    def strict(self) -> Query:
        """All words must occur, each in whatever field it may. A text without any word finds everything."""
        clauses = [self._run(run) for run in self._runs()]
        if not clauses:
            return Everything() if not self.text.strip() else NOTHING
        return every(*clauses)

    def wished(self) -> tuple[Query, ...]:
        """The record whose title is exactly this text comes first."""
        return self._one(Field.EXACT_TITLE, whole(self.text), 30.0)

    def forgiving(self) -> Query | None:
        """Sixty per cent of the rare bigrams of every longer Han run in a name; None when the text has no such run."""
        clauses: list[Query] = []
        for run in self._runs():
            if run.script != "han" or len(run.text) < 3:
                return None
            rare = [p for p in dict.fromkeys(pairs(run.text)) if self._rare(p)]
            if not rare:
                return None
            least = max(1, -(-len(rare) * 6 // 10))
            names: list[Query] = []
            for field, weight in ((Field.TITLE_PAIRS, 4.0), (Field.RELATED_PAIRS, 2.0)):
                if field in self.fields:
                    names.append(
                        self._guarded(field, Weighted(Some(tuple(Term(field, p) for p in rare), least), weight))
                    )
            clauses.append(best(names, tie=0.1))
        return every(*clauses) if clauses else None

    def _runs(self) -> list[Run]:
        return runs(collapse_phones(fold(self.text)))[:MOST_CLAUSES]

    def _rare(self, pair: str) -> bool:
        share = self.share(Field.TITLE_PAIRS, pair)
        return 0 < share < RARE_PAIR or 0 < self.share(Field.RELATED_PAIRS, pair) < RARE_PAIR

    def _run(self, run: Run) -> Query:
        if run.script == "han":
            return self._han(run.text)
        return self._latin(run.text) if run.script == "latin" else self._word(run.text)

    def _han(self, run: str) -> Query:
        if len(run) == 1:
            return self._word(run)
        words = query_words(run)
        is_word = len(words) == 1 and segmenter().known(run)
        if is_word and self._common(run):
            return self._word(run)
        ways: list[Query] = [every(*(self._word(word) for word in words)), *self._phrases(run, in_body=not is_word)]
        if is_word and (inner := inner_words(run)):
            ways.append(Weighted(every(*(self._word(word) for word in inner)), 0.3))
        return best(ways, tie=0.2)

    def _common(self, word: str) -> bool:
        return any(self.share(f, word) > COMMON for f in (Field.TITLE_WORDS, Field.BODY_WORDS) if f in self.fields)

    def _word(self, word: str) -> Query:
        """One word in the word fields; the body knows it only as a word of its own (SRH-02)."""
        return best(
            [
                *self._one(Field.TITLE_WORDS, word, 4.0),
                *self._one(Field.RELATED_WORDS, word, 2.0),
                *self._one(Field.BODY_WORDS, word, 1.0),
            ],
            tie=0.1,
        )

    def _phrases(self, run: str, *, in_body: bool) -> list[Query]:
        """The run as characters in a row: anywhere in names; in running text from three characters and if no word."""
        tokens = pairs(run)
        found = [*self._row(Field.TITLE_PAIRS, tokens, 6.0), *self._row(Field.RELATED_PAIRS, tokens, 3.0)]
        if in_body:
            found += (
                self._one(Field.BODY_WORDS, run, 1.5) if len(run) == 2 else self._row(Field.BODY_PAIRS, tokens, 1.5)
            )
        return found

    def _latin(self, run: str) -> Query:
        exact = joined(run)
        pieces = [p for p in parts(run) if p != exact]
        ways: list[Query] = [self._part(exact), *self._one(Field.CODES, exact, 8.0)]
        if pieces:
            ways.append(every(*(self._part(piece) for piece in dict.fromkeys(pieces))))
        if len(exact) in (4, 6, 8):
            ways += self._one(Field.CODES, f"S{exact}", 6.0)
        if len(exact) >= 3:
            ways += self._row(Field.CODE_PIECES, [exact[i : i + 3] for i in range(len(exact) - 2)], 3.0)
        ways += self._row(Field.TITLE_PAIRS, [exact], 6.0) + self._row(Field.RELATED_PAIRS, [exact], 3.0)
        if exact.isalpha():
            ways += self._spelled(exact)
        return best(ways, tie=0.2)

    def _part(self, piece: str) -> Query:
        """A Latin word, or a part of a code."""
        return best([self._word(piece), *self._one(Field.CODES, f"P{piece}", 1.0)], tie=0.1)

    def _spelled(self, letters: str) -> list[Query]:
        found: list[Query] = []
        for way in pinyin.typed(letters):
            if way.complete:
                found += self._row(Field.SYLLABLES, list(way.syllables), 3.0)
            elif len(way.syllables) > 1 and Field.SYLLABLES in self.fields:
                found.append(Weighted(Phrase(Field.SYLLABLES, way.syllables, open_end=True), 2.0))
        if 2 <= len(letters) <= pinyin.LONGEST_INITIALS:
            size = min(3, len(letters))
            found += self._row(Field.INITIALS, [letters[i : i + size] for i in range(len(letters) - size + 1)], 2.0)
        return found

    def _one(self, field: Field, value: str, weight: float) -> tuple[Query, ...]:
        return (self._guarded(field, Weighted(Term(field, value), weight)),) if field in self.fields else ()

    def _row(self, field: Field, tokens: list[str], weight: float) -> list[Query]:
        if field not in self.fields:
            return []
        query: Query = Term(field, tokens[0]) if len(tokens) == 1 else Phrase(field, tuple(tokens))
        return [self._guarded(field, Weighted(query, weight))]

    def _guarded(self, field: Field, query: Query) -> Query:
        if field not in RELATED_FIELDS or isinstance(self.guard, Everything):
            return query
        return every(query, NOTHING if isinstance(self.guard, Nothing) else Constant(self.guard, 0.0))


def prior(ranks: dict[str, int]) -> tuple[Query, ...]:
    """More score for kinds that stand first in the menu, halving from the first to the fifth (docs/search.md)."""
    scores = (16.0, 12.8, 6.4, 4.8, 3.2)
    return tuple(Constant(Term(Field.KIND, kind), scores[rank]) for kind, rank in ranks.items() if rank < len(scores))
