"""Sort keys for Chinese names: the database has no Chinese collation, so the application keeps the pinyin beside the name."""

from __future__ import annotations

import threading
import unicodedata
from functools import cache

# First characters of personal names that read otherwise as surnames than as words.
_SURNAMES = {
    "单": "shan", "解": "xie", "仇": "qiu", "区": "ou", "查": "zha", "曾": "zeng", "任": "ren", "朴": "piao", "盖": "ge",
    "尉": "yu", "缪": "miao", "翟": "zhai", "乐": "yue", "员": "yun", "繁": "po", "纪": "ji", "种": "chong", "秘": "bi",
    "折": "she", "黑": "he", "召": "shao", "隗": "wei", "燕": "yan", "牟": "mou", "晁": "chao", "令": "ling", "长": "zhang",
}  # fmt: skip
_DOUBLE_SURNAMES = {"尉迟": "yu chi", "长孙": "zhang sun", "令狐": "ling hu", "澹台": "tan tai", "单于": "chan yu"}

LONGEST = 200
_PHRASE_LENGTHS = (4, 3, 2)
_reading = threading.Lock()


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
                return " ".join([reading, *_syllables(text[length:])])
    return " ".join(_syllables(text))


def _syllables(text: str) -> list[str]:
    """One syllable per Han character, everything else as it stands; known phrases decide between readings."""
    single, phrases = _readings()
    found: list[str] = []
    place = 0
    while place < len(text):
        for length in _PHRASE_LENGTHS:
            if reading := phrases.get(text[place : place + length]):
                found.append(reading)
                place += length
                break
        else:
            found.append(single.get(text[place], text[place]))
            place += 1
    return found


def _readings() -> tuple[dict[str, str], dict[str, str]]:
    """What `_read` found, read once also when many threads of a fresh process ask together: each would take 0.8 s of CPU."""
    with _reading:
        return _read()


@cache
def _read() -> tuple[dict[str, str], dict[str, str]]:
    """The usual reading of every character, and the phrases of two to four that are read otherwise."""
    from pypinyin import lazy_pinyin
    from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

    characters = [chr(code) for code in PINYIN_DICT if 0x4E00 <= code <= 0x9FFF]
    usual = dict(zip(characters, lazy_pinyin(characters), strict=True))
    phrases: dict[str, str] = {}
    for phrase, syllables in PHRASES_DICT.items():
        if len(phrase) in _PHRASE_LENGTHS and len(syllables) == len(phrase):
            reading = " ".join(_toneless(syllable[0]) for syllable in syllables)
            if reading != " ".join(usual.get(character, character) for character in phrase):
                phrases[phrase] = reading
    return usual, phrases


def _toneless(syllable: str) -> str:
    plain = unicodedata.normalize(
        "NFD", syllable.replace("ü", "v").replace("ǘ", "v").replace("ǚ", "v").replace("ǜ", "v")
    )
    return "".join(character for character in plain if not unicodedata.combining(character))
