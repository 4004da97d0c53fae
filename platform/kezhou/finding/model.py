"""The words of a search and of its answer, the same for every engine."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

Sort = Literal["score", "newest", "oldest"]

LONGEST_TEXT = 200
LARGEST_PAGE = 100
DEEPEST_HIT = 10_000


@dataclass(frozen=True)
class SearchRequest:
    """One search. `kinds`, `owner`, `department`, `category` are alternatives among themselves; empty means all.

    A category is written `customers.customer:vip`: a kind and a value of its class.
    `only_total` asks how many there are and nothing else. `opened` are records that the asker looked at lately (type, pk): they weigh more. `since` and `until` bound the day of the last change in the tenant's zone. A department includes those below it.
    Raises `ValueError` with a sentence for a page, size or text out of bounds.
    """

    text: str
    kinds: tuple[str, ...] = ()
    owner: tuple[int, ...] = ()
    department: tuple[int, ...] = ()
    category: tuple[str, ...] = ()
    since: datetime.date | None = None
    until: datetime.date | None = None
    page: int = 1
    size: int = 20
    sort: Sort = "score"
    facets: bool = True
    opened: tuple[tuple[str, int], ...] = ()
    only_total: bool = False

    @property
    def filtered(self) -> frozenset[str]:
        """The standard fields that narrow the search: of kinds whose actor is not shown one of them nothing is found."""
        days = self.since or self.until
        wanted = (("owner", self.owner), ("department", self.department), ("changed_at", days))
        return frozenset(key for key, asked in wanted if asked)

    def __post_init__(self) -> None:
        if len(self.text) > LONGEST_TEXT:
            raise ValueError(_("搜索的文字最多 %(limit)d 个字。") % {"limit": LONGEST_TEXT})
        if not 1 <= self.size <= LARGEST_PAGE:
            raise ValueError(
                _("每页 1 到 %(limit)d 条，不是 %(size)d 条。") % {"limit": LARGEST_PAGE, "size": self.size}
            )
        if self.page < 1 or self.page * self.size > DEEPEST_HIT:
            raise ValueError(
                _("只能翻到前 %(limit)d 条结果，没有第 %(page)d 页。") % {"limit": DEEPEST_HIT, "page": self.page}
            )
        if self.sort not in ("score", "newest", "oldest"):
            raise ValueError(_("结果只能按 score、newest 或 oldest 排序，不能按“%(sort)s”。") % {"sort": self.sort})


@dataclass(frozen=True, slots=True)
class Cut:
    """One word of a text as a search reads it: the company's own or not, left out, and what it finds besides itself."""

    word: str
    own: bool = False
    left_out: bool = False
    same: tuple[str, ...] = ()


@dataclass(frozen=True)
class Excerpt:
    """A piece of one field in which the words were found, HTML-escaped, with `<mark>` around them."""

    label: str
    text: SafeString


@dataclass(frozen=True)
class Hit:
    """One record found. `title` is plain text, `heading` the same escaped with `<mark>`; `date` is the last change.

    `score` is how well it fits, comparable within one answer; 0 in an answer that is not ordered by it.
    """

    type: str
    kind: str
    pk: int
    title: str
    heading: SafeString
    excerpts: tuple[Excerpt, ...]
    number: str
    owner_pk: int | None
    owner: str
    date: datetime.datetime | None
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence why a record was found where it was, and the points that it brought (None: no part of its own)."""

    text: str
    points: float | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a record is a hit of a search, for the one who asked: `words` where they stand, `bonuses` what weighed beside them."""

    title: str
    score: float
    words: tuple[Reason, ...]
    bonuses: tuple[Reason, ...]


@dataclass(frozen=True)
class Group:
    """How many hits one kind of record has under all filters but that of kinds."""

    type: str
    title: str
    count: int
    icon: str = ""


@dataclass(frozen=True)
class Facet:
    """How many hits one value of a filter would leave, under all the other filters."""

    value: str
    title: str
    count: int


@dataclass(frozen=True)
class SearchResult:
    """The answer: one page of `hits` of `total`, counts per kind, and a `notice` when the answer is not the usual one.

    `close` says that nothing holds all words as they were typed: the hits are what may have been meant.
    """

    hits: tuple[Hit, ...]
    total: int
    groups: tuple[Group, ...]
    owners: tuple[Facet, ...] = ()
    departments: tuple[Facet, ...] = ()
    categories: tuple[Facet, ...] = ()
    dates: tuple[Facet, ...] = ()
    notice: str = ""
    exact: bool = True
    page: int = 1
    size: int = 20
    indexed_at: datetime.datetime | None = None
    took: float = 0.0
    close: bool = False

    @property
    def pages(self) -> int:
        """Pages of hits that can be opened."""
        return max(1, -(-min(self.total, DEEPEST_HIT) // self.size))

    def in_groups(self) -> Sequence[tuple[Group, tuple[Hit, ...]]]:
        """The hits of this page by kind, in the order of the groups (for the palette)."""
        by_type: dict[str, list[Hit]] = {}
        for hit in self.hits:
            by_type.setdefault(hit.type, []).append(hit)
        return tuple((group, tuple(by_type[group.type])) for group in self.groups if group.type in by_type)
