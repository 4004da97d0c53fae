"""Dictionaries (PLT-10, first form; design 19): values with label, colour, order and aliases; switched off, never deleted."""

from __future__ import annotations

import re
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from kezhou.pages import ADMIN, PageRequest, page, toast
from kezhou.records import dictionaries
from kezhou.records.dictionaries import DictionaryError, DictionaryInfo, Value
from kezhou.web.settings.field_form import HUES
from kezhou.web.settings.shell import shell

NEW = "new"


@page("settings/dictionaries", access=ADMIN, name="settings-dictionaries")
def first(request: PageRequest) -> HttpResponse:
    """The first dictionary, or why there is none."""
    found = dictionaries.all(request.actor)
    if found:
        return HttpResponseRedirect(f"/settings/dictionaries/{found[0].key}")
    return render(request, "kezhou/settings/dictionaries.html", shell("dictionaries", _("字典")))


@page("settings/dictionaries/<str:key>", access=ADMIN, methods=("GET", "POST"), name="settings-dictionary")
def dictionary(request: PageRequest, key: str) -> HttpResponse:
    """The values of one dictionary; with `value=` the panel of one."""
    info = next((one for one in dictionaries.all(request.actor) if one.key == key), None)
    if info is None:
        raise Http404
    if request.method == "POST":
        return _save(request, info)
    chosen = request.GET.get("value", "")
    if chosen in {"", NEW}:
        return _show(request, info, chosen, {"label": "", "hue": "grey", "aliases": "", "enabled": True})
    value = _value(request, info, chosen)
    shown = {"label": value.label, "hue": value.hue, "aliases": _("、").join(value.aliases), "enabled": value.enabled}
    return _show(request, info, chosen, shown)


def _value(request: PageRequest, info: DictionaryInfo, key: str) -> Value:
    found = next((value for value in dictionaries.values(request.actor, info.key) if value.key == key), None)
    if found is None:
        raise Http404
    return found


def _save(request: PageRequest, info: DictionaryInfo) -> HttpResponse:
    key = request.POST.get("value", NEW)
    do = request.POST.get("do", "save")
    typed = {name: request.POST.get(name, "").strip() for name in ("label", "hue", "aliases")}
    try:
        said = _apply(request, info, key, do, typed)
    except DictionaryError as error:
        return _show(request, info, key, typed | {"enabled": True}, {"label": str(error)})
    if said:
        toast(request, said)
    return HttpResponseRedirect(f"/settings/dictionaries/{info.key}")


def _apply(request: PageRequest, info: DictionaryInfo, key: str, do: str, typed: dict[str, str]) -> str:
    if do in {"up", "down"}:
        _move(request, info, key, -1 if do == "up" else 1)
        return ""
    if do in {"enable", "disable"}:
        dictionaries.change(request.actor, info.key, key, enabled=do == "enable")
        return _("已恢复。") if do == "enable" else _("已停用，旧记录照样显示。")
    aliases = tuple(word for word in re.split(r"[、,，;；\s]+", typed["aliases"]) if word)
    if key == NEW:
        dictionaries.add(request.actor, info.key, typed["label"], hue=typed["hue"] or "grey", aliases=aliases)
        return _("“%(label)s”加好了。") % {"label": typed["label"]}
    dictionaries.change(request.actor, info.key, key, label=typed["label"], hue=typed["hue"] or None, aliases=aliases)
    return _("“%(label)s”已保存。") % {"label": typed["label"]}


def _move(request: PageRequest, info: DictionaryInfo, key: str, by: int) -> None:
    order = [value.key for value in dictionaries.values(request.actor, info.key)]
    if key not in order:
        raise Http404
    place = order.index(key)
    target = min(max(place + by, 0), len(order) - 1)
    order.insert(target, order.pop(place))
    dictionaries.reorder(request.actor, info.key, order)


def _show(
    request: PageRequest,
    info: DictionaryInfo,
    chosen: str,
    values: dict[str, Any],
    errors: dict[str, str] | None = None,
) -> HttpResponse:
    found = dictionaries.values(request.actor, info.key)
    off = sum(1 for value in found if not value.enabled)
    used_in = _("、").join(f"{title}·{label}" for title, label in info.used_in)
    context = shell("dictionaries", _("字典"), info.title) | {
        "dictionaries": dictionaries.all(request.actor),
        "dictionary": {
            "key": info.key,
            "title": info.title,
            "about": _("用在 %(fields)s") % {"fields": used_in} if used_in else "",
        },
        "here": f"/settings/dictionaries/{info.key}",
        "values_list": tuple(
            {
                "key": value.key,
                "label": value.label,
                "hue": value.hue,
                "enabled": value.enabled,
                "aliases": _("、").join(value.aliases),
            }
            for value in found
        ),
        "summary": _("共 %(count)d 个值，停用 %(off)d 个") % {"count": len(found), "off": off},
        "chosen": chosen,
        "values": values,
        "errors": errors or {},
        "hues": HUES,
        "panel": _panel(request, info, chosen, values) if chosen else None,
    }
    return render(request, "kezhou/settings/dictionaries.html", context, status=422 if errors else 200)


def _panel(request: PageRequest, info: DictionaryInfo, chosen: str, values: dict[str, Any]) -> dict[str, Any]:
    if chosen == NEW:
        return {"key": NEW, "title": _("加值"), "uses": ()}
    count = dictionaries.use_counts(request.actor, info.key).get(chosen, 0)
    uses = ({"title": _("记录"), "count": _("%(count)s 条") % {"count": f"{count:,}"}},) if count else ()
    return {"key": chosen, "title": values["label"], "uses": uses}
