"""A user's words as a query, strictly: all of them must occur, each in whatever field it may.

The boosts and gates are those measured in docs/search.md. User text never reaches an engine's own query language.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from search.analysis import pinyin
from search.analysis.folding import fold
from search.analysis.runs import Run, collapse_phones, joined, parts, runs
from search.analysis.segmenter import segmenter
from search.analysis.tokens import inner_words, pairs, pairs_of, query_words, whole
from search.analysis.vocabulary import EMPTY, Vocabulary
from search.query.places import Places, Shares
from search.query.tree import NOTHING, Everything, Phrase, Preferring, Query, Weighted, best, every
from search.schema import Field

COMMON = 0.01
PAIR = 2
CROWDED = 0.05
MOST_RUNS = 12
SUFFIXES = ("股份有限公司", "有限责任公司", "集团有限公司", "有限公司", "集团公司", "分公司", "公司", "集团")
"""How companies end: wished for, but nobody is missed for ending otherwise."""
BRACKETS = frozenset("()")


@dataclass(frozen=True, slots=True)
class Words:
    """Builds the queries of one text over the places where an actor may search."""

    text: str
    shares: Shares
    places: Places = field(default_factory=Places)
    vocabulary: Vocabulary = EMPTY

    def strict(self) -> Query:
        """All words must occur, each in whatever field it may. A text without any word finds everything."""
        found, endings = self.demanded()
        if not found:
            return Everything() if not self.text.strip() else NOTHING
        asked = [run.text for run in found if run.script == "han"]
        self.shares.prepare((f, word) for word in asked for f in (Field.TITLE_WORDS, Field.BODY_WORDS))
        return self.preferring(every(*(self.run(run) for run in found)), endings)

    def demanded(self) -> tuple[list[Run], list[Run]]:
        """The runs that must occur, and the endings of a company's name behind brackets, （集团）有限公司, which are wished for as they
        are without brackets."""
        folded = collapse_phones(fold(self.text))
        found = runs(folded)[:MOST_RUNS]
        endings = [run for before, run in pairwise(found) if _ends(before, run, folded[before.end : run.start])]
        kept = [run for run in found if run.text not in self.vocabulary.stops] or found
        return [run for run in kept if run not in endings], endings

    def preferring(self, required: Query, endings: Sequence[Run]) -> Query:
        """What is required, with the endings ahead."""
        return Preferring(required, tuple(self._word(run.text) for run in endings)) if endings else required

    def phrase(self) -> Query:
        """These characters in a row, in any field that keeps their order."""
        tokens = pairs_of(runs(collapse_phones(fold(self.text)))[:MOST_RUNS])
        if not tokens:
            return NOTHING
        if len(tokens) == 1 and len(tokens[0]) == 1:
            return self._word(tokens[0])
        rows = (
            (Field.TITLE_PAIRS, 6.0), (Field.RELATED_PAIRS, 3.0), (Field.BODY_PAIRS, 1.5), (Field.NOTE_PAIRS, 1.2),
            (Field.FILE_PAIRS, 1.0),
        )  # fmt: skip
        ways = [way for field, weight in rows for way in self.places.row(field, tokens, weight)]
        code = "".join(tokens) if len(tokens) == 1 else ""
        return best([*ways, *(self.places.one(Field.CODES, code, 8.0) if code else ())], tie=0.1)

    def wished(self) -> tuple[Query, ...]:
        """The record whose title is exactly this text comes first."""
        return self.places.one(Field.EXACT_TITLE, whole(self.text), 30.0)

    def run(self, run: Run) -> Query:
        """One run, wherever it may stand."""
        if run.script == "han":
            return self._company(run.text)
        return self._latin(run.text) if run.script == "latin" else self._word(run.text)

    def _company(self, run: str) -> Query:
        """A run that ends like a company's name: the ending is wished for."""
        ending = next((end for end in SUFFIXES if run.endswith(end) and len(run) - len(end) > 1), "")
        ending = "" if run in SUFFIXES else ending
        if not ending:
            return self._pieces(run)
        return Preferring(
            self._pieces(run.removesuffix(ending)), (self._word(ending), *self._phrases(run, in_body=False))
        )

    def _pieces(self, run: str) -> Query:
        """The run cut at the company's own words; each with its synonyms, stop words left out where others remain."""
        cut = self.vocabulary.pieces(run)
        found = [(piece, own) for piece, own in cut if piece not in self.vocabulary.stops] or cut
        if len(found) == 1 and not found[0][1]:
            return self._han(found[0][0])
        return every(*(self._own(piece) if own else self._han(piece) for piece, own in found))

    def _own(self, word: str) -> Query:
        """A word of the tenant's vocabulary, or what means the same."""
        ways = [self._han(word, own=True)]
        for other in self.vocabulary.synonyms.get(word, ()):
            found = runs(other)
            ways.append(
                Weighted(
                    every(*(self._han(r.text, own=True) if r.script == "han" else self._latin(r.text) for r in found)),
                    0.8,
                )
            )
        return best(ways, tie=0.1)

    def _han(self, run: str, *, own: bool = False) -> Query:
        if len(run) == 1:
            return self._word(run)
        words = [run] if own else query_words(run)
        is_word = len(words) == 1 and segmenter().known(run)
        if is_word and self._common(run):
            return self._frequent(run)
        ways: list[Query] = [*self._phrases(run, in_body=not is_word and not self._crowded(words), own=own)]
        if not own or is_word:
            ways.insert(0, every(*(self._word(word) for word in words)))
        if is_word and (inner := inner_words(run)):
            ways.append(Weighted(every(*(self._word(word) for word in inner)), 0.3))
        return best(ways, tie=0.2)

    def _frequent(self, run: str) -> Query:
        """A word that very many records hold is looked for as a word; of two characters in names as a pair, which also finds it across
        words (发展 in 出发展望) and wherever it is a word."""
        if len(run) != PAIR:
            return self._word(run)
        named = (*self.places.one(Field.TITLE_PAIRS, run, 6.0), *self.places.one(Field.RELATED_PAIRS, run, 3.0))
        return best([*named, *self._outside_names(run)], tie=0.1)

    def _common(self, word: str) -> bool:
        fields = (f for f in (Field.TITLE_WORDS, Field.BODY_WORDS) if f in self.places.fields)
        return any(self.shares.share(f, word) > COMMON for f in fields)

    def _crowded(self, words: Sequence[str]) -> bool:
        """Whether each of several words stands in so many running texts that their neighbourhood there costs more than it tells."""
        shares = self.shares.share
        return len(words) > 1 and all(len(w) > 1 and shares(Field.BODY_WORDS, w) > CROWDED for w in words)

    def _word(self, word: str) -> Query:
        """One word in the word fields, or as a part of a code; running text knows it only as a word of its own (SRH-02)."""
        named = (*self.places.one(Field.TITLE_WORDS, word, 4.0), *self.places.one(Field.RELATED_WORDS, word, 2.0))
        return best([*named, *self._outside_names(word)], tie=0.1)

    def _outside_names(self, word: str) -> tuple[Query, ...]:
        weights = ((Field.BODY_WORDS, 1.0), (Field.NOTE_WORDS, 0.8), (Field.FILE_WORDS, 0.7))
        running = (one for field, weight in weights for one in self.places.one(field, word, weight))
        return (*running, *self.places.one(Field.CODES, f"P{word}", 1.0))

    def _phrases(self, run: str, *, in_body: bool, own: bool = False) -> list[Query]:
        """The run as characters in a row: anywhere in names; in running text from three characters and if no word."""
        tokens = pairs(run)
        found = [*self.places.row(Field.TITLE_PAIRS, tokens, 6.0), *self.places.row(Field.RELATED_PAIRS, tokens, 3.0)]
        if in_body and len(run) == 2 and not own:
            singles = ((Field.BODY_WORDS, 1.5), (Field.NOTE_WORDS, 1.2), (Field.FILE_WORDS, 1.0))
            found += [one for field, weight in singles for one in self.places.one(field, run, weight)]
        elif in_body:
            rows = ((Field.BODY_PAIRS, 1.5), (Field.NOTE_PAIRS, 1.2), (Field.FILE_PAIRS, 1.0))
            found += [row for field, weight in rows for row in self.places.row(field, tokens, weight)]
        return found

    def _latin(self, run: str) -> Query:
        exact = joined(run)
        pieces = [p for p in parts(run) if p != exact]
        ways: list[Query] = [self._word(exact), *self.places.one(Field.CODES, exact, 8.0)]
        if pieces:
            ways.append(every(*(self._word(piece) for piece in dict.fromkeys(pieces))))
        if len(exact) in (4, 6, 8):
            ways += self.places.one(Field.CODES, f"S{exact}", 6.0)
        if len(exact) >= 3:
            ways += self.places.row(Field.CODE_PIECES, [exact[i : i + 3] for i in range(len(exact) - 2)], 3.0)
        ways += self.places.row(Field.TITLE_PAIRS, [exact], 6.0) + self.places.row(Field.RELATED_PAIRS, [exact], 3.0)
        if exact.isalpha():
            ways += self._spelled(exact)
        ways += [self._own_latin(other) for other in self.vocabulary.synonyms.get(exact, ())]
        return best(ways, tie=0.2)

    def _own_latin(self, other: str) -> Query:
        return Weighted(
            every(
                *(self._han(r.text, own=True) if r.script == "han" else self._word(joined(r.text)) for r in runs(other))
            ),
            0.8,
        )

    def _spelled(self, letters: str) -> list[Query]:
        found: list[Query] = []
        for way in pinyin.typed(letters):
            if way.complete:
                found += self.places.row(Field.SYLLABLES, way.syllables, 3.0)
            elif len(way.syllables) > 1:
                begun = Weighted(Phrase(Field.SYLLABLES, way.syllables, open_end=True), 2.0)
                found += self.places.open(Field.SYLLABLES, begun)
        if 2 <= len(letters) <= pinyin.LONGEST_INITIALS:
            size = min(3, len(letters))
            found += self.places.row(
                Field.INITIALS, [letters[i : i + size] for i in range(len(letters) - size + 1)], 2.0
            )
        return found


def _ends(before: Run, run: Run, between: str) -> bool:
    return before.script == "han" and run.text in SUFFIXES and bool(between) and set(between) <= BRACKETS
