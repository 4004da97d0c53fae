"""The fields of the index, the same for every engine (docs/search.md says why each is there)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

SCHEMA_VERSION = 2
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
    CODES = "cx"
    CODE_PIECES = "cg"
    EXACT_TITLE = "tx"


Shape = Literal["raw", "tokens", "positions", "number"]


@dataclass(frozen=True, slots=True)
class FieldShape:
    """How an engine keeps a field: raw text, whitespace tokens, tokens with positions, or whole numbers."""

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
    Field.CHANGED: FieldShape("number", stored=True, sortable=True),
    Field.VERSION: FieldShape("number", stored=True, sortable=True),
    Field.SIGN: FieldShape("raw", stored=True),
    Field.TITLE_WORDS: FieldShape("tokens"),
    Field.RELATED_WORDS: FieldShape("tokens"),
    Field.BODY_WORDS: FieldShape("tokens"),
    Field.TITLE_PAIRS: FieldShape("positions"),
    Field.RELATED_PAIRS: FieldShape("positions"),
    Field.BODY_PAIRS: FieldShape("positions"),
    Field.FILE_WORDS: FieldShape("tokens"),
    Field.FILE_PAIRS: FieldShape("positions"),
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
TEXT_FIELDS = FILE_FIELDS | TITLE_FIELDS | RELATED_FIELDS | BODY_FIELDS | PINYIN_FIELDS | CODE_FIELDS
