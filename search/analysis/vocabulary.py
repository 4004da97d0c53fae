"""A company's own words over the dictionary that all share (SRH-03): nothing is indexed anew when they change.

Names and running text are indexed by characters as well, so a word that only this company knows is found as characters in a
row; synonyms and stop words act on queries alone. An instance of the segmenter per company would cost 26 MB, this a few kilobytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from search.analysis.folding import fold

LONGEST_WORD = 20


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Folded words, groups of synonyms by each of their words, and words that a query may leave out.

    `starts` holds the words by their first two characters, the longest first.
    """

    words: frozenset[str] = frozenset()
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    stops: frozenset[str] = frozenset()
    starts: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(
        cls, words: Iterable[str] = (), synonyms: Iterable[Sequence[str]] = (), stops: Iterable[str] = ()
    ) -> Vocabulary:
        """The vocabulary of texts as they were typed; a synonym and a stop word are words as well."""
        groups = [tuple(dict.fromkeys(_word(one) for one in group if _word(one))) for group in synonyms]
        left_out = frozenset(map(_word, stops)) - {""}
        cut = (*map(_word, words), *(w for group in groups for w in group), *left_out)
        known = frozenset(w for w in cut if len(w) > 1)
        starts: dict[str, list[str]] = {}
        for word in sorted(known, key=len, reverse=True):
            starts.setdefault(word[:2], []).append(word)
        others: dict[str, tuple[str, ...]] = {}
        for group in groups:
            for word in group:
                others[word] = tuple(dict.fromkeys((*others.get(word, ()), *(o for o in group if o != word))))
        return cls(
            known, MappingProxyType(others), left_out,
            MappingProxyType({start: tuple(found) for start, found in starts.items()}),
        )  # fmt: skip

    def pieces(self, run: str) -> list[tuple[str, bool]]:
        """A Han run cut at the company's own words, each piece with whether it is one."""
        if not self.starts:
            return [(run, False)]
        found: list[tuple[str, bool]] = []
        at = begun = 0
        while at < len(run):
            word = next((w for w in self.starts.get(run[at : at + 2], ()) if run.startswith(w, at)), None)
            if word is None:
                at += 1
                continue
            if begun < at:
                found.append((run[begun:at], False))
            found.append((word, True))
            at = begun = at + len(word)
        if begun < len(run):
            found.append((run[begun:], False))
        return found


def _word(text: str) -> str:
    return fold(text.strip())[:LONGEST_WORD]


EMPTY = Vocabulary()
"""Of a company that has no words of its own."""
