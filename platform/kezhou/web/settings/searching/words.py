"""The company's own words for search (SRH-03): added one by one or as a list, taken away, and tried on a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou.finding import words
from kezhou.finding.model import Cut
from kezhou.finding.words import SAME, STOP, WORD, Imported, OwnWordsError
from kezhou.pages import ADMIN, PageRequest, page, toast
from kezhou.plugins import hooks
from kezhou.web.settings import menu
from kezhou.web.settings.searching.tabs import tabs
from kezhou.web.settings.shell import shell

LONGEST_TEXT, LONGEST_LIST = 200, 200_000
ADDRESS = "/settings/search"

menu.register(
    menu.Entry(
        "search",
        gettext_lazy("搜索"),
        gettext_lazy("公司自己的词、同义词、停用词，大家搜了什么"),
        icon="search",
        url=ADDRESS,
        group="parameters",
        order=40,
        words=gettext_lazy("分词 词库 同义词 停用词 搜索统计 热词"),
    )
)


@dataclass(frozen=True, slots=True)
class About:
    """What one kind of words is for, and how its lines are written."""

    kind: str
    title: str
    text: str
    example: str
    none: str


def kinds() -> tuple[About, ...]:
    """The three lists, in the order of their tabs."""
    return (
        About(
            WORD, _("自己的词"), _("产品名、线路名、行话：搜索时当作一个整词，不会拆开"), _("西岭雪山\n亲子营"),
            _("写上公司常用、词典里没有的词，搜索就不会把它拆散。"),
        ),
        About(
            SAME, _("同义词"), _("一行一组，搜其中一个，其他的也找得到"), _("中石化、中国石油化工\n机票、航班"),
            _("例如简称和全称写成一组，搜简称也能找到全称。"),
        ),
        About(
            STOP, _("停用词"), _("搜索里有其他词时，这些词可以不出现"), _("关于\n请帮我找"),
            _("没有内容的词写在这里，搜索时不再要求一定出现。"),
        ),
    )  # fmt: skip


def about(kind: str) -> About:
    """The list of this kind. Raises Http404."""
    for each in kinds():
        if each.kind == kind:
            return each
    raise Http404


@page("settings/search", access=ADMIN, name="settings-search")
def first(request: PageRequest) -> HttpResponse:
    """The company's own words."""
    return HttpResponseRedirect(reverse("settings-search-words", args=[WORD]))


@page("settings/search/words/<str:kind>", access=ADMIN, methods=("GET", "POST"), name="settings-search-words")
def listed(request: PageRequest, kind: str) -> HttpResponse:
    """The lines of one kind; what is posted is added, what was refused stays in its box with the reasons."""
    chosen = about(kind)
    if request.method != "POST":
        return _show(request, chosen)
    if request.POST.get("do") == "remove":
        gone = words.remove(request.actor, _numbers(request.POST.getlist("line")))
        toast(request, _("删掉 %(n)d 行，下一次搜索就生效。") % {"n": gone})
        return HttpResponseRedirect(request.get_full_path())
    raw = request.POST.get("text", "")[:LONGEST_LIST]
    try:
        done = words.add(request.actor, kind, raw)
    except OwnWordsError as error:
        return _show(request, chosen, typed=raw, problems=(str(error),))
    if done.refused:
        return _show(request, chosen, typed=raw, problems=done.refused, said=_said(done))
    toast(request, _said(done))
    return HttpResponseRedirect(request.path)


def _said(done: Imported) -> str:
    if done.known:
        return _("加入 %(n)d 行，%(known)d 行本来就有。下一次搜索就生效。") % {"n": done.added, "known": done.known}
    return _("加入 %(n)d 行，下一次搜索就生效。") % {"n": done.added}


def _numbers(given: Sequence[str]) -> list[int]:
    return [int(one) for one in given if one.isascii() and one.isdigit() and len(one) < 19]


def _show(
    request: PageRequest, chosen: About, *, typed: str = "", problems: tuple[str, ...] = (), said: str = ""
) -> HttpResponse:
    find = request.GET.get("q", "").strip()[: words.LONGEST]
    tried = request.GET.get("try", "").strip()[:LONGEST_TEXT]
    cut: tuple[Cut, ...] | None = hooks().cut_text(actor=request.actor, text=tried) if tried else None
    context: dict[str, Any] = shell("search", _("搜索"), chosen.title) | {
        "tabs": tabs(chosen.kind),
        "about": chosen,
        "lines": words.lines(request.actor, chosen.kind, find),
        "find": find,
        "typed": typed,
        "problems": problems,
        "said": said,
        "tried": tried,
        "cut": cut,
        "most": words.MOST,
    }
    return render(request, "kezhou/settings/search_words.html", context, status=422 if problems else 200)
