"""设置 › 菜单: the administrator puts modules and entries in order, renames them, moves them and takes them off (UIX-02)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou.pages import ADMIN, PageRequest, page, toast
from kezhou.records import shape
from kezhou.web import arranging
from kezhou.web import menu as rail
from kezhou.web.arranging import ENTRY, LONGEST, MODULE, Arrangement, MenuError, Place
from kezhou.web.home.main_menu import GROUPS
from kezhou.web.settings import menu
from kezhou.web.settings.shell import shell

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from kezhou.web.menu import Module

HERE = "/settings/menu"
OWN_GROUP = "own"
"""A module that is a group of the main menu by itself, whatever its plugin says."""

menu.register(
    menu.Entry(
        "menu",
        gettext_lazy("菜单"),
        gettext_lazy("模块和列表的顺序、名称、分组，暂时不用的收起来"),
        icon="list-details",
        url=HERE,
        group="templates",
        order=25,
        words=gettext_lazy("导航 侧栏 排序 隐藏 主菜单 分组"),
    )
)


@page("settings/menu", access=ADMIN, methods=("GET", "POST"), name="settings-menu")
def arrange(request: PageRequest) -> HttpResponse:
    """The whole menu as one form; every button keeps what stands in it."""
    if request.method != "POST":
        return _show(request)
    if request.POST.get("do") == "reset":
        arranging.reset(request.actor)
        toast(request, _("菜单已恢复成各模块的样子。"))
        return HttpResponseRedirect(HERE)
    try:
        arranging.keep(request.actor, *_wanted(request))
    except MenuError as error:
        return _show(request, problem=str(error), status=422)
    toast(request, _("菜单已改好，所有人打开下一页就看到。"))
    return HttpResponseRedirect(HERE)


def _show(request: PageRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    actor = shape.unversioned(request.actor)
    chosen, modules = arranging.arrangement(actor), rail.modules(actor, hidden=True)
    typed = request.POST if problem else None
    context = {
        **shell("menu", _("菜单")),
        "modules": [_block(module, chosen, typed) for module in modules],
        "places": [(module.key, module.title) for module in modules],
        "groups": GROUPS.items(),
        "arranged": bool(chosen.modules or chosen.entries),
        "longest": LONGEST,
        "problem": problem,
    }
    return render(request, "kezhou/settings/main_menu.html", context, status=status)


def _block(module: Module, chosen: Arrangement, typed: Mapping[str, str] | None) -> dict[str, Any]:
    title = rail.declared_title(module.key) or module.entries[0].title
    return {
        **_row(MODULE, module.key, title, module.icon, chosen.modules, typed),
        "group": module.group,
        "entries": [
            _row(ENTRY, line.entry.key, line.entry.title, line.entry.icon, chosen.entries, typed)
            for line in module.lines
        ],
    }


def _row(
    kind: str, key: str, title: StrOrPromise, icon: str, chosen: Mapping[str, Place], typed: Mapping[str, str] | None
) -> dict[str, Any]:
    name, place = f"{kind}:{key}", chosen.get(key, Place(key))
    own = place.title if typed is None else typed.get(f"title:{name}", "")
    return {"key": key, "name": name, "title": title, "own": own, "icon": icon, "hidden": place.hidden}


def _wanted(request: PageRequest) -> tuple[list[Place], list[Place]]:
    """What the form says, in its order; keys that the menu does not have are passed over."""
    homes = {line.entry.key: line.module for line in rail.lines(request.actor)}
    modules = [module.key for module in rail.modules(request.actor, hidden=True)]
    given, do = request.POST, request.POST.get("do", "")

    def place(kind: str, key: str, within: str) -> Place:
        name = f"{kind}:{key}"
        return Place(key, within, given.get(f"title:{name}", ""), f"shown:{name}" not in given)

    def within(key: str) -> str:
        wanted = given.get(f"within:{ENTRY}:{key}", "")
        return wanted if wanted in modules and wanted != homes[key] else ""

    return (
        [
            place(MODULE, key, group if (group := given.get(f"within:{MODULE}:{key}", "")) in GROUPS else OWN_GROUP)
            for key in _ordered(given.getlist(MODULE), modules, do, MODULE)
        ],
        [place(ENTRY, key, within(key)) for key in _ordered(given.getlist(ENTRY), list(homes), do, ENTRY)],
    )


def _ordered(wanted: Sequence[str], known: Sequence[str], do: str, kind: str) -> list[str]:
    """The known keys in the order wanted, one of them moved by the button `up:module:sales`."""
    order = [*dict.fromkeys(key for key in wanted if key in known), *(key for key in known if key not in wanted)]
    way, _colon, name = do.partition(":")
    moved_kind, _colon, key = name.partition(":")
    if moved_kind == kind and key in order and way in {"up", "down"}:
        at = order.index(key)
        order.insert(max(0, at + (-1 if way == "up" else 1)), order.pop(at))
    return order
