"""The tabs of 设置 › 搜索."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Tab:
    """One of them."""

    title: str
    url: str
    on: bool


def tabs(on: str) -> tuple[Tab, ...]:
    """The three lists of words, and what is searched for."""
    titles = {"word": _("自己的词"), "same": _("同义词"), "stop": _("停用词")}
    lists = [Tab(title, reverse("settings-search-words", args=[key]), key == on) for key, title in titles.items()]
    return (*lists, Tab(_("搜索统计"), reverse("settings-search-report"), on == "report"))
