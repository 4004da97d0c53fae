"""The plugin catalogue (PLT-04, PLT-05; design 12): a switch per module, what it needs, who needs it, switching as a job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from kezhou import jobs, switching
from kezhou.access.actor import MemberActor
from kezhou.access.entitlements import NotEntitled, demand, entitled
from kezhou.jobs.models import Job
from kezhou.pages import ADMIN, PageRequest, page, toast
from kezhou.plugins import manifests
from kezhou.records import query, types
from kezhou.sdk.manifest import Manifest
from kezhou.switching import CatalogueEntry, SwitchRefused
from kezhou.web.settings.jobs import KIND
from kezhou.web.settings.shell import shell

COUNTED = 10_001
HUES = ("blue", "teal", "vio", "amb", "pnk", "grn")
BUNDLED = "plugins."


@dataclass(frozen=True, slots=True)
class Need:
    """Another module that one needs."""

    title: str
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One module of the catalogue."""

    name: str
    title: str
    summary: str
    icon: str
    hue: str
    state: str
    error: str
    needs: tuple[Need, ...]
    locked_by: tuple[str, ...]
    refused: str
    upgrade_url: str
    records: str
    third_party: bool
    done: int = 0
    total: int = 0
    message: str = ""

    @property
    def locked_names(self) -> str:
        """Who uses it, in words: 销售, 机票等 5 个模块."""
        if len(self.locked_by) > 2:
            return _("%(first)s等 %(count)d 个模块") % {"first": self.locked_by[0], "count": len(self.locked_by)}
        return _("、").join(self.locked_by)


@page("settings/plugins", access=ADMIN, name="settings-plugins")
def catalogue(request: PageRequest) -> HttpResponse:
    """All modules, those that are on, or those that are off; with `open=` the dialog of one switch."""
    context = shell("plugins", _("业务模块")) | _catalogue(request) | {"plan": _plan(request)}
    return render(request, "kezhou/settings/plugins.html", context)


@page("settings/plugins/cards", access=ADMIN, name="settings-plugin-cards")
def cards(request: PageRequest) -> HttpResponse:
    """The cards alone, asked for while a module is being switched on; when all is done the whole page follows, menus and all."""
    context = _catalogue(request)
    response = render(request, "kezhou/settings/_plugin_cards.html", context)
    if not context["busy"]:
        response["HX-Redirect"] = f"/settings/plugins?{_query(request)}"
    return response


@page("settings/plugins/<str:name>", access=ADMIN, methods=("POST",), name="settings-plugin")
def switch(request: PageRequest, name: str) -> HttpResponse:
    """Switch one module. What else would be switched on, and every switching off, is asked first."""
    if name not in manifests():
        raise Http404
    to = "on" if request.POST.get("to") == "on" else "off"
    sure = request.POST.get("sure") == "1"
    try:
        if to == "off" and sure:
            switching.switch_off(request.actor, name)
            toast(request, _("已关掉“%(title)s”，数据都留着。") % {"title": _(manifests()[name].title)})
        elif to == "on" and (sure or len(switching.enable_plan(name)) < 2):
            _start(request, name)
        else:
            return HttpResponseRedirect(f"/settings/plugins?open={name}&to={to}")
    except (SwitchRefused, NotEntitled) as error:
        toast(request, str(error), kind="no")
    return HttpResponseRedirect("/settings/plugins")


def _start(request: PageRequest, name: str) -> None:
    """Ask the plan for each module, then switch on in the background."""
    names = [manifest.name for manifest in switching.enable_plan(name)]
    for wanted in names:
        demand(f"plugin:{wanted}")
    if _running(request) is None:
        jobs.start(request.actor, KIND, {"names": names})


def _catalogue(request: PageRequest) -> dict[str, Any]:
    search = request.GET.get("q", "").strip().casefold()
    shown = request.GET.get("shown", "all")
    shown = shown if shown in {"all", "on", "off"} else "all"
    entries = switching.catalogue()
    running = _running(request)
    everything = tuple(_card(request.actor, entry, place, running) for place, entry in enumerate(entries))
    on = [card for card in everything if card.state == "on"]
    groups = {"all": everything, "on": tuple(on), "off": tuple(card for card in everything if card.state != "on")}
    titles = {"all": _("全部"), "on": _("已开"), "off": _("没开")}
    found = tuple(card for card in groups[shown] if search in f"{card.title} {card.summary} {card.name}".casefold())
    return {
        "on": len(on),
        "total": len(everything),
        "search": request.GET.get("q", ""),
        "shown": shown,
        "tabs": tuple(
            {"title": titles[key], "count": len(group), "on": key == shown, "url": f"/settings/plugins?shown={key}"}
            for key, group in groups.items()
        ),
        "cards": found,
        "busy": any(card.state == "installing" for card in everything),
        "cards_url": f"/settings/plugins/cards?{_query(request)}",
    }


def _query(request: PageRequest) -> str:
    return urlencode({key: request.GET[key] for key in ("q", "shown") if request.GET.get(key)})


def _running(request: PageRequest) -> Job | None:
    return next((job for job in jobs.recent(request.actor, kind=KIND, limit=5) if not job.is_over), None)


def _card(actor: MemberActor, entry: CatalogueEntry, place: int, running: Job | None) -> Card:
    manifest = entry.manifest
    installed = manifests()
    answer = entitled(f"plugin:{manifest.name}", 1) if entry.state != "on" else None
    waits = (
        running if running is not None and manifest.name in running.params["names"] and entry.state != "on" else None
    )
    return Card(
        name=manifest.name,
        title=_(manifest.title),
        summary=_(manifest.summary) if manifest.summary else "",
        icon=manifest.icon,
        hue=HUES[place % len(HUES)] if entry.state == "on" else "gry",
        state="installing" if waits else entry.state,
        error=entry.error,
        needs=tuple(Need(_(installed[name].title), name not in entry.missing) for name in manifest.requires),
        locked_by=tuple(_(installed[name].title) for name in entry.needed_by) if entry.state == "on" else (),
        refused=answer.sentence if answer is not None and not answer.allowed else "",
        upgrade_url=answer.upgrade_url if answer is not None and not answer.allowed else "",
        records=_records(actor, manifest) if entry.state == "on" else "",
        third_party=not manifest.package.startswith(BUNDLED),
        done=waits.done if waits else 0,
        total=(waits.total or 0) if waits else 0,
        message=waits.message if waits else "",
    )


def _records(actor: MemberActor, manifest: Manifest) -> str:
    """How much lies in it: the count of its first type, honest up to ten thousand."""
    spec = next(
        (spec for spec in sorted(types(actor).values(), key=lambda spec: spec.order) if spec.plugin == manifest.name),
        None,
    )
    if spec is None:
        return ""
    count = query(actor, spec.key)[:COUNTED].count()
    shown = _("1 万+") if count == COUNTED else f"{count:,}"
    return _("%(count)s 条%(type)s") % {"count": shown, "type": spec.title}


def _plan(request: PageRequest) -> dict[str, Any] | None:
    """The dialog: everything that will be switched on with it, or what switching it off means."""
    name = request.GET.get("open", "")
    if name not in manifests():
        return None
    manifest = manifests()[name]
    title = _(manifest.title)
    if request.GET.get("to") == "off":
        return {
            "name": name,
            "to": "off",
            "title": title,
            "icon": manifest.icon,
            "adds": _("它的菜单、页面和搜索结果会对所有人隐藏，数据全部保留，再打开时原样回来。"),
            "button": _("关掉%(title)s") % {"title": title},
        }
    wanted = switching.enable_plan(name)
    missing = [_(one.title) for one in wanted if one.name != name]
    on = [need for need in _all_needs(name) if need not in {one.name for one in wanted}]
    lines = [Need(_(manifests()[need].title), True) for need in on] + [Need(_(one.title), False) for one in wanted]
    return {
        "name": name,
        "to": "on",
        "title": title,
        "icon": manifest.icon,
        "missing": bool(missing),
        "missing_names": _("、").join(missing),
        "lines": lines,
        "adds": _("会加上它们的菜单、字典和角色权限，几秒钟。费用不变。"),
        "button": _("一起打开 %(count)d 个模块") % {"count": len(wanted)}
        if len(wanted) > 1
        else _("打开%(title)s") % {"title": title},
    }


def _all_needs(name: str) -> tuple[str, ...]:
    found: list[str] = []
    for need in manifests()[name].requires:
        found += [*_all_needs(need), need]
    return tuple(dict.fromkeys(found))
