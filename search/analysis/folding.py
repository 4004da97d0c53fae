"""Folding: full width to half, capitals to small, traditional to simplified, and the way back to the original offsets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from search.analysis.remembering import remembered

LONGEST_FIELD = 30_000
"""Characters of one field that are analysed; what follows is cut (an engine drops terms over 64 KB silently)."""


class _Converter(Protocol):
    def convert(self, text: str) -> str: ...


@cache
def _to_simplified() -> _Converter:
    from opencc import OpenCC

    converter: _Converter = OpenCC("t2s")
    return converter


_ODD = re.compile("[\x00\ud800-\udfff]")


def _clean(text: str) -> str:
    """Lone surrogates and NUL cannot be encoded or stored; they become spaces."""
    return _ODD.sub(" ", text)


@remembered(16_384)
def fold(text: str) -> str:
    """NFKC, lower case, simplified characters (traditional = simplified, `ＡＢＣ` = `abc`).

    >>> fold("臺灣積體電路 ＡＢＣ ㈱東芝")
    '台湾积体电路 abc (株)东芝'
    """
    text = _clean(text[:LONGEST_FIELD])
    if text.isascii():
        return text.lower()
    return _to_simplified().convert(unicodedata.normalize("NFKC", text).lower())


@dataclass(frozen=True)
class Folded:
    """Folded text and, for each of its characters, the half-open range of the original it came from."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The range of the original text behind `text[start:end]`."""
        return self.starts[start], self.ends[end - 1]


@remembered(1_024)
def fold_with_offsets(text: str) -> Folded:
    """Like `fold`, remembering where each character came from; folding can change the length."""
    clean = _clean(text[:LONGEST_FIELD])
    lower = clean.lower()
    if len(lower) == len(clean) and unicodedata.is_normalized("NFKC", clean):  # nearly always: one for one
        simple = _to_simplified().convert(lower)
        if len(simple) == len(clean):
            return Folded(simple, range(len(clean)), range(1, len(clean) + 1))
    return _cluster_by_cluster(clean)


def _cluster_by_cluster(clean: str) -> Folded:
    pieces: list[str] = []
    spans: list[tuple[int, int]] = []
    for start, end in _clusters(clean):
        piece = unicodedata.normalize("NFKC", clean[start:end]).lower()
        pieces.append(piece)
        spans.extend([(start, end)] * len(piece))
    joined = "".join(pieces)
    simplified = _to_simplified().convert(joined)
    if len(simplified) != len(joined):  # a phrase changed its length: go by single characters, which never do
        simplified = "".join(_one_for_one(c) for c in joined)
    return Folded(simplified, tuple(s for s, _ in spans), tuple(e for _, e in spans))


def _one_for_one(character: str) -> str:
    simple = _to_simplified().convert(character)
    return simple if len(simple) == 1 else character


def _clusters(text: str) -> list[tuple[int, int]]:
    """A base character together with the combining marks behind it, which NFKC may join."""
    clusters: list[tuple[int, int]] = []
    for index, character in enumerate(text):
        if clusters and (unicodedata.combining(character) or character in "ﾞﾟ"):
            clusters[-1] = (clusters[-1][0], index + 1)
        else:
            clusters.append((index, index + 1))
    return clusters
