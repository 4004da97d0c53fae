"""What may have been meant where the words as they were typed find little: asked only then, since it costs more and finds more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from search.analysis import pinyin
from search.analysis.runs import Run, joined
from search.analysis.slips import Slip, Way, meant
from search.analysis.tokens import pairs
from search.query.tree import (
    ANY,
    Constant,
    Fuzzy,
    Nothing,
    OneOf,
    Phrase,
    Preferring,
    Query,
    Some,
    Term,
    Weighted,
    best,
    every,
)
from search.query.words import SUFFIXES, Words
from search.schema import Field

RARE_PAIR = 0.02
ENOUGH = 3
SHORTEST_FUZZY = 4
LONG_FUZZY = 8
LEAST_SYLLABLES = 4
LEAST_ROW = 3
MOST_ROWS = 48
NEAR, NEARER = 2.0, 10.0

Place = tuple[Way, Way]
"""Where one syllable stands: those before it and those behind it."""


@dataclass(frozen=True, slots=True)
class Forgiving:
    """What the words may have meant; with `slips` also a slip in pinyin or in a Latin word."""

    words: Words
    slips: bool = False

    def query(self) -> Query | None:
        """Sixty per cent of the rare pairs of a longer Han run in names, the same sounds, slips. None when the text leaves nothing to
        forgive."""
        found, endings = self.words.demanded()
        asked = [pair for run in found if run.script == "han" for pair in pairs(run.text)]
        self.words.shares.prepare((f, pair) for pair in asked for f in (Field.TITLE_PAIRS, Field.RELATED_PAIRS))
        clauses = [(self._run(run), self.words.run(run)) for run in found]
        if not any(meant for meant, _ in clauses):
            return None
        required = every(*(best([strict, *meant], tie=0.0) for meant, strict in clauses))
        return self.words.preferring(required, endings)

    def _run(self, run: Run) -> list[Query]:
        if run.script == "han" and len(run.text) >= 3 and run.text not in SUFFIXES:
            return [*self._most_pairs(run.text), *self._same_sounds(run.text)]
        letters = joined(run.text) if self.slips and run.script == "latin" else ""
        return self._slipped(letters) if letters.isalpha() and len(letters) >= SHORTEST_FUZZY else []

    def _most_pairs(self, run: str) -> list[Query]:
        rare = [pair for pair in dict.fromkeys(pairs(run)) if self._rare(pair)]
        if not rare:
            return []
        least = max(1, -(-len(rare) * 6 // 10))
        one = self.words.places.one
        each = [best([*one(Field.TITLE_PAIRS, p, 4.0), *one(Field.RELATED_PAIRS, p, 2.0)], tie=0.1) for p in rare]
        return [Some(tuple(q for q in each if not isinstance(q, Nothing)), least)]

    def _rare(self, pair: str) -> bool:
        shares = (self.words.shares.share(field, pair) for field in (Field.TITLE_PAIRS, Field.RELATED_PAIRS))
        return any(0 < share < RARE_PAIR for share in shares)

    def _same_sounds(self, run: str) -> list[Query]:
        """A character misheard, as input methods offer it: the same syllables in a row in a name."""
        sounds = pinyin.syllables(run)
        return self.words.places.row(Field.SYLLABLES, sounds, 2.0) if len(sounds) == len(run) else []

    def _slipped(self, letters: str) -> list[Query]:
        """A slip in a Latin word of a name, or in pinyin."""
        distances = ((1, 4.0), (2, 1.0)) if len(letters) >= LONG_FUZZY else ((1, 4.0),)
        latin = [Weighted(Fuzzy(Field.TITLE_WORDS, letters, far), weight) for far, weight in distances]
        found = [query for one in latin for query in self.words.places.open(Field.TITLE_WORDS, one)]
        slips = meant(letters)
        return [*found, *self._short(slips), *self._long(slips, _otherwise(letters))]

    def _short(self, slips: Iterable[Slip]) -> list[Query]:
        """Readings of one or two syllables, each by itself."""
        ways = [way for slip in slips for way in slip.ways if len(way) < LEAST_ROW][:MOST_ROWS]
        return [row for way in ways for row in self.words.places.row(Field.SYLLABLES, way, NEAR)]

    def _long(self, slips: Iterable[Slip], otherwise: Mapping[Place, Query]) -> list[Query]:
        """Longer readings that differ in one syllable, all at once: the others in a row around it, and the initials of near ones. To look
        for each reading in a row costs an engine more than everything else of a search."""
        rows = dict(otherwise)
        for slip in slips:
            if slip.others + 1 >= LEAST_ROW:
                near, place = OneOf(Field.INITIALS, _initials(slip)), (slip.head, slip.tail)
                quite_another = rows.get(place)
                rows[place] = (
                    Preferring(quite_another, (Constant(near, NEARER),))
                    if quite_another
                    else every(Weighted(_around(*place), NEAR), Constant(near, 0.0))
                )
        return self.words.places.open(Field.SYLLABLES, best(list(rows.values()), tie=0.0)) if rows else []


def _otherwise(letters: str) -> dict[Place, Query]:
    """Whole syllables of which one may be quite another than meant, by what stands around it."""
    way = next((way.syllables for way in pinyin.typed(letters) if way.complete), ())
    places = [(way[:at], way[at + 1 :]) for at in range(len(way))] if len(way) >= LEAST_SYLLABLES else []
    return {place: _around(*place) for place in places}


def _around(head: Way, tail: Way) -> Query:
    """Syllables in a row with any one between them; at the beginning or the end there need be none."""
    row = (*head, ANY, *tail) if head and tail else (*head, *tail)
    return Phrase(Field.SYLLABLES, row) if len(row) > 1 else Term(Field.SYLLABLES, row[0])


def _initials(slip: Slip) -> Way:
    """The threes of initials in which the near syllables stand."""
    first = max(0, min(len(slip.head) - 1, slip.others - 2))
    return tuple(dict.fromkeys("".join(one[0] for one in way[first : first + 3]) for way in slip.ways))
