"""The main menu: everything this person may open, in the groups of the requirement and those that modules add (UIX-02)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou.access.actor import MemberActor
from kezhou.web import menu
from kezhou.web.home import team
from kezhou.web.pages import SIGNED_IN, PageRequest, page
from kezhou.web.settings import menu as settings

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

GROUPS: Mapping[str, StrOrPromise] = {
    "file": gettext_lazy("文件管理"),
    "settings": gettext_lazy("系统设置"),
    "customer_files": gettext_lazy("客户档案"),
    "customer_management": gettext_lazy("客户管理"),
    "affairs": gettext_lazy("事务管理"),
    "help": gettext_lazy("帮助系统"),
}
"""The six groups in their order; a module that names none of them is a further group by its own name, before the help."""
LAST = "help"


@dataclass(frozen=True, slots=True)
class Line:
    """One entry: `how` is page, quick (the drawer), dialog, or post for what changes something."""

    title: StrOrPromise
    icon: str
    url: str
    how: str = "page"


@dataclass(frozen=True, slots=True)
class Part:
    """One group with what stands in it."""

    key: str
    title: StrOrPromise
    lines: tuple[Line, ...]


@page("menu", access=SIGNED_IN, name="main-menu")
def main_menu(request: PageRequest) -> HttpResponse:
    """All groups, below the rail's button or as a page."""
    piece = request.headers.get("HX-Request")
    context = {"parts": parts(request.actor), "active": "menu", "crumbs": ({"title": _("全部功能")},)}
    return render(request, "kezhou/parts/main_menu_inside.html" if piece else "kezhou/main_menu.html", context)


def parts(actor: MemberActor) -> tuple[Part, ...]:
    """The groups that hold something for this person."""
    found: dict[str, list[Line]] = {key: [] for key in GROUPS if key != LAST}
    titles = dict(GROUPS)
    for module in menu.modules(actor):
        key = module.group if module.group in GROUPS else module.key
        titles.setdefault(key, module.title)
        found.setdefault(key, []).extend(Line(entry.title, entry.icon, entry.url) for entry in module.entries)
    for key, own in (("file", _file), ("settings", _settings), ("affairs", _affairs), (LAST, _help)):
        found.setdefault(key, []).extend(own(actor))
    return tuple(Part(key, titles[key], tuple(lines)) for key, lines in found.items() if lines)


def _file(actor: MemberActor) -> Iterator[Line]:
    for entry in menu.creatable(actor):
        yield Line(_("新建%(title)s") % {"title": entry.title}, "plus", entry.url, how="quick")
    kinds = menu.readable(actor)
    if any("import" in spec.operations for spec in kinds):
        yield Line(_("导入表格"), "table-import", reverse("import"))
    if any("export" in spec.operations for spec in kinds):
        yield Line(_("导出与下载"), "download", reverse("exports"))
    yield Line(_("我的草稿"), "notes", reverse("drafts"))
    yield Line(_("修改密码"), "lock", reverse("account-password"))
    yield Line(_("退出系统"), "logout", "/account/sign-out", how="post")


def _settings(actor: MemberActor) -> Iterator[Line]:
    if actor.is_admin:
        for group in settings.groups():
            first = group.entries[0]
            yield Line(group.title, first.icon, f"{reverse('settings')}#{group.key}")
    yield Line(_("偏好设置"), "adjustments-horizontal", reverse("my-preferences"))
    yield Line(_("快捷方式"), "star", reverse("shortcuts"))
    yield Line(_("通知偏好"), "bell-cog", reverse("notice-kinds"))
    yield Line(_("我的权限"), "shield-lock", reverse("account-rights"))


def _affairs(actor: MemberActor) -> Iterator[Line]:
    if team.has_one(actor):
        yield Line(_("团队概览"), "users", reverse("team"))
    yield Line(_("待办"), "checklist", reverse("inbox"))
    yield Line(_("搜索"), "search", reverse("search"))
    if actor.is_admin:
        yield Line(_("回收站"), "trash", reverse("recycle-bin"))


def _help(_actor: MemberActor) -> Iterator[Line]:
    yield Line(_("帮助与快捷键"), "help", reverse("help"))
    yield Line(_("手册"), "book", reverse("manual"))
