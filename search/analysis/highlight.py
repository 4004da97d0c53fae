"""Marks the words found inside the original text, escaped for HTML.

Works on the folded text and goes back by the offset map, so `臺北` is marked for `台北`, and `138 1234 5678` for `1234`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import escape

from django.utils.safestring import SafeString, mark_safe

from search.analysis.folding import fold, fold_with_offsets
from search.analysis.pinyin import name_readings, syllables, typed
from search.analysis.runs import collapse_phones, joined, parts, runs
from search.analysis.tokens import marked_words

_GAP = r"[-\s_./@&+#:()]*"
_GAPS = re.compile(r"[-\s_./@&+#:()]+")
CONTEXT = 30
EXCERPT = 90
STRETCH = 4_000


@dataclass(frozen=True)
class Pattern:
    """Words to look for, of two at one place the longer; the characters of the `gapped` may stand apart in the text (138 1234 5678).

    Nearly every text is looked through by `str.find`: compiling an expression for each search took longer than all the looking.
    """

    words: tuple[str, ...]
    gapped: tuple[str, ...] = ()

    @classmethod
    def of(cls, words: Iterable[str], gapped: Iterable[str] = ()) -> Pattern:
        """Without repetitions, the longest first."""
        apart = frozenset(gapped)
        return cls(tuple(sorted({*words, *apart}, key=len, reverse=True)), tuple(apart))

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the words stand, in order, not overlapping."""
        if self.gapped and self._may_stand_apart(text):
            return [match.span() for match in self._compiled.finditer(text)]
        found = []
        coming = {word: place for word in self.words if (place := text.find(word)) >= 0}
        while coming:
            word = min(coming, key=coming.__getitem__)
            end = coming[word] + len(word)
            found.append((coming[word], end))
            coming = {w: at for w, place in coming.items() if (at := place if place >= end else text.find(w, end)) >= 0}
        return found

    def _may_stand_apart(self, text: str) -> bool:
        dense = _GAPS.sub("", text)
        return len(dense) < len(text) and any(dense.count(word) > text.count(word) for word in self.gapped)

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile("|".join(_GAP.join(w) if w in self.gapped else re.escape(w) for w in self.words))


@dataclass(frozen=True, slots=True)
class Marker:
    """What to mark for one query: strong patterns first, weaker ones where no strong one is found."""

    strong: Pattern
    weak: Pattern
    letters: tuple[str, ...]
    pieces: int = 0

    def covers(self, text: str) -> bool:
        """Whether every word of the query stands in the text as it was typed: then it needs no further excerpt."""
        folded = fold(text)
        return bool(self.strong.words) and len({folded[a:b] for a, b in self.strong.spans(folded)}) >= self.pieces

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Ranges of the original text to mark, in order, not overlapping."""
        folded = fold_with_offsets(text)
        found = self.strong.spans(folded.text) or self.weak.spans(folded.text)
        if not found and self.letters:
            found = _spelled(folded.text, self.letters)
        return _merged([folded.original(start, end) for start, end in found])

    def mark(self, text: str) -> tuple[SafeString, bool]:
        """The whole text escaped, matches in `<mark>`, and whether there was one."""
        spans = self.spans(text)
        return _marked(text, 0, len(text), spans), bool(spans)

    def excerpt(self, text: str) -> SafeString | None:
        """About ninety characters around the first match, escaped and marked; None without a match."""
        spans = self.spans(text)
        if not spans:
            return None
        start = max(0, spans[0][0] - CONTEXT)
        end = min(len(text), max(start + EXCERPT, spans[0][1]))
        body = _marked(text, start, end, spans)
        return mark_safe(("…" if start else "") + body + ("…" if end < len(text) else ""))  # noqa: S308 built of escape()

    def passage(self, text: str) -> SafeString | None:
        """The same for a long text: only the stretch that holds a match is looked at closely."""
        for start in range(0, len(text), STRETCH):
            stretch = text[start : start + STRETCH + CONTEXT]
            folded = fold(stretch)
            if self.strong.spans(folded) or self.weak.spans(folded):
                found = self.excerpt(stretch)
                if found is not None:
                    return mark_safe(("…" if start and not found.startswith("…") else "") + found)  # noqa: S308 escaped
        return None


@lru_cache(maxsize=64)
def marker(query: str, others: tuple[str, ...] = ()) -> Marker:
    """The marker of a query text, and of words that mean the same; a pure function of them."""
    strong: list[str] = []
    apart: list[str] = []
    weak: list[str] = []
    letters: list[str] = []
    for run in runs(collapse_phones(fold(query))):
        if run.script == "han":
            strong.append(run.text)
            weak.extend(marked_words(run.text))
        elif run.script == "latin":
            apart.append(joined(run.text))
            weak.extend(part for part in parts(run.text) if len(part) > 1)
            if joined(run.text).isalpha():
                letters.append(joined(run.text))
        else:
            strong.append(run.text)
    pieces = len({*strong, *apart})
    return Marker(Pattern.of(strong, apart), Pattern.of([*strong, *weak, *others], apart), tuple(letters), pieces)


def _spelled(text: str, letters: Sequence[str]) -> list[tuple[int, int]]:
    """Han characters whose syllables or initials were typed."""
    found: list[tuple[int, int]] = []
    for run in runs(text):
        if run.script != "han":
            continue
        for reading in name_readings(run.text) or [syllables(run.text)]:
            if len(reading) == len(run.text):
                found.extend((run.start + s, run.start + e) for q in letters for s, e in _in_reading(reading, q))
    return found


def _in_reading(reading: Sequence[str], letters: str) -> list[tuple[int, int]]:
    at = "".join(s[0] for s in reading).find(letters)
    if at >= 0 and len(letters) > 1:
        return [(at, at + len(letters))]
    for way in typed(letters):
        length = len(way.syllables)
        for start in range(len(reading) - length + 1):
            head = tuple(reading[start : start + length])
            same = head[:-1] == way.syllables[:-1]
            if same and (head == way.syllables or (not way.complete and head[-1].startswith(way.syllables[-1]))):
                return [(start, start + length)]
    return []


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _marked(text: str, start: int, end: int, spans: Sequence[tuple[int, int]]) -> SafeString:
    pieces: list[str] = []
    at = start
    for left, right in spans:
        if left < start or right > end:
            continue
        pieces += [escape(text[at:left]), "<mark>", escape(text[left:right]), "</mark>"]
        at = right
    pieces.append(escape(text[at:end]))
    return mark_safe("".join(pieces))  # noqa: S308 every piece is escaped above
