"""One record type of the company's own: a page of tabs, each a form; every save is in force at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from kezhou import jobs
from kezhou.access.entitlements import NotEntitled
from kezhou.access.roles import RoleError
from kezhou.pages import ADMIN, PageRequest, page, toast
from kezhou.records.custom import CustomFieldError
from kezhou.records.own import copying, defining, purging
from kezhou.records.own.defining import OwnTypeError
from kezhou.records.own.outlines import Outline, outline
from kezhou.web.settings.own import jobs as own_jobs
from kezhou.web.settings.own import lines, rights, states
from kezhou.web.settings.own.icons import ICONS
from kezhou.web.settings.own.listing import basics_of, sections
from kezhou.web.settings.own.numbers import show_list, show_number, write_list, write_number
from kezhou.web.settings.own.tabs import HERE, tabs
from kezhou.web.settings.own.versions import version_of
from kezhou.web.settings.shell import shell

Write = Callable[[PageRequest, Outline], str]
Show = Callable[[PageRequest, Outline, bool], dict[str, Any]]


def write_basics(request: PageRequest, each: Outline) -> str:
    """Name, icon, place in the menu, whose the records are, what their name is called."""
    defining.change(request.actor, each.key, basics_of(request.POST, _basics(each)), version=version_of(request))
    return _("“%(title)s”已保存。") % {"title": request.POST.get("title", each.title).strip()}


def show_basics(request: PageRequest, each: Outline, typed: bool) -> dict[str, Any]:
    """The form of the basics, with what was typed when it was refused."""
    basics = _basics(each)
    return {
        "values": basics_of(request.POST, basics) if typed else basics,
        "icons": ICONS,
        "sections": sections(request),
        "purging": request.GET.get("open") == "purge" and each.removed,
        "lines": lines.of(request, each),
    }


def _basics(each: Outline) -> defining.Basics:
    names = ("title", "icon", "section", "position", "access", "name_label", "titled_by", "person")
    return defining.Basics(**{name: getattr(each, name) for name in names})


_WRITERS: dict[str, tuple[Write, Show]] = {
    "basics": (write_basics, show_basics),
    "lines": (lines.write, lines.show),
    "states": (states.write, states.show),
    "number": (write_number, show_number),
    "rights": (rights.write, rights.show),
    "list": (write_list, show_list),
}


@page("settings/own/<str:key>", access=ADMIN, methods=("GET", "POST"), name="settings-own-type")
def own_type(request: PageRequest, key: str) -> HttpResponse:
    """A tab of the type, or what was sent from one."""
    each = _outline(request, key)
    tab = request.POST.get("tab") or request.GET.get("tab", "basics")
    if tab not in _WRITERS:
        raise Http404(_("没有这个标签页。"))
    if request.method == "GET":
        return _show(request, each, tab if not each.removed else "basics")
    return _save(request, each, tab)


@page("settings/own/<str:key>/definition", access=ADMIN, name="settings-own-definition")
def definition(request: PageRequest, key: str) -> HttpResponse:
    """The definition as a file, to be built in another company."""
    each = _outline(request, key)
    if each.removed or each.parent:
        raise Http404(_("先恢复它，才能导出定义。"))
    response = HttpResponse(copying.dumped(copying.describe(request.actor, key)), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{key}.json"'
    return response


def _outline(request: PageRequest, key: str) -> Outline:
    try:
        return outline(request.actor, key)
    except OwnTypeError as error:
        raise Http404(str(error)) from error


def _save(request: PageRequest, each: Outline, tab: str) -> HttpResponse:
    do = request.POST.get("do", "save")
    try:
        said = _LIVES[do](request, each) if do in _LIVES else _WRITERS[tab][0](request, each)
    except (OwnTypeError, CustomFieldError) as error:
        return _show(request, outline(request.actor, each.key), tab, errors={error.field: str(error)})
    except NotEntitled as error:
        return _show(request, each, tab, errors={"": str(error)}, upgrade_url=error.entitlement.upgrade_url)
    except RoleError as error:
        return _show(request, each, tab, errors={"": str(error)})
    toast(request, said)
    leaves = do == "purge" or (do in _LIVES and each.parent)
    return HttpResponseRedirect(HERE if leaves else f"{HERE}/{each.parent or each.key}?tab={tab}")


def _remove(request: PageRequest, each: Outline) -> str:
    defining.remove(request.actor, each.key)
    return _("“%(title)s”已停用，%(n)s 条记录都留着，恢复后原样回来。") % {
        "title": each.title,
        "n": f"{each.records:,}",
    }


def _restore(request: PageRequest, each: Outline) -> str:
    defining.restore(request.actor, each.key)
    return _("“%(title)s”已恢复。") % {"title": each.title}


def _purge(request: PageRequest, each: Outline) -> str:
    purging.demand_purgeable(request.actor, each.key)
    if request.POST.get("sure", "").strip() != each.title:
        raise OwnTypeError(_("要彻底删除，请原样输入它的名称“%(title)s”。") % {"title": each.title}, field="sure")
    jobs.start(request.actor, own_jobs.KIND, {"key": each.key, "title": each.title})
    return _("正在彻底删除“%(title)s”，可以离开这一页。") % {"title": each.title}


_LIVES: dict[str, Write] = {"remove": _remove, "restore": _restore, "purge": _purge}


def _show(
    request: PageRequest,
    each: Outline,
    tab: str,
    *,
    errors: dict[str, str] | None = None,
    upgrade_url: str = "",
) -> HttpResponse:
    context = shell("own", _("自定义对象"), each.title) | {
        "each": each,
        "here": f"{HERE}/{each.key}",
        "all_url": HERE,
        "tab": tab,
        "tabs": tabs(each.key, tab) if not each.removed else (),
        "tabs_label": _("设置"),
        "errors": errors or {},
        "problem": next((text for name, text in (errors or {}).items() if name not in _PLACED), ""),
        "upgrade_url": upgrade_url,
        "records": f"{each.records:,}",
        "binned": f"{each.binned:,}",
        **_WRITERS[tab][1](request, each, bool(errors)),
    }
    return render(request, "kezhou/settings/own/type.html", context, status=422 if errors else 200)


_PLACED = frozenset({"title", "name_label", "prefix", "sure"})
"""Inputs that show their sentence themselves; any other stands above the form."""
