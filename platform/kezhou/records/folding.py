"""One text, many spellings: case, full and half width, simplified and traditional Chinese count as the same (QRY-03, PLT-17).

Texts are stored as they were typed. A query does not change them; it asks with a regular expression in which every character is
the class of all its spellings, so that nothing has to be stored twice and no function runs per row but PostgreSQL's own matching.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from functools import cache

from kezhou.records.sql import Sql

_HAN = (range(0x3400, 0x4DC0), range(0x4E00, 0xA000), range(0xF900, 0xFB00))
_OTHER = (
    range(0x20, 0x250),
    range(0x2000, 0x2070),
    range(0x2460, 0x2500),
    range(0x3000, 0x3040),
    range(0xFF00, 0xFFF0),
)


@cache
def _simplified() -> Mapping[str, str]:
    """Every Han character that has another, simplified form, with that form."""
    from opencc import OpenCC  # loads its dictionaries

    characters = [chr(code) for block in _HAN for code in block]
    forms = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    return {old: new for old, new in zip(characters, forms, strict=True) if old != new and len(new) == 1}


def fold(text: str) -> str:
    """The one form in which texts are compared: half width, lower case, simplified, single spaces, trimmed."""
    simple = _simplified()
    flat = unicodedata.normalize("NFKC", text.replace("\0", "")).casefold()
    return " ".join("".join(simple.get(character, character) for character in flat).split())


@cache
def _spellings() -> Mapping[str, str]:
    """For every folded character the characters that fold to it, itself first."""
    found: dict[str, list[str]] = defaultdict(list)
    simple = _simplified()
    codes = [code for block in (*_HAN[:1], _HAN[1], *_HAN[2:], *_OTHER) for code in block]
    for character in map(chr, codes):
        flat = unicodedata.normalize("NFKC", character).casefold()
        folded = simple.get(flat, flat)
        if len(folded) == 1 and folded != character:
            found[folded].append(character)
    return {folded: folded + "".join(others) for folded, others in found.items()}


def spellings(character: str) -> str:
    """The character that was folded and all that fold to it."""
    return _spellings().get(character, character)


def _one(character: str) -> str:
    spellings = _spellings().get(character, character)
    if len(spellings) == 1:
        return re.escape(character) if ord(character) < 128 else character
    return "[" + "".join("\\" + each if each in "\\]^-[" else each for each in spellings) + "]"


def pattern(word: str) -> str:
    """A regular expression for PostgreSQL's `~` that finds `word` in any spelling at any place."""
    return "".join(map(_one, fold(word)))


def finds(expression: str, word: str) -> Sql:
    """SQL that is true where `word` occurs in a text in any spelling; a plain search when it has only one spelling."""
    folded = fold(word)
    spellings = _spellings()
    if all(len(spellings.get(character, character)) == 1 for character in folded):
        return Sql(f"(strpos({expression}, %s) > 0)", (folded,))
    return Sql(f"({expression} ~ %s)", (pattern(word),))


def words(text: str) -> tuple[str, ...]:
    """The words of a query, folded: all of them must occur. At most 20 are read."""
    return tuple(fold(text).split())[:20]
