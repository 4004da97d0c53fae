"""Tokens of the index fields: words, bigrams, codes. The field design is docs/search.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import add

from search.analysis.folding import fold
from search.analysis.remembering import remembered
from search.analysis.runs import Run, collapse_phones, dictionary_runs, joined, parts, runs
from search.analysis.segmenter import segmenter

BREAK = "|"
"""Stands between runs in fields with positions: no phrase reaches across it."""

TAILS = (4, 6, 8)


@remembered(16_384)
def text_runs(text: str) -> tuple[Run, ...]:
    """The runs of a text, folded, with telephones collapsed: read once, used by every field."""
    return tuple(runs(collapse_phones(fold(text))))


def index_words(text: str, *, single_characters: bool = False) -> list[str]:
    """Word tokens of a document (index-time fine)."""
    return words_of(text_runs(text), single_characters=single_characters)


def words_of(found: Iterable[Run], *, single_characters: bool = False) -> list[str]:
    """Word tokens of runs.

    Beside jieba's words: neighbouring single characters joined (a given name that no dictionary knows), and the pairs
    inside words of three characters or more. Never a pair that straddles the border of a longer word (SRH-02).
    `single_characters` adds every character, for names, where 刘 shall find 刘浩功.
    """
    return words_and_pairs(found, single_characters=single_characters)[0]


def words_and_pairs(found: Iterable[Run], *, single_characters: bool = False) -> tuple[list[str], list[str]]:
    """Word tokens of runs, and their pairs in order with breaks: an index needs both of every text."""
    words: list[str] = []
    row: list[str] = []
    for run in found:
        if row:
            row.append(BREAK)
        if run.script == "han":
            cut, neighbours = _han(run.text)
            words.extend(cut)
            row.extend(neighbours)
            if single_characters:
                words.extend(run.text)
        elif run.script == "latin":
            found_in = latin_words(run.text)
            words.extend(found_in)
            row.append(found_in[0] or run.text)
        else:
            words.append(run.text)
            row.append(run.text)
    return words, row


@remembered(32_768)
def _han(run: str) -> tuple[Sequence[str], Sequence[str]]:
    tokens: list[str] = []
    cut = segmenter()
    for piece in dictionary_runs(run):
        if len(piece) == 1:
            tokens.append(piece)
            continue
        tokens.extend(cut.all_words(piece))
        before = ""
        for word in cut.words(piece):
            if len(word) == 1 and len(before) == 1:
                tokens.append(before + word)
            elif len(word) >= 3:
                tokens.extend(pairs(word))
            before = word
    return tokens, pairs(run)


def latin_words(run: str) -> list[str]:
    """A Latin run as words: joined, its parts, their letter and digit parts; each once."""
    return list(dict.fromkeys([joined(run), *parts(run)]))


def query_words(run: str) -> list[str]:
    """The words of a Han run of a query (query-time smart), each character in exactly one."""
    words: list[str] = []
    for piece in dictionary_runs(run):
        words.extend(segmenter().words(piece) if len(piece) > 1 else [piece])
    return words


def inner_words(word: str) -> list[str]:
    """The shorter words that together cover a long dictionary word (成都酒店: 成都, 酒店); empty when they do not."""
    if len(word) < 4:
        return []
    inner = [w for w in dict.fromkeys(segmenter().all_words(word)) if 2 <= len(w) < len(word)]
    covered = {at for w in inner for start in _starts(word, w) for at in range(start, start + len(w))}
    return inner if len(covered) == len(word) else []


def _starts(text: str, piece: str) -> list[int]:
    return [at for at in range(len(text) - len(piece) + 1) if text.startswith(piece, at)]


def marked_words(run: str) -> list[str]:
    """The words of a Han run of a query as they may stand alone in a text."""
    words = [w for word in query_words(run) for w in (word, *inner_words(word))]
    return [w for w in words if len(w) > 1 or len(run) == 1]


def pairs(run: str) -> list[str]:
    """Neighbouring pairs of characters; a run of one character is itself."""
    return list(map(add, run, run[1:])) or [run]


def index_pairs(text: str) -> list[str]:
    """Bigram tokens of a document in order, `|` between runs, Latin runs joined."""
    return pairs_of(text_runs(text))


def pairs_of(found: Iterable[Run]) -> list[str]:
    """Bigram tokens of runs."""
    return words_and_pairs(found)[1]


LONGEST_CODE = 64


@dataclass(frozen=True, slots=True)
class Code:
    """A code, telephone or e-mail: without separators and country code, and its separated parts."""

    exact: str
    parts: tuple[str, ...]

    @property
    def tokens(self) -> list[str]:
        """Exact token, tails (`S` and the last 4, 6, 8 characters) and parts (`P` and the part)."""
        if not self.exact:
            return []
        tails = [f"S{self.exact[-length:]}" for length in TAILS if len(self.exact) >= length]
        return [self.exact, *tails, *(f"P{p}" for p in dict.fromkeys(self.parts) if p != self.exact)]

    @property
    def pieces(self) -> list[str]:
        """Overlapping three-character pieces in order; a shorter code is itself."""
        exact = self.exact
        return [exact[i : i + 3] for i in range(len(exact) - 2)] or ([exact] if exact else [])


def code(text: str) -> Code:
    """What a code is found by, read once for all its fields."""
    if text.isascii():  # nearly every number, telephone and address: no characters to cut
        plain = collapse_phones(fold(text))
        return Code(joined(plain), tuple(parts(plain)))
    found = runs(collapse_phones(fold(text)))
    exact = "".join(joined(run.text) if run.script == "latin" else run.text for run in found)[:LONGEST_CODE]
    return Code(exact, tuple(part for run in found for part in _code_parts(run)))


def _code_parts(run: Run) -> list[str]:
    """A number plate and a file number begin with characters, 川A12345: they are found by them as well."""
    return words_of([run], single_characters=True) if run.script == "han" else parts(run.text)


def whole(text: str) -> str:
    """The token of an exact title: `T` and everything but punctuation and spaces."""
    return "T" + "".join(run.text for run in runs(fold(text)))[:200]


def with_breaks(lists: Iterable[list[str]]) -> list[str]:
    """Token lists one after another with a break between them."""
    tokens: list[str] = []
    for one in lists:
        if one and tokens:
            tokens.append(BREAK)
        tokens.extend(one)
    return tokens
