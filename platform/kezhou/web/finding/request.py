"""The address of a search, read into a `SearchRequest` and written back with one part changed."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import unquote, urlencode

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou.finding import SearchRequest
from kezhou.finding.model import LONGEST_TEXT
from kezhou.records.spec import FilterError

SINCE = ("7", "30", "year")
SORTS = ("score", "newest", "oldest")
PAGE_SIZE = 20
MOST_OPENED = 16
LONGEST_NUMBER = 19
OPENED_COOKIE = "kz_seen"


def read(query: QueryDict, opened: tuple[tuple[str, int], ...] = ()) -> SearchRequest:
    """The search that the address asks for; `opened` are records looked at lately. Raises FilterError (400) for values that
    mean nothing."""
    sort = query.get("sort") or "score"
    if sort not in SORTS:
        raise FilterError(_("搜索结果不能按“%(sort)s”排序，可用：score、newest、oldest。") % {"sort": sort})
    try:
        return SearchRequest(
            text=text_of(query),
            kinds=tuple(query.getlist("kind")),
            owner=_numbers(query, "owner"),
            department=_numbers(query, "department"),
            category=tuple(query.getlist("category")),
            since=since(query.get("since", "")),
            page=_number(query.get("page") or "1"),
            size=PAGE_SIZE,
            opened=opened,
            sort=sort,  # type: ignore[arg-type]  # one of SORTS, tested above
        )
    except ValueError as error:
        raise FilterError(_("搜索条件有误：%(why)s") % {"why": error}) from error


def text_of(query: QueryDict) -> str:
    """The words as far as a search takes them; a longer text, pasted, is no error (`is_cut`)."""
    return query.get("q", "").strip()[:LONGEST_TEXT]


def is_cut(query: QueryDict) -> bool:
    """Whether the text in the address is longer than a search takes."""
    return len(query.get("q", "").strip()) > LONGEST_TEXT


def opened(given: str) -> tuple[tuple[str, int], ...]:
    """Records looked at lately as the window keeps them: type:key, the latest first. Anything else is left out."""
    found: dict[tuple[str, int], None] = {}
    for part in unquote(given[:1000]).split(",")[:MOST_OPENED]:
        type, _colon, number = part.partition(":")
        if type and number.isascii() and number.isdecimal() and len(number) < LONGEST_NUMBER:
            found[type, int(number)] = None
    return tuple(found)


def address(query: QueryDict, wanted: SearchRequest) -> str:
    """The address of another search that keeps the order of this one: words and conditions come from `wanted`."""
    parts: list[tuple[str, str]] = [("q", wanted.text), *(("kind", kind) for kind in wanted.kinds)]
    parts += [("owner", str(pk)) for pk in wanted.owner] + [("department", str(pk)) for pk in wanted.department]
    parts += [("category", value) for value in wanted.category]
    parts += [("since", query.get("since", ""))] if wanted.since and query.get("since") else []
    parts += [("sort", query.get("sort", ""))] if query.get("sort") else []
    return f"?{urlencode(parts)}"


def since(choice: str) -> date | None:
    """The first day that a choice of the date facet means."""
    today = timezone.localdate()
    if choice == "":
        return None
    if choice == "year":
        return today.replace(month=1, day=1)
    if choice in SINCE:
        return today - timedelta(days=int(choice) - 1)
    raise FilterError(_("日期范围“%(choice)s”不存在，可用：7、30、year。") % {"choice": choice})


def changed(query: QueryDict, **parts: str | int | None) -> str:
    """The same address with some parts replaced (None leaves one out); paging starts anew unless it is given."""
    copy = query.copy()
    copy.pop("page", None)
    for name, value in parts.items():
        copy.pop(name, None)
        if value is not None:
            copy[name] = str(value)
    return f"?{copy.urlencode()}"


def _numbers(query: QueryDict, name: str) -> tuple[int, ...]:
    return tuple(_number(value) for value in query.getlist(name))


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < LONGEST_NUMBER):
        raise FilterError(_("搜索条件里的“%(text)s”应该是一个数字。") % {"text": text[:40]})
    return int(text)
