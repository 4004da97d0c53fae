"""The fields of the index, the same for every engine (docs/search.md says why each is there)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

SCHEMA_VERSION = 5
"""Raise it when a field or the analysis changes: the next start builds a new directory and switches."""


class Field(StrEnum):
    """Fields of one document. Names are short: Elasticsearch repeats them in every request."""

    UID = "uid"
    KIND = "kind"
    TERMS = "acl"
    OWNER = "owner"
    DEPARTMENT = "dept"
    CATEGORY = "cat"
    CHANGED = "changed"
    VERSION = "version"
    SIGN = "sign"
    PAPERS = "papers"
    TITLE_WORDS = "tw"
    RELATED_WORDS = "rw"
    BODY_WORDS = "bw"
    TITLE_PAIRS = "tb"
    RELATED_PAIRS = "rb"
    BODY_PAIRS = "bb"
    SYLLABLES = "pf"
    INITIALS = "pi"
    FILE_WORDS = "fw"
    FILE_PAIRS = "fb"
    NOTE_WORDS = "nw"
    NOTE_PAIRS = "nb"
    APART_WORDS = "aw"
    APART_PAIRS = "ab"
    CODES = "cx"
    CODE_PIECES = "cg"
    EXACT_TITLE = "tx"


Shape = Literal["raw", "tokens", "positions", "number", "moment", "kept"]


@dataclass(frozen=True, slots=True)
class FieldShape:
    """How an engine keeps a field: raw text, whitespace tokens, tokens with positions, whole numbers, moments (numbers that are
    compared and never looked up) or kept text that is only read back. Numbers are looked up where they are sortable.
    """

    shape: Shape
    stored: bool = False
    sortable: bool = False


SHAPES: dict[Field, FieldShape] = {
    Field.UID: FieldShape("raw", stored=True),
    Field.KIND: FieldShape("raw", sortable=True),
    Field.TERMS: FieldShape("raw"),
    Field.OWNER: FieldShape("number", sortable=True),
    Field.DEPARTMENT: FieldShape("number", sortable=True),
    Field.CATEGORY: FieldShape("raw", sortable=True),
    Field.CHANGED: FieldShape("moment", sortable=True),
    Field.VERSION: FieldShape("number", stored=True),
    Field.SIGN: FieldShape("kept", stored=True),
    Field.PAPERS: FieldShape("number", stored=True),
    Field.TITLE_WORDS: FieldShape("tokens"),
    Field.RELATED_WORDS: FieldShape("tokens"),
    Field.BODY_WORDS: FieldShape("tokens"),
    Field.TITLE_PAIRS: FieldShape("positions"),
    Field.RELATED_PAIRS: FieldShape("positions"),
    Field.BODY_PAIRS: FieldShape("positions"),
    Field.FILE_WORDS: FieldShape("tokens"),
    Field.FILE_PAIRS: FieldShape("positions"),
    Field.NOTE_WORDS: FieldShape("tokens"),
    Field.NOTE_PAIRS: FieldShape("positions"),
    Field.APART_WORDS: FieldShape("tokens"),
    Field.APART_PAIRS: FieldShape("positions"),
    Field.SYLLABLES: FieldShape("positions"),
    Field.INITIALS: FieldShape("positions"),
    Field.CODES: FieldShape("tokens"),
    Field.CODE_PIECES: FieldShape("positions"),
    Field.EXACT_TITLE: FieldShape("raw"),
}

TITLE_FIELDS = frozenset({Field.TITLE_WORDS, Field.TITLE_PAIRS, Field.EXACT_TITLE})
RELATED_FIELDS = frozenset({Field.RELATED_WORDS, Field.RELATED_PAIRS})
BODY_FIELDS = frozenset({Field.BODY_WORDS, Field.BODY_PAIRS})
PINYIN_FIELDS = frozenset({Field.SYLLABLES, Field.INITIALS})
CODE_FIELDS = frozenset({Field.CODES, Field.CODE_PIECES})
FILE_FIELDS = frozenset({Field.FILE_WORDS, Field.FILE_PAIRS})
NOTE_FIELDS = frozenset({Field.NOTE_WORDS, Field.NOTE_PAIRS})
BESIDE_FIELDS = FILE_FIELDS | NOTE_FIELDS
"""What hangs on a record: only for actors whose it is as well (`Policy.beside`)."""
TEXT_FIELDS = FILE_FIELDS | NOTE_FIELDS | TITLE_FIELDS | RELATED_FIELDS | BODY_FIELDS | PINYIN_FIELDS | CODE_FIELDS

APART: Mapping[Field, Field] = MappingProxyType(
    {
        Field.RELATED_WORDS: Field.APART_WORDS, Field.RELATED_PAIRS: Field.APART_PAIRS,
        Field.BODY_WORDS: Field.APART_WORDS, Field.BODY_PAIRS: Field.APART_PAIRS,
        Field.FILE_WORDS: Field.APART_WORDS, Field.FILE_PAIRS: Field.APART_PAIRS,
        Field.CODES: Field.APART_WORDS, Field.CODE_PIECES: Field.APART_PAIRS,
    }
)  # fmt: skip
"""Where the tokens of a record field that some role may not see lie instead of their home, with the field's key before each."""


def apart(key: str, token: str) -> str:
    """A token of a confidential field."""
    return f"{key}~{token}"
