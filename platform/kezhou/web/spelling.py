"""Finding titles by what people type: a part of the text, its pinyin, or the initials of its pinyin."""

from __future__ import annotations

from functools import lru_cache

from kezhou.records.fields.pinyin import spelled


def words(text: str) -> tuple[str, ...]:
    """What was typed as folded words; all of them must fit."""
    return tuple(text.casefold().split()[:8])


def fits(wanted: tuple[str, ...], *texts: str) -> bool:
    """Whether every word is found in one of the texts, as it stands or by its pinyin."""
    return all(any(_holds(text, word) for text in texts) for word in wanted)


def _holds(text: str, word: str) -> bool:
    return word in text.casefold() or (word.isascii() and word.isalnum() and any(word in key for key in keys(text)))


@lru_cache(maxsize=8192)
def keys(text: str) -> tuple[str, str]:
    """Pinyin initials and full pinyin of a text, small letters without spaces."""
    read = syllables(text)
    return "".join(syllable[:1] for syllable in read), "".join(read)


@lru_cache(maxsize=8192)
def syllables(text: str) -> tuple[str, ...]:
    """The pinyin of a text syllable by syllable, small letters; what is not Chinese stands as it is."""
    return spelled(text)
