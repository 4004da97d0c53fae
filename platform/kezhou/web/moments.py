"""Moments as people say them, in the tenant's zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


def when(moment: datetime | None, now: datetime | None = None) -> str:
    """刚刚, 5 分钟前, 今天 09:12, 昨天 17:20, 5 月 8 日, 2025 年 3 月 2 日; an empty text for None."""
    if moment is None:
        return ""
    local, here = timezone.localtime(moment), timezone.localtime(now)
    gone = here - local
    if timedelta(0) <= gone < timedelta(minutes=1):
        return _("刚刚")
    if timedelta(0) <= gone < timedelta(hours=1):
        return _("%(n)s 分钟前") % {"n": int(gone.total_seconds() // 60)}
    clock = f"{local:%H:%M}"
    if local.date() == here.date():
        return _("今天 %(clock)s") % {"clock": clock}
    if local.date() == here.date() - timedelta(days=1):
        return _("昨天 %(clock)s") % {"clock": clock}
    return day(local.date(), here.date())


def day(value: date, today: date) -> str:
    """5 月 8 日, with the year when it is not this one."""
    if value.year == today.year:
        return _("%(month)s 月 %(day)s 日") % {"month": value.month, "day": value.day}
    return _("%(year)s 年 %(month)s 月 %(day)s 日") % {"year": value.year, "month": value.month, "day": value.day}


def week_start() -> datetime:
    """Monday of this week at midnight, here."""
    now = timezone.localtime()
    return (now - timedelta(days=now.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)


WEEKDAYS = (
    gettext_lazy("周一"),
    gettext_lazy("周二"),
    gettext_lazy("周三"),
    gettext_lazy("周四"),
    gettext_lazy("周五"),
    gettext_lazy("周六"),
    gettext_lazy("周日"),
)


def day_heading(value: date, today: date) -> str:
    """今天, 昨天, or the day with its weekday: the heads of timelines."""
    if value == today:
        return _("今天")
    if value == today - timedelta(days=1):
        return _("昨天")
    return dated(value, today)


def dated(value: date, today: date) -> str:
    """5 月 8 日 周五."""
    return f"{day(value, today)} {WEEKDAYS[value.weekday()]}"
