"""Pinyin of names: sort keys, as the database has no Chinese collation, and what is found by typing letters."""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import groupby

from kezhou.records.fields.readings import Readings, load

# First characters of personal names that read otherwise as surnames than as words.
_SURNAMES = {
    "单": "shan", "解": "xie", "仇": "qiu", "区": "ou", "查": "zha", "曾": "zeng", "任": "ren", "朴": "piao", "盖": "ge",
    "尉": "yu", "缪": "miao", "翟": "zhai", "乐": "yue", "员": "yun", "繁": "po", "纪": "ji", "种": "chong", "秘": "bi",
    "折": "she", "黑": "he", "召": "shao", "隗": "wei", "燕": "yan", "牟": "mou", "晁": "chao", "令": "ling", "长": "zhang",
}  # fmt: skip
_DOUBLE_SURNAMES = {"尉迟": "yu chi", "长孙": "zhang sun", "令狐": "ling hu", "澹台": "tan tai", "单于": "chan yu"}

LONGEST = 200


def sort_key(name: str | None, *, person: bool = False) -> str | None:
    """The pinyin of a name, syllables parted by spaces, other characters folded; None for no name.

    Keys compare as plain text: 安琪 before 陈静 before 重庆分公司. `person=True` reads the first character as a surname.
    A name of the same sound sorts by its characters, which end the key. At most 200 characters.
    """
    if not name:
        return None
    text = unicodedata.normalize("NFKC", name).casefold().strip()
    return f"{_spelled(text, person=person)} {text}"[:LONGEST]


def _spelled(text: str, *, person: bool) -> str:
    if person:
        for length, table in ((2, _DOUBLE_SURNAMES), (1, _SURNAMES)):
            if reading := table.get(text[:length]):
                return " ".join([reading, *_readings().read(text[length:])])
    return " ".join(_readings().read(text))


def spelled(text: str) -> tuple[str, ...]:
    """The pinyin of a text syllable by syllable, small letters; other characters stand together as they are."""
    known = _readings()
    runs = groupby(text.casefold(), key=lambda character: character in known.usual)
    parts = (known.read("".join(run)) if is_read else ["".join(run)] for is_read, run in runs)
    return tuple(syllable for part in parts for reading in part for syllable in reading.split(" ") if syllable)


@cache
def _readings() -> Readings:
    return load()
