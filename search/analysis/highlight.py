"""Marks the words found inside the original text, escaped for HTML.

Works on the folded text and goes back by the offset map, so `臺北` is marked for `台北`, and `138 1234 5678` for `1234`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from django.utils.safestring import SafeString, mark_safe

from search.analysis.folding import fold, fold_with_offsets
from search.analysis.pinyin import name_readings, syllables, typed
from search.analysis.runs import collapse_phones, joined, parts, runs
from search.analysis.tokens import marked_words

_GAP = r"[-\s_./@&+#:()]*"
CONTEXT = 30
EXCERPT = 90
STRETCH = 4_000


@dataclass(frozen=True, slots=True)
class Marker:
    """What to mark for one query: strong patterns first, weaker ones where no strong one is found."""

    strong: re.Pattern[str] | None
    weak: re.Pattern[str] | None
    letters: tuple[str, ...]
    pieces: int = 0

    def covers(self, text: str) -> bool:
        """Whether every word of the query stands in the text as it was typed: then it needs no further excerpt."""
        if self.strong is None:
            return False
        return len({match.group() for match in self.strong.finditer(fold(text))}) >= self.pieces

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Ranges of the original text to mark, in order, not overlapping."""
        folded = fold_with_offsets(text)
        found = _matches(self.strong, folded.text) or _matches(self.weak, folded.text)
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
            if any(pattern and pattern.search(folded) for pattern in (self.strong, self.weak)):
                found = self.excerpt(stretch)
                if found is not None:
                    return mark_safe(("…" if start and not found.startswith("…") else "") + found)  # noqa: S308 escaped
        return None


@lru_cache(maxsize=64)
def marker(query: str, others: tuple[str, ...] = ()) -> Marker:
    """The marker of a query text, and of words that mean the same; a pure function of them."""
    strong: list[str] = []
    weak: list[str] = []
    letters: list[str] = []
    for run in runs(collapse_phones(fold(query))):
        if run.script == "han":
            strong.append(re.escape(run.text))
            weak.extend(re.escape(word) for word in marked_words(run.text))
        elif run.script == "latin":
            strong.append(_GAP.join(joined(run.text)))
            weak.extend(re.escape(part) for part in parts(run.text) if len(part) > 1)
            if joined(run.text).isalpha():
                letters.append(joined(run.text))
        else:
            strong.append(re.escape(run.text))
    weak += [re.escape(other) for other in others]
    return Marker(_pattern(strong), _pattern([*strong, *weak]), tuple(letters), len(set(strong)))


def _pattern(pieces: Sequence[str]) -> re.Pattern[str] | None:
    unique = sorted(set(pieces), key=len, reverse=True)
    return re.compile("|".join(unique)) if unique else None


def _matches(pattern: re.Pattern[str] | None, text: str) -> list[tuple[int, int]]:
    return [m.span() for m in pattern.finditer(text) if m.end() > m.start()] if pattern else []


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
