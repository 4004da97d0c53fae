"""Small slips of typing in pinyin: what may have been meant by letters that are no whole syllables (SRH-04)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from search.analysis.pinyin import SYLLABLES, splits
from search.analysis.remembering import remembered

SHORTEST = 5
LONGEST = 40
MOST = 12
WIDEST = 7

Way = tuple[str, ...]


class Slip(NamedTuple):
    """Syllables as they were typed, and between them one that was not: any of those near what stands there."""

    head: Way
    near: Way
    tail: Way

    @property
    def others(self) -> int:
        """How many syllables are as they were typed."""
        return len(self.head) + len(self.tail)

    @property
    def ways(self) -> tuple[Way, ...]:
        """The whole readings."""
        return tuple((*self.head, one, *self.tail) for one in self.near)


@remembered(1_024)
def meant(letters: str) -> tuple[Slip, ...]:
    """Syllables that one slip less would have given, likeliest (fewest syllables) first.

    Two letters exchanged, one too many, one missing or one wrong, within one syllable. Short inputs mean too many
    things and give nothing.

    >>> [slip.head for slip in meant("qnigdao") if "qing" in slip.near and slip.tail == ("dao",)]
    [()]
    """
    if not SHORTEST <= len(letters) <= LONGEST or not letters.isascii() or not letters.isalpha():
        return ()
    found: dict[tuple[Way, Way], dict[str, None]] = {}
    for start in range(len(letters)):
        before = splits(letters[:start])[:2]
        for end in range(start + 1, min(len(letters), start + WIDEST) + 1) if before else ():
            after = splits(letters[end:])[:1]
            near = near_syllables(letters[start:end]) if after else ()
            for place in ((head, tail) for head in before for tail in after if near):
                found.setdefault(place, {}).update(dict.fromkeys(near))
    slips = [Slip(head, tuple(near), tail) for (head, tail), near in found.items()]
    slips.sort(key=lambda slip: slip.others)
    return tuple(slip for slip in slips[:MOST] if slip.others <= slips[0].others + 1)


@remembered(4_096)
def near_syllables(piece: str) -> tuple[str, ...]:
    """The syllables one slip away from a piece."""
    return tuple(sorted(syllable for syllable in SYLLABLES if syllable != piece and _one_slip(piece, syllable)))


def _one_slip(typed: str, meant: str) -> bool:
    """Whether exchanging two neighbours, leaving out, adding or changing one letter makes one of the other."""
    if abs(len(typed) - len(meant)) > 1:
        return False
    same = 0
    while same < min(len(typed), len(meant)) and typed[same] == meant[same]:
        same += 1
    left, right = typed[same:], meant[same:]
    if len(left) == len(right):
        return left[1:] == right[1:] or (len(left) > 1 and left[:2] == right[1::-1] and left[2:] == right[2:])
    return left[1:] == right if len(left) > len(right) else left == right[1:]


def near(typed: str, words: Iterable[str], most: int) -> list[str]:
    """Those of the words that are at most so many slips away: letters exchanged with their neighbour, added, left out or wrong.

    >>> near("zentroleo", ["zentroelo", "zentro", "kantroleo"], 1)
    ['zentroelo']
    """
    size = max(1, len(typed) // (2 * most + 1))
    pieces = [typed[at : at + size] for at in range(0, len(typed), size)]  # a slip breaks two of them at most
    return [
        word
        for word in words
        if abs(len(word) - len(typed)) <= most and any(p in word for p in pieces) and _within(typed, word, most)
    ]


def _within(typed: str, meant: str, most: int) -> bool:
    before: list[int] = []
    row = list(range(len(meant) + 1))
    for at, letter in enumerate(typed, 1):
        above, before = before, row
        row = [at]
        for place, other in enumerate(meant, 1):
            least = min(before[place] + 1, row[-1] + 1, before[place - 1] + (letter != other))
            if at > 1 and place > 1 and letter == meant[place - 2] and typed[at - 2] == other:
                least = min(least, above[place - 2] + 1)
            row.append(least)
        if min(row) > most:
            return False
    return row[-1] <= most
