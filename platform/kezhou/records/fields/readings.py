"""How Han characters are read, put together from pypinyin once and kept in a file beside this one.

pypinyin holds tables of 90 MiB and a second of CPU to find what fits into 160 KB: every process that saves a name would pay for
it. `python -m kezhou.records.fields.readings` writes the file anew; a test compares it with the installed pypinyin.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

FILE = Path(__file__).with_name("readings.json")
PHRASE_LENGTHS = (2, 3, 4)


@dataclass(frozen=True, slots=True)
class Readings:
    """The usual reading of every character, the phrases of two to four that are read otherwise, and how long those are that
    begin with a character, the longest first."""

    usual: Mapping[str, str]
    phrases: Mapping[str, str]
    lengths: Mapping[str, Sequence[int]]

    def read(self, text: str) -> list[str]:
        """One reading for each Han character or phrase, everything else as it stands; the longest phrase decides."""
        found: list[str] = []
        place = 0
        while place < len(text):
            character = text[place]
            for length in self.lengths.get(character, ()):
                if reading := self.phrases.get(text[place : place + length]):
                    found.append(reading)
                    place += length
                    break
            else:
                found.append(self.usual.get(character, character))
                place += 1
        return found


def load(file: Path = FILE) -> Readings:
    """What the file says; six milliseconds."""
    held = orjson.loads(file.read_bytes())
    lengths: dict[str, set[int]] = {}
    for phrase in held["phrases"]:
        lengths.setdefault(phrase[0], set()).add(len(phrase))
    return Readings(
        usual={character: reading for reading, characters in held["usual"].items() for character in characters},
        phrases=held["phrases"],
        lengths={first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()},
    )


def made() -> bytes:
    """The file as pypinyin would have it now: characters by their reading, phrases with theirs."""
    from pypinyin import lazy_pinyin  # heavy, wanted only here
    from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

    characters = [chr(code) for code in sorted(PINYIN_DICT) if 0x4E00 <= code <= 0x9FFF]
    usual = dict(zip(characters, lazy_pinyin(characters), strict=True))
    phrases = _otherwise(usual, PHRASES_DICT)
    by_reading: dict[str, str] = {}
    for character, reading in usual.items():
        by_reading[reading] = by_reading.get(reading, "") + character
    return orjson.dumps(
        {"usual": by_reading, "phrases": phrases}, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    )


def _otherwise(usual: Mapping[str, str], known: Mapping[str, Sequence[Sequence[str]]]) -> dict[str, str]:
    """The phrases that are read otherwise than their characters and the shorter phrases in them."""
    found: dict[str, str] = {}
    lengths: dict[str, list[int]] = {}
    so_far = Readings(usual, found, lengths)
    for length in PHRASE_LENGTHS:
        added = {}
        for phrase in (phrase for phrase in known if len(phrase) == len(known[phrase]) == length):
            reading = " ".join(_toneless(syllable[0]) for syllable in known[phrase])
            if reading != " ".join(so_far.read(phrase)):
                added[phrase] = reading
        found |= added
        for first in {phrase[0] for phrase in added}:
            lengths[first] = [length, *lengths.get(first, ())]
    return found


def _toneless(syllable: str) -> str:
    plain = unicodedata.normalize(
        "NFD", syllable.replace("ü", "v").replace("ǘ", "v").replace("ǚ", "v").replace("ǜ", "v")
    )
    return "".join(character for character in plain if not unicodedata.combining(character))


if __name__ == "__main__":
    FILE.write_bytes(made())
    sys.stdout.write(f"{FILE.name}: {FILE.stat().st_size} bytes\n")
