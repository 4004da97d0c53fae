"""The settings menu: which pages there are, in which group, and with which words the search finds them.

Each part of the product declares its entry here or by `register()` from the module that declares the page. An entry whose page
does not exist in this build is not shown, so the menu never has a dead end.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.urls import Resolver404, resolve
from django.utils.translation import gettext_lazy as _

from tenants.context import current_or_none

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Entry:
    """One settings page; `words` are further words that find it (old names, synonyms; pinyin is not needed).

    `plugin` is the module without which the page is not there.
    """

    key: str
    title: StrOrPromise
    about: StrOrPromise
    icon: str
    url: str
    group: str
    order: int
    words: StrOrPromise = ""
    plugin: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A titled run of entries."""

    title: StrOrPromise
    entries: tuple[Entry, ...]
    key: str = ""


GROUPS: dict[str, StrOrPromise] = {
    "organisation": _("机构设置"),
    "members": _("成员管理"),
    "processes": _("流程设置"),
    "templates": _("模版设置"),
    "categories": _("分类设置"),
    "parameters": _("参数设置"),
    "dictionaries": _("字典设置"),
    "services": _("服务设置"),
}
"""The eight groups of L-SETTING (CFG-01), in their order; a group is shown when it holds a page."""

_entries: dict[str, Entry] = {
    entry.key: entry
    for entry in (
        Entry(
            "company",
            _("公司资料"),
            _("名称、印章字、时区，清除示例数据"),
            icon="building",
            url="/settings/company",
            group="organisation",
            order=10,
            words=_("公司名称 时区 示例 演示"),
        ),
        Entry(
            "departments",
            _("部门"),
            _("公司的部门和上下级"),
            icon="sitemap",
            url="/settings/departments",
            group="organisation",
            order=20,
            words=_("机构 组织 架构"),
        ),
        Entry(
            "members",
            _("机构与成员"),
            _("邀请、停用、部门、交接"),
            icon="users",
            url="/settings/members",
            group="members",
            order=20,
            words=_("部门 员工 邀请 同事 账号"),
        ),
        Entry(
            "roles",
            _("角色与权限"),
            _("谁能看、能改、能导出哪些记录"),
            icon="shield-lock",
            url="/settings/roles",
            group="members",
            order=30,
            words=_("权限 授权 数据范围"),
        ),
        Entry(
            "plugins",
            _("业务模块"),
            _("打开或关掉模块，关掉时数据保留"),
            icon="puzzle",
            url="/settings/plugins",
            group="services",
            order=10,
            words=_("插件 应用 功能 开关"),
        ),
        Entry(
            "whole",
            _("导出公司数据"),
            _("全部记录、明细和附件，做成一个压缩包"),
            icon="archive",
            url="/exchange/whole",
            group="services",
            order=90,
            words=_("备份 下载 带走 全部数据 zip"),
        ),
        Entry(
            "backups",
            _("备份"),
            _("公司数据和文件的备份，检查和下载"),
            icon="database-export",
            url="/settings/backups",
            group="services",
            order=92,
            words=_("备份 恢复 下载 定时 backup"),
        ),
        Entry(
            "fields",
            _("字段"),
            _("自己加字段，决定必填、搜索和列表"),
            icon="forms",
            url="/settings/fields",
            group="templates",
            order=10,
            words=_("自定义字段 表单 必填 选项"),
        ),
        Entry(
            "dictionaries",
            _("字典"),
            _("分类、行业、来源等可选的值"),
            icon="book-2",
            url="/settings/dictionaries",
            group="dictionaries",
            order=20,
            words=_("选项 枚举 下拉 分类 颜色 行业 职位 称谓"),
        ),
        Entry(
            "imports",
            _("导入记录"),
            _("每次导入的文件、结果和撤回"),
            icon="table-import",
            url="/exchange/import/",
            group="services",
            order=60,
            words=_("导入 Excel 撤回 批次"),
        ),
        Entry(
            "exports",
            _("导出与下载"),
            _("导出的文件，到期前可下载"),
            icon="download",
            url="/exchange/exports",
            group="services",
            order=70,
            words=_("导出 下载 Excel"),
        ),
        Entry(
            "tokens",
            _("接口与令牌"),
            _("给程序用的令牌和接口说明"),
            icon="api",
            url="/settings/tokens",
            group="services",
            order=80,
            words=_("API 接口 开发 token"),
        ),
    )
}


def register(entry: Entry) -> None:
    """Add an entry of another part; two entries of one key, or a group that does not exist, are programming errors."""
    if entry.group not in GROUPS:
        raise ValueError(
            f"The settings entry {entry.key!r} is in group {entry.group!r}; there are: {', '.join(GROUPS)}."
        )
    if entry.key in _entries and _entries[entry.key] != entry:
        raise ValueError(f"The settings menu has two entries named {entry.key!r}.")
    _entries[entry.key] = entry


def groups() -> tuple[Group, ...]:
    """The menu, cut to pages that exist in the company that is entered."""
    place = current_or_none()
    on = place.plugins if place is not None else frozenset()
    there = (each for each in _entries.values() if _exists(each.url) and (not each.plugin or each.plugin in on))
    shown = sorted(there, key=lambda entry: entry.order)
    return tuple(
        Group(title, tuple(entry for entry in shown if entry.group == key), key)
        for key, title in GROUPS.items()
        if any(entry.group == key for entry in shown)
    )


def url_of(key: str) -> str:
    """The address of an entry; empty for none."""
    return _entries[key].url if key in _entries else ""


@cache
def _exists(url: str) -> bool:
    try:
        resolve(url)
    except Resolver404:
        return False
    return True
