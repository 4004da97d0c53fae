"""Looking places up while typing: part of the name, pinyin or its initials, the beginning of a code, postcode or area code."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from kezhou.records.fields.pinyin import spelled
from kezhou.records.folding import fold
from kezhou.records.regions.places import Place, Regions


def search(regions: Regions, text: str, *, limit: int = 50) -> tuple[Place, ...]:
    """Places that every word of the text fits, provinces before cities before districts, at most `limit`."""
    wanted = words(text)
    if not wanted:
        return ()
    found = [place for place in regions.by_code.values() if fits(wanted, words_of(regions, place))]
    return tuple(sorted(found, key=lambda place: (len(regions.chain(place.code)), place.code))[:limit])


def words(text: str) -> tuple[str, ...]:
    """What was typed as folded words; all of them must fit."""
    return tuple(fold(text).split()[:8])


def words_of(regions: Regions, place: Place) -> tuple[str, ...]:
    """The texts by which a place is found: its name and those above, its codes."""
    names = tuple(above.name for above in regions.chain(place.code))
    return (*names, place.standard, place.code, place.area_code, place.postcode)


def fits(wanted: Iterable[str], texts: tuple[str, ...]) -> bool:
    """Whether every folded word is in one of the texts, or begins its pinyin or initials."""
    return all(any(_holds(text, word) for text in texts if text) for word in wanted)


def _holds(text: str, word: str) -> bool:
    if word.isdigit():
        return text.startswith(word)
    return word in fold(text) or (word.isascii() and any(key.startswith(word) for key in _keys(text)))


@lru_cache(maxsize=16384)  # texts of the base data and of companies alike; nothing but their spelling is kept
def _keys(text: str) -> tuple[str, str]:
    read = spelled(text)
    return "".join(syllable[:1] for syllable in read), "".join(read)
