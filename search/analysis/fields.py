"""The texts of a record as the token fields of a document."""

from __future__ import annotations

from collections.abc import Sequence

from search.analysis import pinyin, tokens
from search.analysis.runs import Run
from search.schema import Field


def field_tokens(
    *,
    title: Sequence[str] = (),
    related: Sequence[str] = (),
    body: Sequence[str] = (),
    codes: Sequence[str] = (),
    files: Sequence[str] = (),
) -> dict[Field, str]:
    """Tokens joined by spaces, by field; the first title is the one that an exact query finds."""
    titles, names, notes, papers = (
        [tokens.text_runs(text) for text in texts] for texts in (title, related, body, files)
    )
    numbers = [tokens.code(text) for text in codes]
    held = {
        Field.TITLE_WORDS: [w for found in titles for w in tokens.words_of(found, single_characters=True)],
        Field.RELATED_WORDS: [w for found in names for w in tokens.words_of(found, single_characters=True)],
        Field.BODY_WORDS: [w for found in notes for w in tokens.words_of(found)],
        Field.FILE_WORDS: [w for found in papers for w in tokens.words_of(found)],
        Field.FILE_PAIRS: tokens.with_breaks(map(tokens.pairs_of, papers)),
        Field.TITLE_PAIRS: tokens.with_breaks(map(tokens.pairs_of, titles)),
        Field.RELATED_PAIRS: tokens.with_breaks(map(tokens.pairs_of, names)),
        Field.BODY_PAIRS: tokens.with_breaks(map(tokens.pairs_of, notes)),
        **_pinyin(titles),
        Field.CODES: [token for number in numbers for token in number.tokens],
        Field.CODE_PIECES: tokens.with_breaks(number.pieces for number in numbers),
    }
    joined = {field: " ".join(found) for field, found in held.items()}
    if title:
        joined[Field.EXACT_TITLE] = tokens.whole(title[0])
    return joined


def _pinyin(titles: Sequence[Sequence[Run]]) -> dict[Field, list[str]]:
    readings = [pinyin.readings_of(found) for found in titles]
    return {
        Field.SYLLABLES: tokens.with_breaks(map(pinyin.full_of, readings)),
        Field.INITIALS: tokens.with_breaks(map(pinyin.initials_of, readings)),
    }
