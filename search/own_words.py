"""A company's vocabulary made ready for queries, and shown at work on a text (SRH-03)."""

from __future__ import annotations

from collections.abc import Iterable

from kezhou.access.actor import Actor
from kezhou.access.versioned import Versioned
from kezhou.finding import words as own
from kezhou.finding.language import wanted
from kezhou.finding.model import Cut
from search.analysis.folding import fold
from search.analysis.runs import collapse_phones, runs
from search.analysis.tokens import query_words
from search.analysis.vocabulary import Vocabulary
from tenants.context import current

_ready: Versioned[tuple[int, str], Vocabulary] = Versioned(limit=own.KEPT)


def vocabulary(actor: Actor) -> Vocabulary:
    """The company's vocabulary as of now; made anew only when its lines changed."""
    place, told = current(), own.told(actor)
    return _ready.get((place.pk, place.schema), told, lambda: Vocabulary.of(told.words, told.same, told.stops))


def cut(actor: Actor, text: str) -> tuple[Cut, ...]:
    """How a search for this text is read: its words in order, with what each of them also finds."""
    known = vocabulary(actor)
    return tuple(
        Cut(word, own=mine, left_out=word in known.stops, same=known.synonyms.get(word, ()))
        for word, mine in _pieces(known, text)
    )


def _pieces(known: Vocabulary, text: str) -> Iterable[tuple[str, bool]]:
    for run in runs(collapse_phones(fold(text))):
        if run.script != "han":
            yield run.text, run.text in known.words
            continue
        for piece, mine in known.pieces(run.text):
            yield from [(piece, True)] if mine else ((word, False) for word in query_words(piece))


def others(known: Vocabulary, text: str) -> tuple[str, ...]:
    """What the words of a query also find: marked in hits like the words themselves."""
    return tuple(same for word, _mine in _pieces(known, wanted(text)) for same in known.synonyms.get(word, ()))
