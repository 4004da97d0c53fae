"""Relative dates of filters: 今天, 本周, 上月, 最近 N 天, in the tenant's time zone."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou.records.fields.reading import quoted_value
from kezhou.records.fields.shapes import FieldError

Span = tuple[date | None, date | None]

_COUNTED = re.compile(r"(last|next|before|after)_(\d{1,4})_days")

LABELS: Mapping[str, str | Promise] = {
    "today": gettext_lazy("今天"),
    "yesterday": gettext_lazy("昨天"),
    "tomorrow": gettext_lazy("明天"),
    "this_week": gettext_lazy("本周"),
    "last_week": gettext_lazy("上周"),
    "next_week": gettext_lazy("下周"),
    "this_month": gettext_lazy("本月"),
    "last_month": gettext_lazy("上月"),
    "next_month": gettext_lazy("下月"),
    "this_quarter": gettext_lazy("本季度"),
    "last_quarter": gettext_lazy("上季度"),
    "this_year": gettext_lazy("今年"),
    "last_year": gettext_lazy("去年"),
}


def label(word: str) -> str:
    """The word as people read it: last_7_days is 最近 7 天."""
    if counted := _COUNTED.fullmatch(word):
        patterns = {
            "last": _("最近 %(days)s 天"),
            "next": _("未来 %(days)s 天"),
            "before": _("%(days)s 天前"),
            "after": _("%(days)s 天后"),
        }
        return patterns[counted[1]] % {"days": int(counted[2])}
    return str(LABELS.get(word, word))


def span(word: object, today: date) -> Span:
    """The days a word means, as [first, day after the last); None is open. `last_7_days` ends today and includes it.

    `before_30_days` is everything more than 30 days ago. Raises FieldError for an unknown word.
    """
    if isinstance(word, str) and (counted := _COUNTED.fullmatch(word)):
        return _counted(counted[1], int(counted[2]), today)
    if isinstance(word, str) and word in _SPANS:
        return _SPANS[word](today)
    known = "、".join([*LABELS, "last_7_days", "next_7_days", "before_30_days"])
    raise FieldError(_("“%(word)s”不是相对日期，可用：%(known)s。") % {"word": quoted_value(word), "known": known})


def _counted(kind: str, days: int, today: date) -> Span:
    length, tomorrow = timedelta(days=days), today + timedelta(days=1)
    spans: dict[str, Span] = {
        "last": (tomorrow - length, tomorrow),
        "next": (today, today + length),
        "before": (None, today - length),
        "after": (tomorrow + length, None),
    }
    return spans[kind]


def _days(offset: int) -> Callable[[date], Span]:
    def of(today: date) -> Span:
        first = today + timedelta(days=offset)
        return first, first + timedelta(days=1)

    return of


def _weeks(offset: int) -> Callable[[date], Span]:
    def of(today: date) -> Span:
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=offset)
        return monday, monday + timedelta(weeks=1)

    return of


def _months(offset: int, *, length: int) -> Callable[[date], Span]:
    """Spans of `length` months (1, 3 or 12) that begin where the calendar's do."""

    def of(today: date) -> Span:
        first = (today.year * 12 + today.month - 1) // length * length + offset * length
        return _first_of(first), _first_of(first + length)

    return of


def _first_of(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


_SPANS: Mapping[str, Callable[[date], Span]] = {
    "today": _days(0),
    "yesterday": _days(-1),
    "tomorrow": _days(1),
    "this_week": _weeks(0),
    "last_week": _weeks(-1),
    "next_week": _weeks(1),
    "this_month": _months(0, length=1),
    "last_month": _months(-1, length=1),
    "next_month": _months(1, length=1),
    "this_quarter": _months(0, length=3),
    "last_quarter": _months(-1, length=3),
    "this_year": _months(0, length=12),
    "last_year": _months(-1, length=12),
}
