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
    titles = [tokens.text_runs(text) for text in title]
    numbers = [tokens.code(text) for text in codes]
    held: dict[Field, list[str]] = {**_pinyin(titles), **_confidential(confidential)}
    for words, pairs, texts, single in (
        (Field.TITLE_WORDS, Field.TITLE_PAIRS, titles, True),
        (Field.RELATED_WORDS, Field.RELATED_PAIRS, map(tokens.text_runs, related), True),
        (Field.BODY_WORDS, Field.BODY_PAIRS, map(tokens.text_runs, body), False),
        (Field.FILE_WORDS, Field.FILE_PAIRS, map(tokens.text_runs, files), False),
        (Field.NOTE_WORDS, Field.NOTE_PAIRS, map(tokens.text_runs, notes), False),
    ):
        found = [tokens.words_and_pairs(one, single_characters=single) for one in texts]
        held[words] = [word for one, _ in found for word in one]
        held[pairs] = tokens.with_breaks(row for _, row in found)
    held[Field.CODES] = [token for number in numbers for token in number.tokens]
    held[Field.CODE_PIECES] = tokens.with_breaks(number.pieces for number in numbers)
    kept = {field: " ".join(found) for field, found in held.items() if found}
    return kept | {Field.EXACT_TITLE: tokens.whole(title[0])} if title else kept


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
    return tokens.words_and_pairs(tokens.text_runs(text), single_characters=home == "related")


def _pinyin(titles: Sequence[Sequence[Run]]) -> dict[Field, list[str]]:
    readings = [pinyin.readings_of(found) for found in titles]
    return {
        Field.SYLLABLES: tokens.with_breaks(map(pinyin.full_of, readings)),
        Field.INITIALS: tokens.with_breaks(map(pinyin.initials_of, readings)),
    }
