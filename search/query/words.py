"""A user's words as a query: the first phase, strict, and the second, forgiving, run only when the first finds little.

The boosts and gates are those measured in docs/search.md. User text never reaches an engine's own query language.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from search.analysis import pinyin
from search.analysis.folding import fold
from search.analysis.runs import Run, collapse_phones, joined, parts, runs
from search.analysis.segmenter import segmenter
from search.analysis.slips import meant
from search.analysis.tokens import inner_words, pairs, pairs_of, query_words, whole
from search.analysis.vocabulary import EMPTY, Vocabulary
from search.query.tree import (
    EVERYTHING,
    NOTHING,
    Constant,
    Everything,
    Fuzzy,
    Nothing,
    Phrase,
    Preferring,
    Query,
    Some,
    Term,
    Weighted,
    best,
    every,
)
from search.schema import APART, TEXT_FIELDS, Field, apart

COMMON = 0.01
PAIR = 2
RARE_PAIR = 0.02
CROWDED = 0.05
ENOUGH = 3
MOST_RUNS = 12
SHORTEST_FUZZY = 4
LONG_FUZZY = 8
LEAST_SYLLABLES = 4
SUFFIXES = ("股份有限公司", "有限责任公司", "集团有限公司", "有限公司", "集团公司", "分公司", "公司", "集团")
"""How companies end: wished for, but nobody is missed for ending otherwise."""


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
class Words:
    """Builds the queries of one text over the fields an actor may search, each behind its guard.

    `confidential` names, by home, the fields kept apart that the actor may see all the same, and where.
    """

    text: str
    shares: Shares
    fields: Guards = field(default_factory=lambda: OPEN)
    vocabulary: Vocabulary = EMPTY
    confidential: Confidential = field(default_factory=dict)

    def strict(self) -> Query:
        """All words must occur, each in whatever field it may. A text without any word finds everything."""
        found = self._runs()
        if not found:
            return Everything() if not self.text.strip() else NOTHING
        asked = [run.text for run in found if run.script == "han"]
        self.shares.prepare((f, word) for word in asked for f in (Field.TITLE_WORDS, Field.BODY_WORDS))
        return every(*(self._run(run) for run in found))

    def phrase(self) -> Query:
        """These characters in a row, in any field that keeps their order."""
        tokens = pairs_of(self._runs(whole=True))
        if not tokens:
            return NOTHING
        if len(tokens) == 1 and len(tokens[0]) == 1:
            return self._word(tokens[0])
        rows = (
            (Field.TITLE_PAIRS, 6.0), (Field.RELATED_PAIRS, 3.0), (Field.BODY_PAIRS, 1.5), (Field.NOTE_PAIRS, 1.2),
            (Field.FILE_PAIRS, 1.0),
        )  # fmt: skip
        ways = [way for field, weight in rows for way in self._row(field, tokens, weight)]
        code = "".join(tokens) if len(tokens) == 1 else ""
        return best([*ways, *(self._one(Field.CODES, code, 8.0) if code else ())], tie=0.1)

    def wished(self) -> tuple[Query, ...]:
        """The record whose title is exactly this text comes first."""
        return self._one(Field.EXACT_TITLE, whole(self.text), 30.0)

    def forgiving(self, *, slips: bool = False) -> Query | None:
        """What may have been meant: sixty per cent of the rare pairs of a longer Han run in names, the same sounds; with
        `slips` also a slip in pinyin or in a Latin word. None when the text leaves nothing to forgive."""
        found = self._runs()
        asked = [pair for run in found if run.script == "han" for pair in pairs(run.text)]
        self.shares.prepare((f, pair) for pair in asked for f in (Field.TITLE_PAIRS, Field.RELATED_PAIRS))
        clauses = [(self._forgiving_run(run, slips=slips), self._run(run)) for run in found]
        if not any(meant for meant, _ in clauses):
            return None
        return every(*(best([strict, *meant], tie=0.0) for meant, strict in clauses))

    # --- forgiving ------------------------------------------------------------------------------------------------

    def _forgiving_run(self, run: Run, *, slips: bool) -> list[Query]:
        if run.script == "han" and len(run.text) >= 3:
            return [*self._most_pairs(run.text), *self._same_sounds(run.text)]
        letters = joined(run.text) if slips and run.script == "latin" else ""
        return self._slips(letters) if letters.isalpha() and len(letters) >= SHORTEST_FUZZY else []

    def _most_pairs(self, run: str) -> list[Query]:
        rare = [pair for pair in dict.fromkeys(pairs(run)) if self._rare(pair)]
        if not rare:
            return []
        least = max(1, -(-len(rare) * 6 // 10))
        each = [
            best([*self._one(Field.TITLE_PAIRS, p, 4.0), *self._one(Field.RELATED_PAIRS, p, 2.0)], tie=0.1)
            for p in rare
        ]
        return [Some(tuple(q for q in each if not isinstance(q, Nothing)), least)]

    def _same_sounds(self, run: str) -> list[Query]:
        """A character misheard, as input methods offer it: the same syllables in a row in a name."""
        sounds = pinyin.syllables(run)
        return self._row(Field.SYLLABLES, sounds, 2.0) if len(sounds) == len(run) else []

    def _slips(self, letters: str) -> list[Query]:
        """A slip in a Latin word of a name, or in pinyin."""
        distances = ((1, 4.0), (2, 1.0)) if len(letters) >= LONG_FUZZY else ((1, 4.0),)
        fields = [f for f in (Field.TITLE_WORDS,) if f in self.fields]  # an automaton costs some ms
        latin = [
            _guarded(Weighted(Fuzzy(f, letters, far), weight), self.fields[f])
            for f in fields
            for far, weight in distances
        ]
        slipped = [row for way in meant(letters) for row in self._row(Field.SYLLABLES, way, 2.0)]
        return [*latin, *slipped, *self._most_syllables(letters)]

    def _most_syllables(self, letters: str) -> list[Query]:
        """Whole syllables of which one is another than meant: it breaks two of the pairs of neighbours."""
        way = next((way.syllables for way in pinyin.typed(letters) if way.complete), ())
        if len(way) < LEAST_SYLLABLES or Field.SYLLABLES not in self.fields:
            return []
        neighbours = tuple(Phrase(Field.SYLLABLES, way[at : at + 2]) for at in range(len(way) - 1))
        return [_guarded(Some(neighbours, len(neighbours) - 2), self.fields[Field.SYLLABLES])]

    def _rare(self, pair: str) -> bool:
        share = self.shares.share(Field.TITLE_PAIRS, pair)
        return 0 < share < RARE_PAIR or 0 < self.shares.share(Field.RELATED_PAIRS, pair) < RARE_PAIR

    # --- strict ---------------------------------------------------------------------------------------------------

    def _runs(self, *, whole: bool = False) -> list[Run]:
        found = runs(collapse_phones(fold(self.text)))[:MOST_RUNS]
        kept = [run for run in found if run.text not in self.vocabulary.stops]
        return found if whole or not kept else kept

    def _run(self, run: Run) -> Query:
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
        """A word that very many records hold is looked for as a word; of two characters also across words of a name (发展 in 出发展望),
        which is one more token and no phrase."""
        if len(run) != PAIR:
            return self._word(run)
        return best([self._word(run), *self._phrases(run, in_body=False)], tie=0.0)

    def _common(self, word: str) -> bool:
        fields = (f for f in (Field.TITLE_WORDS, Field.BODY_WORDS) if f in self.fields)
        return any(self.shares.share(f, word) > COMMON for f in fields)

    def _crowded(self, words: Sequence[str]) -> bool:
        """Whether each of several words stands in so many running texts that their neighbourhood there costs more than it tells."""
        shares = self.shares.share
        return len(words) > 1 and all(len(w) > 1 and shares(Field.BODY_WORDS, w) > CROWDED for w in words)

    def _word(self, word: str) -> Query:
        """One word in the word fields, or as a part of a code; running text knows it only as a word of its own (SRH-02)."""
        return best(
            [
                *self._one(Field.TITLE_WORDS, word, 4.0),
                *self._one(Field.RELATED_WORDS, word, 2.0),
                *self._one(Field.BODY_WORDS, word, 1.0),
                *self._one(Field.NOTE_WORDS, word, 0.8),
                *self._one(Field.FILE_WORDS, word, 0.7),
                *self._one(Field.CODES, f"P{word}", 1.0),
            ],
            tie=0.1,
        )

    def _phrases(self, run: str, *, in_body: bool, own: bool = False) -> list[Query]:
        """The run as characters in a row: anywhere in names; in running text from three characters and if no word."""
        tokens = pairs(run)
        found = [*self._row(Field.TITLE_PAIRS, tokens, 6.0), *self._row(Field.RELATED_PAIRS, tokens, 3.0)]
        if in_body and len(run) == 2 and not own:
            singles = ((Field.BODY_WORDS, 1.5), (Field.NOTE_WORDS, 1.2), (Field.FILE_WORDS, 1.0))
            found += [one for field, weight in singles for one in self._one(field, run, weight)]
        elif in_body:
            rows = ((Field.BODY_PAIRS, 1.5), (Field.NOTE_PAIRS, 1.2), (Field.FILE_PAIRS, 1.0))
            found += [row for field, weight in rows for row in self._row(field, tokens, weight)]
        return found

    def _latin(self, run: str) -> Query:
        exact = joined(run)
        pieces = [p for p in parts(run) if p != exact]
        ways: list[Query] = [self._word(exact), *self._one(Field.CODES, exact, 8.0)]
        if pieces:
            ways.append(every(*(self._word(piece) for piece in dict.fromkeys(pieces))))
        if len(exact) in (4, 6, 8):
            ways += self._one(Field.CODES, f"S{exact}", 6.0)
        if len(exact) >= 3:
            ways += self._row(Field.CODE_PIECES, [exact[i : i + 3] for i in range(len(exact) - 2)], 3.0)
        ways += self._row(Field.TITLE_PAIRS, [exact], 6.0) + self._row(Field.RELATED_PAIRS, [exact], 3.0)
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
                found += self._row(Field.SYLLABLES, way.syllables, 3.0)
            elif len(way.syllables) > 1 and Field.SYLLABLES in self.fields:
                begun = Weighted(Phrase(Field.SYLLABLES, way.syllables, open_end=True), 2.0)
                found.append(_guarded(begun, self.fields[Field.SYLLABLES]))
        if 2 <= len(letters) <= pinyin.LONGEST_INITIALS:
            size = min(3, len(letters))
            found += self._row(Field.INITIALS, [letters[i : i + size] for i in range(len(letters) - size + 1)], 2.0)
        return found

    def _one(self, field: Field, value: str, weight: float) -> tuple[Query, ...]:
        return tuple(self._row(field, (value,), weight))

    def _row(self, field: Field, tokens: Sequence[str], weight: float) -> list[Query]:
        """Tokens in a field, and in the confidential fields at home there that the actor may see."""
        asked = [(_tokens(field, tokens), self.fields[field])] if field in self.fields else []
        for key, guard in self.confidential.get(field, ()):
            asked.append((_tokens(APART[field], [apart(key, token) for token in tokens]), guard))
        return [_guarded(Weighted(query, weight), guard) for query, guard in asked]


def _guarded(query: Query, guard: Query) -> Query:
    return query if isinstance(guard, Everything) else every(query, Constant(guard, 0.0))


def _tokens(field: Field, tokens: Sequence[str]) -> Query:
    return Term(field, tokens[0]) if len(tokens) == 1 else Phrase(field, tuple(tokens))


KIND_POINTS = (24.0, 16.0, 8.0, 6.0, 4.0)
"""More score for kinds that stand first in the menu, less and less from the first to the fifth (docs/search.md)."""
FULL_AT = 100_000
"""Records among which a rare word is worth so much that the kinds count in full."""


def kind_points(documents: int) -> tuple[float, ...]:
    """What the kinds' order in the menu is worth among so many records: a rare word is worth the less the fewer there are, and the kind
    shall never outweigh the words."""
    strength = min(1.0, math.log1p(documents) / math.log1p(FULL_AT))
    return tuple(round(points * strength, 1) for points in KIND_POINTS)


def prior(kinds: Iterable[str], documents: int) -> tuple[Query, ...]:
    """The same as parts of a query."""
    points = kind_points(documents)
    return tuple(Constant(Term(Field.KIND, kind), worth) for kind, worth in zip(kinds, points, strict=False))
