"""Runs: folded text cut into Han runs, Latin/digit runs and others, and Latin runs into their parts."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Script = Literal["han", "latin", "other"]

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3007\U00020000-\U0003ffff"
_RUN = re.compile(
    rf"(?P<han>[{HAN}]+)|(?P<latin>[a-z0-9]+(?:[-_./@&+#:][a-z0-9]+)*)|(?P<other>[^\W_]+?(?=[{HAN}a-z0-9]|\W|_|$))"
)
_DICTIONARY_HAN = re.compile("[\u4e00-\u9fa5]+|.", re.DOTALL)
_PART = re.compile(r"[a-z0-9]+")
_LETTERS_OR_DIGITS = re.compile(r"[a-z]+|[0-9]+")
_MOBILE = re.compile(r"(?<![0-9])(?:\+?86[-\s]?)?(1[3-9][0-9])[-\s]?([0-9]{4})[-\s]?([0-9]{4})(?![0-9])")
_SIX_DIGITS = re.compile(r"[0-9](?:[-\s]?[0-9]){5}")
_LANDLINE = re.compile(r"(?<![0-9])(0[0-9]{2,3})[-\s]([0-9]{3,4})[-\s]?([0-9]{4})(?![0-9])")

_SCRIPTS: dict[str, Script] = {"han": "han", "latin": "latin", "other": "other"}

LONGEST_TOKEN = 64
"""Characters of one Latin token; a longer one is a blob nobody searches."""


class Run(NamedTuple):
    """A stretch of one script in folded text; a tuple, since an index is built of very many of them."""

    script: Script
    text: str
    start: int
    end: int


def collapse_phones(folded: str) -> str:
    """`+86 138 1234 5678` and `138-1234-5678` become `13812345678`, `028 8533 1234` becomes `02885331234`.

    Only for text that becomes tokens: offsets change.
    """
    if not _SIX_DIGITS.search(folded):
        return folded
    return _LANDLINE.sub(r"\1\2\3", _MOBILE.sub(r"\1\2\3", folded))


def runs(folded: str) -> list[Run]:
    """The runs of folded text in order; punctuation and spaces separate and vanish."""
    return [Run(_SCRIPTS[match.lastgroup or "other"], match.group(), *match.span()) for match in _RUN.finditer(folded)]


def dictionary_runs(han: str) -> list[str]:
    """A Han run cut where characters lie outside the dictionary's range: those stand alone in every segmenter."""
    return _DICTIONARY_HAN.findall(han)


def joined(latin: str) -> str:
    """A Latin run without its separators: `po-2024-000123` is `po2024000123`."""
    return "".join(_PART.findall(latin))[:LONGEST_TOKEN]


def parts(latin: str) -> list[str]:
    """The separated parts of a Latin run, each followed by its letter and digit parts when it has both.

    Taken per part, never of the joined code: `yjv22-4` gives yjv22, yjv, 22, 4, so that `yjv22` finds it.
    """
    found: list[str] = []
    for part in _PART.findall(latin):
        found.append(part[:LONGEST_TOKEN])
        pieces = _LETTERS_OR_DIGITS.findall(part)
        if len(pieces) > 1:
            found.extend(piece[:LONGEST_TOKEN] for piece in pieces)
    return found
