"""How strongly a company wants what is not in the words to count in the order of hits (SRH-05)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from kezhou import parameters

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

RECENCY, IMPORTANCE, RELATION = "search.recency", "search.importance", "search.relation"


def _strength(key: str, title: StrOrPromise, help: StrOrPromise, words: StrOrPromise) -> parameters.Parameter:
    return parameters.Parameter(
        key=key, group="search", title=title, help=help, type="number", default=1, minimum=0, maximum=5, words=words
    )


parameters.declare(
    _strength(
        RECENCY,
        _("新近改动的分量"),
        _("最近改动过的记录在搜索结果里往前排多少：0 不算，1 正常，5 最强。"),
        _("搜索 排序 时间 权重"),
    ),
    _strength(
        IMPORTANCE,
        _("重要记录的分量"),
        _("重要的记录（如 VIP 客户、重点客户）在搜索结果里往前排多少：0 不算，1 正常，5 最强。"),
        _("搜索 排序 权重 重要"),
    ),
    _strength(
        RELATION,
        _("与本人关系的分量"),
        _("自己负责的、自己部门的、自己最近打开过的记录在搜索结果里往前排多少：0 不算，1 正常，5 最强。"),
        _("搜索 排序 权重 我的"),
    ),
)
