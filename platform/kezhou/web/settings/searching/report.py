"""What is searched for: frequent, in vain, slow, by period (SRH-05, E73)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou import parameters
from kezhou.finding import measuring
from kezhou.pages import ADMIN, PageRequest, page
from kezhou.records import types
from kezhou.web.settings.searching.tabs import tabs
from kezhou.web.settings.shell import shell

PERIODS = {"1": 1, "7": 7, "30": 30, "180": 180}
USUAL = "30"


@page("settings/search/report", access=ADMIN, name="settings-search-report")
def report(request: PageRequest) -> HttpResponse:
    """The figures of a period, hits by kind, and the searches themselves in one of three orders."""
    period = request.GET.get("days", USUAL)
    period = period if period in PERIODS else USUAL
    which = request.GET.get("show", measuring.REPORTS[0])
    which = which if which in measuring.REPORTS else measuring.REPORTS[0]
    since, until = _span(PERIODS[period])
    context: dict[str, Any] = shell("search", _("搜索"), _("搜索统计")) | {
        "tabs": tabs("report"),
        "totals": measuring.totals(request.actor, since, until),
        "kinds": _kinds(request, since, until),
        "lines": measuring.report(request.actor, which, since, until),
        "which": which,
        "periods": _choices("days", period, _periods(), show=which),
        "orders": _choices("show", which, _orders(), days=period),
        "keep_days": parameters.whole(measuring.KEEP_DAYS, request.actor),
        "slow": parameters.whole(measuring.SLOW, request.actor),
    }
    return render(request, "kezhou/settings/search_report.html", context)


def _span(days: int) -> tuple[datetime, datetime]:
    """The last so many days of the company, today included."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=days - 1), midnight + timedelta(days=1)


def _kinds(request: PageRequest, since: datetime, until: datetime) -> list[dict[str, Any]]:
    known = types(request.actor)
    return [
        {"title": known[key].title, "icon": known[key].icon, "count": count}
        for key, count in measuring.kinds(request.actor, since, until)
        if key in known and count
    ]


def _periods() -> dict[str, str]:
    return {"1": _("今天"), "7": _("最近 7 天"), "30": _("最近 30 天"), "180": _("最近 180 天")}


def _orders() -> dict[str, str]:
    return {"frequent": _("搜得最多"), "in_vain": _("没有找到"), "slow": _("慢的")}


def _choices(name: str, chosen: str, titles: dict[str, str], **others: str) -> list[dict[str, Any]]:
    kept = "".join(f"&{key}={value}" for key, value in others.items())
    address = reverse("settings-search-report")
    return [
        {"title": title, "url": f"{address}?{name}={key}{kept}", "on": key == chosen} for key, title in titles.items()
    ]
