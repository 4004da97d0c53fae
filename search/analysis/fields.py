"""The texts of a record as the token fields of a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from search.analysis import pinyin, tokens
from search.analysis.runs import Run
from search.schema import Field, apart

Home = Literal["related", "body", "codes", "files"]


@dataclass(frozen=True, slots=True)
class Confidential:
    """The texts of one field that some role may not see, and the part of the record they would be in otherwise."""

    key: str
    home: Home
    texts: tuple[str, ...]


def field_tokens(
    *,
    title: Sequence[str] = (),
    related: Sequence[str] = (),
    body: Sequence[str] = (),
    codes: Sequence[str] = (),
    files: Sequence[str] = (),
    notes: Sequence[str] = (),
    confidential: Sequence[Confidential] = (),
) -> dict[Field, str]:
    """Tokens joined by spaces, by field; the first title is the one that an exact query finds."""
    titles, names, running, papers, said = (
        [tokens.text_runs(text) for text in texts] for texts in (title, related, body, files, notes)
    )
    numbers = [tokens.code(text) for text in codes]
    held = {
        Field.TITLE_WORDS: [w for found in titles for w in tokens.words_of(found, single_characters=True)],
        Field.RELATED_WORDS: [w for found in names for w in tokens.words_of(found, single_characters=True)],
        Field.BODY_WORDS: [w for found in running for w in tokens.words_of(found)],
        Field.FILE_WORDS: [w for found in papers for w in tokens.words_of(found)],
        Field.FILE_PAIRS: tokens.with_breaks(map(tokens.pairs_of, papers)),
        Field.NOTE_WORDS: [w for found in said for w in tokens.words_of(found)],
        Field.NOTE_PAIRS: tokens.with_breaks(map(tokens.pairs_of, said)),
        Field.TITLE_PAIRS: tokens.with_breaks(map(tokens.pairs_of, titles)),
        Field.RELATED_PAIRS: tokens.with_breaks(map(tokens.pairs_of, names)),
        Field.BODY_PAIRS: tokens.with_breaks(map(tokens.pairs_of, running)),
        **_pinyin(titles),
        Field.CODES: [token for number in numbers for token in number.tokens],
        Field.CODE_PIECES: tokens.with_breaks(number.pieces for number in numbers),
        **_confidential(confidential),
    }
    joined = {field: " ".join(found) for field, found in held.items()}
    if title:
        joined[Field.EXACT_TITLE] = tokens.whole(title[0])
    return joined


def _confidential(fields: Sequence[Confidential]) -> dict[Field, list[str]]:
    """The same words, pairs and codes as at home, each behind the key of its field."""
    words: list[str] = []
    rows: list[list[str]] = []
    for field in fields:
        for text in field.texts:
            single, row = _apart_from_home(field.home, text)
            words.extend(apart(field.key, token) for token in single)
            rows.append([token if token == tokens.BREAK else apart(field.key, token) for token in row])
    return {Field.APART_WORDS: words, Field.APART_PAIRS: tokens.with_breaks(rows)}


def _apart_from_home(home: Home, text: str) -> tuple[list[str], list[str]]:
    if home == "codes":
        number = tokens.code(text)
        return number.tokens, number.pieces
    found = tokens.text_runs(text)
    return tokens.words_of(found, single_characters=home == "related"), tokens.pairs_of(found)


def _pinyin(titles: Sequence[Sequence[Run]]) -> dict[Field, list[str]]:
    readings = [pinyin.readings_of(found) for found in titles]
    return {
        Field.SYLLABLES: tokens.with_breaks(map(pinyin.full_of, readings)),
        Field.INITIALS: tokens.with_breaks(map(pinyin.initials_of, readings)),
    }
