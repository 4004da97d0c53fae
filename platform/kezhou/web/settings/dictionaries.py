"""Dictionaries (CFG-02, CFG-03; design 19): a tree of values; each with its panel. Panels are states of the address."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from kezhou import jobs
from kezhou.pages import ADMIN, PageRequest, page, toast
from kezhou.plugins import manifests
from kezhou.records import dictionaries
from kezhou.records.dictionaries import DictionaryError, DictionaryInfo
from kezhou.records.dictionary import bulk, making, uses
from kezhou.web.settings.dictionary_deeds import DEEDS, HERE
from kezhou.web.settings.dictionary_panel import NEW, TOOLS, panel_of, rows_of
from kezhou.web.settings.field_form import HUES
from kezhou.web.settings.shell import shell

TEMPLATE = "kezhou/settings/dictionaries.html"


@page("settings/dictionaries", access=ADMIN, methods=("GET", "POST"), name="settings-dictionaries")
def first(request: PageRequest) -> HttpResponse:
    """The first dictionary, or why there is none; a post makes one of the company's own."""
    if request.method == "POST":
        return _make(request)
    found = _groups(request)
    if found and "new" not in request.GET and not request.GET.get("q"):
        return HttpResponseRedirect(f"{HERE}/{found[0]['entries'][0].key}")
    return _list(request)


def _make(request: PageRequest) -> HttpResponse:
    title = request.POST.get("title", "")
    try:
        key = making.found(request.actor, title)
    except DictionaryError as error:
        return _list(request, {"title": title, "error": str(error)}, status=422)
    toast(request, _("字典“%(title)s”建好了，现在加值。") % {"title": title.strip()})
    return HttpResponseRedirect(f"{HERE}/{key}?value={NEW}")


def _list(request: PageRequest, making_: dict[str, str] | None = None, *, status: int = 200) -> HttpResponse:
    context = shell("dictionaries", _("字典")) | {
        "groups": _groups(request),
        "find": request.GET.get("q", ""),
        "making": making_ or ({"title": "", "error": ""} if "new" in request.GET else None),
    }
    return render(request, TEMPLATE, context, status=status)


def _groups(request: PageRequest) -> list[dict[str, Any]]:
    """The dictionaries by the module they came with, those of the company last; cut to what `q` finds by title or field."""
    text = request.GET.get("q", "").strip().casefold()
    placed: dict[str, list[DictionaryInfo]] = {}
    for info in dictionaries.all(request.actor):
        words = " ".join((info.title, *(label for pair in info.used_in for label in pair)))
        if text in words.casefold():
            placed.setdefault(info.plugin, []).append(info)
    known = {key: _(manifest.title) for key, manifest in manifests().items()} | {"core": _("公司通用"), "": _("自建")}
    return [{"title": title, "entries": placed[key]} for key, title in known.items() if key in placed]


@page("settings/dictionaries/<str:key>", access=ADMIN, methods=("GET", "POST"), name="settings-dictionary")
def dictionary(request: PageRequest, key: str) -> HttpResponse:
    """The values of one dictionary; `value=` opens the panel of one, `tool=` that of renaming or pasting."""
    info = next((one for one in dictionaries.all(request.actor) if one.key == key), None)
    if info is None:
        raise Http404
    return _act(request, info) if request.method == "POST" else _show(request, info, request.GET)


def _act(request: PageRequest, info: DictionaryInfo) -> HttpResponse:
    deed = DEEDS.get(request.POST.get("do", "save"))
    if deed is None:
        raise Http404
    try:
        said, where = deed(request, info)
    except bulk.BulkError as error:
        return _show(request, info, request.POST, {"text": str(error)}, error.problems)
    except DictionaryError as error:
        return _show(request, info, request.POST, {"label": str(error)})
    if said:
        toast(request, said)
    return HttpResponseRedirect(where)


def _show(
    request: PageRequest,
    info: DictionaryInfo,
    data: QueryDict,
    errors: dict[str, str] | None = None,
    problems: tuple[tuple[int, str], ...] = (),
) -> HttpResponse:
    found, used = dictionaries.values(request.actor, info.key), uses.uses(request.actor, info.key)
    tool = data.get("tool", "")
    panel = panel_of(request.actor, info, found, used, data, typed=errors is not None)
    context = shell("dictionaries", _("字典"), info.title) | {
        "groups": _groups(request),
        "find": request.GET.get("q", ""),
        "dictionary": info,
        "about": _about(info),
        "here": f"{HERE}/{info.key}",
        "rows": rows_of(found, used),
        "summary": _("共 %(count)d 个值，停用 %(off)d 个")
        % {"count": len(found), "off": sum(1 for value in found if not value.enabled)},
        "hues": HUES,
        "panel": panel,
        "tool": tool if tool in TOOLS else "",
        "typed": {"title": data.get("title", info.title), "text": data.get("text", "")},
        "errors": errors or {},
        "problems": problems,
        "job": _job(request, data.get("job", "")),
    }
    return render(request, TEMPLATE, context, status=422 if errors else 200)


def _about(info: DictionaryInfo) -> str:
    used_in = _("、").join(f"{title}·{label}" for title, label in info.used_in)
    return _("用在 %(fields)s") % {"fields": used_in} if used_in else _("还没有字段用它")


def _job(request: PageRequest, pk: str) -> Any:
    if not pk.isdecimal() or len(pk) > 18:
        return None
    try:
        return jobs.get(request.actor, int(pk))
    except jobs.JobNotFound:
        return None
