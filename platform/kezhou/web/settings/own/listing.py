"""All record types of the company's own, and the short dialog that makes one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou.access.entitlements import NotEntitled, entitled
from kezhou.pages import ADMIN, PageRequest, page, toast
from kezhou.plugins import manifests
from kezhou.records import types
from kezhou.records.own import copying, defining
from kezhou.records.own.defining import EVERYBODY, NOBODY, Basics, OwnTypeError
from kezhou.records.own.outlines import Outline, outlines
from kezhou.web.settings import menu
from kezhou.web.settings.own.icons import ICONS
from kezhou.web.settings.shell import shell

HERE = "/settings/own"

menu.register(
    menu.Entry(
        "own",
        gettext_lazy("自定义对象"),
        gettext_lazy("自己建一种记录：字段、明细、状态、编号、权限"),
        icon="cube-plus",
        url=HERE,
        group="templates",
        order=5,
        words=gettext_lazy("自建 记录类型 对象 模块 表单 应用 业务"),
    )
)


@page("settings/own", access=ADMIN, methods=("GET", "POST"), name="settings-own")
def own(request: PageRequest) -> HttpResponse:
    """The list; with `open=new` the dialog over it. A post makes a type."""
    if request.method == "POST":
        return _make(request)
    opened = request.GET.get("open", "")
    return _show(request, Basics(title="") if opened == "new" else None, NOBODY, importing=opened == "import")


@page("settings/own/import", access=ADMIN, methods=("POST",), name="settings-own-import")
def import_definition(request: PageRequest) -> HttpResponse:
    """Make a type from the file of “导出定义”."""
    grants, title = request.POST.get("grants", NOBODY), request.POST.get("title", "").strip()
    upload = request.FILES.get("file")
    try:
        if upload is None or (upload.size or 0) > copying.LARGEST:
            raise OwnTypeError(_("请选择从“导出定义”得到的文件，最大 1 MB。"), field="file")
        key = copying.build(request.actor, copying.read(upload.read()), title=title, grants=grants)
    except OwnTypeError as error:
        return _show(request, None, grants, errors={error.field: str(error)}, importing=True)
    except NotEntitled as error:
        url = error.entitlement.upgrade_url
        return _show(request, None, grants, errors={"": str(error)}, upgrade_url=url, importing=True)
    toast(request, _("定义已导入，马上能用。"))
    return HttpResponseRedirect(f"/settings/fields/{key}")


def _make(request: PageRequest) -> HttpResponse:
    basics = basics_of(request.POST)
    grants, like = request.POST.get("grants", NOBODY), request.POST.get("copy_of", "")
    try:
        key = defining.make(request.actor, basics, grants=grants) if not like else copying.copy(
            request.actor, like, basics, grants=grants
        )  # fmt: skip
    except OwnTypeError as error:
        return _show(request, basics, grants, errors={error.field: str(error)}, like=like)
    except NotEntitled as error:
        return _show(request, basics, grants, errors={"": str(error)}, upgrade_url=error.entitlement.upgrade_url)
    toast(request, _("“%(title)s”建好了，已经可以用。接下来加字段。") % {"title": basics.title.strip()})
    return HttpResponseRedirect(f"/settings/fields/{key}")


def basics_of(post: QueryDict, given: Basics | None = None) -> Basics:
    """What was typed of the basics; what the form does not hold stays as given."""
    base = given or Basics(title="")
    position = post.get("position", str(base.position)).strip()
    return replace(
        base,
        title=post.get("title", base.title),
        icon=post.get("icon", base.icon),
        section=post.get("section", base.section),
        position=int(position) if position.isascii() and position.isdigit() and len(position) < 6 else base.position,
        access=post.get("access", base.access),
        name_label=post.get("name_label", base.name_label),
        person=post.get("person") == "1" if "name_label" in post else base.person,
    )


def sections(request: PageRequest) -> tuple[dict[str, Any], ...]:
    """The modules in whose menu a type may stand."""
    present = {spec.plugin for spec in types(request.actor).values() if not spec.hidden}
    found = sorted((each for name, each in manifests().items() if name in present), key=lambda each: each.order)
    return ({"key": "", "title": _("单独一项")}, *({"key": each.name, "title": _(each.title)} for each in found))


def _grants(request: PageRequest) -> tuple[dict[str, Any], ...]:
    like = sorted(
        (spec for spec in types(request.actor).values() if not spec.hidden and spec.plugin != "core"),
        key=lambda spec: (spec.order, spec.key),
    )
    return (
        {"key": NOBODY, "title": _("先只有管理员，之后在“权限”里放开")},
        {"key": EVERYBODY, "title": _("所有人都能看、能改")},
        *({"key": spec.key, "title": _("和“%(type)s”一样") % {"type": spec.title}} for spec in like),
    )


def _row(each: Outline, every: tuple[Outline, ...], titles: dict[str, str]) -> dict[str, Any]:
    lines = [line.title for line in every if line.parent == each.key and not line.removed]
    return {
        "each": each,
        "url": f"{HERE}/{each.key}",
        "place": titles.get(each.section, titles[""]),
        "lines": _("、").join(lines),
        "records": f"{each.records:,}",
    }


def _show(
    request: PageRequest,
    typed: Basics | None,
    grants: str,
    *,
    errors: dict[str, str] | None = None,
    upgrade_url: str = "",
    like: str = "",
    importing: bool = False,
) -> HttpResponse:
    every = outlines(request.actor)
    shown = tuple(each for each in every if not each.parent)
    places = sections(request)
    titles = {str(place["key"]): str(place["title"]) for place in places}
    answer = entitled("own_types", 0)
    context = shell("own", _("自定义对象")) | {
        "rows": [_row(each, every, titles) for each in shown],
        "used": sum(1 for each in shown if not each.removed),
        "limit": answer.limit,
        "here": HERE,
        "typed": typed,
        "errors": errors or {},
        "upgrade_url": upgrade_url,
        "icons": ICONS,
        "sections": places,
        "grants": _grants(request) if typed or importing else (),
        "importing": importing,
        "imported_title": request.POST.get("title", ""),
        "granted": grants,
        "copies": [each for each in shown if not each.removed],
        "like": like,
    }
    return render(request, "kezhou/settings/own/list.html", context, status=422 if errors else 200)
