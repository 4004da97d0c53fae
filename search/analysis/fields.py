"""The texts of a record as the token fields of a document."""

from __future__ import annotations

from collections.abc import Sequence

from search.analysis import pinyin, tokens
from search.schema import Field


def field_tokens(
    *, title: Sequence[str] = (), related: Sequence[str] = (), body: Sequence[str] = (), codes: Sequence[str] = ()
) -> dict[Field, str]:
    """Tokens joined by spaces, by field; the first title is the one that an exact query finds."""
    held = {
        Field.TITLE_WORDS: [w for t in title for w in tokens.index_words(t, single_characters=True)],
        Field.RELATED_WORDS: [w for t in related for w in tokens.index_words(t, single_characters=True)],
        Field.BODY_WORDS: [w for t in body for w in tokens.index_words(t)],
        Field.TITLE_PAIRS: tokens.with_breaks(tokens.index_pairs(t) for t in title),
        Field.RELATED_PAIRS: tokens.with_breaks(tokens.index_pairs(t) for t in related),
        Field.BODY_PAIRS: tokens.with_breaks(tokens.index_pairs(t) for t in body),
        Field.SYLLABLES: tokens.with_breaks(pinyin.full_tokens(t) for t in title),
        Field.INITIALS: tokens.with_breaks(pinyin.initial_tokens(t) for t in title),
        Field.CODES: [c for t in codes for c in tokens.code_tokens(t)],
        Field.CODE_PIECES: tokens.with_breaks(tokens.trigrams(t) for t in codes),
    }
    joined = {field: " ".join(found) for field, found in held.items()}
    if title:
        joined[Field.EXACT_TITLE] = tokens.whole(title[0])
    return joined
