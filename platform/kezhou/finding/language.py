"""What a user may write in the search box: words, “a phrase”, -not this, and 字段:words (SRH-04)."""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST_CLAUSES = 12
LONGEST_PREFIX = 20

_CLAUSE = re.compile(
    r"(?P<minus>(?<!\S)[-－−](?=[^\s\-]))?"
    r"(?:(?P<prefix>[^\s:：\"“”「」-]{1,20})[:：](?=\S))?"
    r"(?:[\"“「](?P<phrase>[^\"”」]*)[\"”」]?|(?P<words>[^\s\"“「]+))"
)
_MARK = re.compile(r"[-－−\"“”「」:：]")


@dataclass(frozen=True, slots=True)
class Clause:
    """One piece of a query. `phrase`: these characters in a row; `excluded`: not these; `prefix`: only in that field."""

    text: str
    phrase: bool = False
    excluded: bool = False
    prefix: str = ""


def clauses(text: str) -> tuple[Clause, ...]:
    """The pieces of a query, in order; anything can be written, nothing is an error.

    >>> [c.text for c in clauses('成都 “差旅协议” -北京 客户:川西')]
    ['成都', '差旅协议', '北京', '川西']
    """
    found = []
    for match in _CLAUSE.finditer(text):
        said = match["phrase"] if match["phrase"] is not None else match["words"]
        if said.strip():
            found.append(Clause(said.strip(), match["phrase"] is not None, bool(match["minus"]), match["prefix"] or ""))
    return tuple(found[:MOST_CLAUSES])


def written(clause: Clause) -> str:
    """A clause as it is typed: the way back, for a prefix that names no field (10:30, http://…)."""
    return f"{clause.prefix}:{clause.text}" if clause.prefix else clause.text


def plain(text: str) -> bool:
    """Whether a query is words alone, as nearly all are."""
    return _MARK.search(text) is None


def wanted(text: str) -> str:
    """The words of a query that a hit holds: without what is excluded and without the marks."""
    if plain(text):
        return text
    return " ".join(clause.text for clause in clauses(text) if not clause.excluded)
