"""Names found by how they begin in pinyin: cxny and chuanxi both mean 川西能源, as look-ups promise."""

from __future__ import annotations

import re

from kezhou.records.sql import Sql

_LETTERS = re.compile(r"[a-z]{2,20}")
_ON = "([a-z]* )?"
"""Between two letters: the next of the same syllable, or the first of the next one."""


def begins(word: str, ref: str) -> Sql | None:
    """SQL for titles whose pinyin begins so, syllables whole or by their first letters; None for what is no pinyin.

    The range on the first letter lets the index of titles leave out the rest.
    """
    letters = word.lower()
    if not _LETTERS.fullmatch(letters):
        return None
    column = f"{ref}.title_sort"
    first = letters[0]
    return Sql(
        f"({column} >= %s AND {column} < %s AND {column} ~ %s)", (first, chr(ord(first) + 1), f"^{_ON.join(letters)}")
    )
