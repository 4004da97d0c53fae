"""The search page (SRH-09) and the command palette."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kezhou.finding import Facet, Hit, SearchRequest, SearchResult, measuring
from kezhou.records import types
from kezhou.web import menu
from kezhou.web.finding import request as asked
from kezhou.web.finding.palette import Palette, palette_for
from kezhou.web.moments import when
from kezhou.web.pages import SIGNED_IN, PageRequest, page
from tenants.states import Need


@dataclass(frozen=True, slots=True)
class Line:
    """One hit as the page shows it."""

    hit: Hit
    icon: str
    url: str
    date: str


@page("search", access=SIGNED_IN, name="search")
def search_page(request: PageRequest) -> HttpResponse:
    """Hits in order, with counts per kind, owner, department and time; the counts of a facet follow the others."""
    wanted = asked.read(request.GET)
    result = measuring.ask(request.actor, wanted) if wanted.text else None
    context: dict[str, Any] = {
        "active": "search",
        "crumbs": ({"title": _("搜索")},),
        "search_text": wanted.text,
        "wanted": wanted,
        "result": result,
        "lines": _lines(request, result),
        "facets": _facets(request.GET, wanted, result),
        "dates": _dates(request.GET, result),
        "sorts": _sorts(request.GET, wanted),
        "narrowed": bool(wanted.kinds or wanted.owner or wanted.department or wanted.category or wanted.since),
        "wide_url": asked.changed(request.GET, kind=None, owner=None, department=None, category=None, since=None),
        "recent": () if wanted.text else measuring.recent(request.actor),
        "makes": menu.creatable(request.actor) if result and not result.hits else (),
        **_paging(request.GET, result),
    }
    return render(request, "kezhou/search.html", context)


@page("search/forget", access=SIGNED_IN, methods=("POST",), name="search-forget", needs=Need.READ)
def forget(request: PageRequest) -> HttpResponse:
    """The person's own list of recent searches emptied."""
    measuring.forget_recent(request.actor)
    return HttpResponseRedirect(reverse("search"))


@page("palette", access=SIGNED_IN, name="palette")
def palette(request: PageRequest) -> HttpResponse:
    """The content of the command palette for what was typed so far: places, records, things to make."""
    text = request.GET.get("q", "").strip()
    content: Palette = palette_for(
        request.actor, text, at=request.GET.get("at", "")[:300], seen=request.GET.get("seen", "")
    )
    name = "kezhou/parts/palette_results.html" if "results" in request.GET else "kezhou/parts/palette.html"
    return render(request, name, {"palette": content, "search_text": text})


def _lines(request: PageRequest, result: SearchResult | None) -> list[Line]:
    if result is None:
        return []
    known = types(request.actor)
    return [
        Line(
            hit,
            known[hit.type].icon if hit.type in known else "file",
            reverse("record", args=[hit.type, hit.pk]),
            when(hit.date),
        )
        for hit in result.hits
    ]


def _facets(query: QueryDict, wanted: SearchRequest, result: SearchResult | None) -> list[dict[str, Any]]:
    """Boxes of values to tick; one that was ticked stays even when nothing is left under it."""
    if result is None:
        return []
    kinds = tuple(Facet(group.type, group.title, group.count) for group in result.groups)
    parts = (
        ("kind", _("种类"), kinds, wanted.kinds),
        ("owner", _("负责人"), result.owners, tuple(map(str, wanted.owner))),
        ("department", _("部门"), result.departments, tuple(map(str, wanted.department))),
        ("category", _("分类"), result.categories, wanted.category),
    )
    return [
        {
            "name": name,
            "title": title,
            "values": [{"facet": facet, "on": facet.value in chosen} for facet in facets],
            "clear": asked.changed(query, **{name: None}) if chosen else "",
            "chosen": len(chosen),
        }
        for name, title, facets, chosen in parts
        if facets
    ]


def _dates(query: QueryDict, result: SearchResult | None) -> list[dict[str, Any]]:
    titles = {"": _("不限"), "7": _("最近 7 天"), "30": _("最近 30 天"), "year": _("今年")}
    counts = {facet.value: facet.count for facet in result.dates} if result else {}
    chosen = query.get("since", "")
    return [
        {"value": value, "title": title, "count": counts.get(value), "on": value == chosen}
        for value, title in titles.items()
    ]


def _sorts(query: QueryDict, wanted: SearchRequest) -> list[dict[str, Any]]:
    titles = (("score", _("最相关")), ("newest", _("最近改动")), ("oldest", _("最早")))
    return [
        {"title": title, "url": asked.changed(query, sort=key), "on": key == wanted.sort, "value": key}
        for key, title in titles
    ]


def _paging(query: QueryDict, result: SearchResult | None) -> dict[str, Any]:
    if result is None or not result.total:
        return {"summary": "", "previous_url": "", "next_url": ""}
    first = (result.page - 1) * result.size + 1
    last = first + len(result.hits) - 1
    total = f"{result.total:,}" if result.exact else _("约 %(n)s") % {"n": f"{result.total:,}"}
    return {
        "summary": _("第 %(first)s–%(last)s 条，共 %(total)s 条") % {"first": first, "last": last, "total": total},
        "previous_url": asked.changed(query, page=result.page - 1) if result.page > 1 else "",
        "next_url": asked.changed(query, page=result.page + 1) if result.page < result.pages else "",
    }
