"""The search page (SRH-09) and the command palette."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.finding import SearchRequest, SearchResult, language, measuring, relaxing
from kezhou.finding.model import LONGEST_TEXT, Explanation
from kezhou.plugins import hooks
from kezhou.records import fields_for, types
from kezhou.records.spec import Purpose
from kezhou.web import menu, spelling
from kezhou.web.finding import request as asked
from kezhou.web.finding import suggestions
from kezhou.web.finding.facets import boxes
from kezhou.web.finding.palette import ACTIONS_ONLY, Found, Palette, palette_for
from kezhou.web.pages import SIGNED_IN, PageRequest, on, page
from tenants.states import Need

MOST_PICKED = 30


@page("search", access=SIGNED_IN, name="search")
def search_page(request: PageRequest) -> HttpResponse:
    """Hits in order, with counts per kind, owner, department and time; the counts of a facet follow the others."""
    wanted = asked.read(request.GET, asked.opened(request.COOKIES.get(asked.OPENED_COOKIE, "")))
    narrowed = relaxing.narrowed(wanted)
    result = measuring.ask(request.actor, wanted) if wanted.text or narrowed else None
    nothing = result is not None and not result.hits
    if nothing and wanted.page > 1:
        return HttpResponseRedirect(_last_page(request.GET, result))
    saved, here = suggestions.saved(request.actor), request.get_full_path()
    context: dict[str, Any] = {
        "active": "search",
        "crumbs": ({"title": _("搜索")},),
        "search_text": wanted.text,
        "wanted": wanted,
        "longest": LONGEST_TEXT if asked.is_cut(request.GET) else 0,
        "result": result,
        "lines": _lines(request, result),
        "facets": boxes(request.actor, request.GET, wanted, result),
        "dates": _dates(request.GET, result),
        "sorts": _sorts(request.GET, wanted),
        "narrowed": narrowed,
        "wide_url": asked.address(request.GET, relaxing.wide(wanted)),
        "ways": _ways(request, wanted) if nothing else (),
        "elsewhere": _elsewhere(request, wanted, result) if nothing else (),
        "recent": () if wanted.text else measuring.recent(request.actor),
        "saved": saved,
        "kept": any(link.url == here for link in saved),
        "here": here,
        "saving": wanted.text or _("按条件搜索"),
        "makes": _makes(request, wanted) if nothing and not narrowed else (),
        "why_query": request.GET.urlencode(),
        **_paging(request.GET, result),
    }
    return render(request, "kezhou/search.html", context)


@page("search/suggest", access=SIGNED_IN, name="search-suggest")
def suggest(request: PageRequest) -> HttpResponse:
    """What is offered below the search box for the letters typed so far."""
    text = request.GET.get("q", "").replace("\x00", "")
    opened = asked.opened(request.COOKIES.get(asked.OPENED_COOKIE, ""))
    offered = suggestions.suggested(request.actor, text, opened=opened)
    return render(request, "kezhou/parts/search_suggestions.html", {"offered": offered, "search_text": text})


@page("r/<str:type_key>/<int:pk>/why", access=on("read"), name="search-why")
def why(request: PageRequest, type_key: str, pk: int) -> HttpResponse:
    """Why a record is a hit of the search in the address: a piece below the hit, a page of its own without scripts."""
    records.get(request.actor, type_key, pk, only=frozenset())
    wanted = asked.read(request.GET, asked.opened(request.COOKIES.get(asked.OPENED_COOKIE, "")))
    explained = hooks().explain_hit(actor=request.actor, request=wanted, type=type_key, pk=pk) if wanted.text else None
    context = {
        "explained": explained if isinstance(explained, Explanation) else None,
        "back": f"{reverse('search')}?{request.GET.urlencode()}",
        "active": "search",
        "crumbs": ({"title": _("搜索"), "url": reverse("search")}, {"title": _("为什么是这条")}),
    }
    piece = request.headers.get("HX-Request")
    return render(request, "kezhou/parts/search_why.html" if piece else "kezhou/search_why.html", context)


@page("search/forget", access=SIGNED_IN, methods=("POST",), name="search-forget", needs=Need.READ)
def forget(request: PageRequest) -> HttpResponse:
    """The person's own list of recent searches emptied."""
    measuring.forget_recent(request.actor)
    return HttpResponseRedirect(reverse("search"))


@page("palette", access=SIGNED_IN, name="palette")
def palette(request: PageRequest) -> HttpResponse:
    """The content of the command palette for what was typed so far: places, records, things to make."""
    text = asked.text_of(request.GET)
    content: Palette = palette_for(
        request.actor, text, at=request.GET.get("at", "")[:300], seen=request.GET.get("seen", "")
    )
    name = "kezhou/parts/palette_results.html" if "results" in request.GET else "kezhou/parts/palette.html"
    return render(request, name, {"palette": content, "search_text": text, "picked": _picked(request, text)})


def _picked(request: PageRequest, text: str) -> list[int]:
    """Which of the labels in `picked`, the buttons over a list with ticked rows, fit what was typed; also by pinyin."""
    words = spelling.words(text.removeprefix(ACTIONS_ONLY))
    return [
        place
        for place, label in enumerate(request.GET.getlist("picked")[:MOST_PICKED])
        if spelling.fits(words, label[:60])
    ]


def _ways(request: PageRequest, wanted: SearchRequest) -> list[dict[str, Any]]:
    """Searches that find something where this one does not."""
    found = relaxing.ways(request.actor, wanted)
    return [
        {"how": way.how, "text": way.request.text, "count": way.count, "url": asked.address(request.GET, way.request)}
        for way in found
    ]


def _elsewhere(request: PageRequest, wanted: SearchRequest, result: SearchResult | None) -> list[dict[str, Any]]:
    """The other kinds in which the same search finds something."""
    groups = result.groups if result is not None and wanted.kinds else ()
    return [
        {"group": group, "url": asked.address(request.GET, replace(wanted, kinds=(group.type,)))} for group in groups
    ]


def _makes(request: PageRequest, wanted: SearchRequest) -> list[dict[str, Any]]:
    """Kinds that can be made anew, each with the words of the search as its name."""
    name = " ".join(clause.text for clause in language.clauses(wanted.text) if not clause.excluded)
    known = types(request.actor)
    found = []
    for entry in menu.creatable(request.actor):
        title = known[entry.key].title_field
        writable = {field.key for field in fields_for(entry.key, request.actor, Purpose.WRITE)}
        given = f"?{urlencode({title: name})}" if name and title in writable else ""
        found.append({"title": entry.title, "url": f"{entry.url}{given}"})
    return found


def _lines(request: PageRequest, result: SearchResult | None) -> list[Found]:
    known = types(request.actor)
    return [Found.of(hit, known) for hit in result.hits] if result is not None else []


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


def _last_page(query: QueryDict, result: SearchResult | None) -> str:
    """The last page that has hits, for an address behind it: records went, or somebody wrote a number."""
    last = min(result.pages, result.page - 1) if result is not None and result.total else 1
    return asked.changed(query, page=last if last > 1 else None)


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
