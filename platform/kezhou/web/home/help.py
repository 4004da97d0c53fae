"""Help for the present screen and the list of keys; the same text opens as a page and as a dialog."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou.records import types
from kezhou.web import spelling
from kezhou.web.home import instructions, manual
from kezhou.web.home.instructions import InstructionError
from kezhou.web.home.rules_in_force import rules
from kezhou.web.pages import SIGNED_IN, PageRequest, page, toast

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Screen:
    """Help for the pages whose address contains `part`."""

    part: str
    title: StrOrPromise
    lines: tuple[StrOrPromise, ...]


SCREENS = (
    Screen(
        "/history",
        gettext_lazy("变更记录"),
        (
            gettext_lazy("每一次操作是一条，里面是它改的全部字段：旧值划掉，新值在旁边。"),
            gettext_lazy("“撤销这一次”把这一次改的值恢复，并留下新的一条，不会抹掉历史。"),
            gettext_lazy("右侧选一个日期，看这条记录那天的样子。"),
        ),
    ),
    Screen(
        "/edit",
        gettext_lazy("编辑记录"),
        (
            gettext_lazy("带红色星号的要填。填错的地方在格子下面说明，写过的内容都会留着。"),
            gettext_lazy("没保存的内容在这台电脑上留 7 天，下次打开同一张表单会问你要不要接着写。"),
            gettext_lazy("别人同时改了这条记录时，会把两边的内容并排给你选，谁的都不会丢。"),
        ),
    ),
    Screen(
        "/new",
        gettext_lazy("新建记录"),
        (
            gettext_lazy("带红色星号的要填。离开名称这一格时，会看看是不是已经有一样的。"),
            gettext_lazy("金额可以写 3.2万，日期可以写 2024年5月6日，全角数字也认。"),
            gettext_lazy("Ctrl + Enter 保存，Ctrl + Shift + Enter 保存并新建。"),
        ),
    ),
    Screen(
        "/search",
        gettext_lazy("搜索"),
        (
            gettext_lazy("多个词用空格隔开，都要出现。名称的一部分、编号、手机号、拼音首字母都能找。"),
            gettext_lazy("左侧按种类、负责人、部门和日期收窄，数字是收窄后剩下的条数。"),
            gettext_lazy("没有权限看的记录不会出现，也不计数。"),
        ),
    ),
    Screen(
        "/r/",
        gettext_lazy("列表与记录"),
        (
            gettext_lazy("点列名排序，按住 Shift 再点加第二、第三个排序。网址里带着全部条件，可以直接发给同事。"),
            gettext_lazy("“列”里选择、拖动、固定要看的列，选择会记住；管理员可以设成某个角色的默认。"),
            gettext_lazy("“筛选”里的条件可以用 且、或 组合。记录页上双击一个值就地修改，Enter 保存，Esc 取消。"),
        ),
    ),
    Screen(
        "",
        gettext_lazy("首页"),
        (
            gettext_lazy("上面是你名下的记录数，点进去就是列表；下面是你最近改过的记录。"),
            gettext_lazy("按 Ctrl + K 打开命令面板，可以跳到任何页面、找任何记录、新建任何东西。"),
        ),
    ),
)

KEYS: tuple[tuple[str, StrOrPromise], ...] = (
    ("Ctrl K", gettext_lazy("命令面板：去哪里、找什么、新建什么")),
    ("C", gettext_lazy("快速新建")),
    ("/", gettext_lazy("搜索")),
    ("N", gettext_lazy("通知")),
    ("J K", gettext_lazy("列表里上下移动")),
    ("X", gettext_lazy("选中这一行")),
    ("O", gettext_lazy("打开这一行")),
    ("E", gettext_lazy("编辑")),
    ("Ctrl Enter", gettext_lazy("保存表单")),
    ("Ctrl ⇧ Enter", gettext_lazy("保存并新建")),
    ("Esc", gettext_lazy("关闭弹层，取消就地修改")),
    ("?", gettext_lazy("这一页的帮助和全部快捷键")),
)


@page("help", access=SIGNED_IN, methods=("GET", "POST"), name="help")
def help_page(request: PageRequest) -> HttpResponse:
    """What the screen in `at` is for, the company's own words about it, which rules hold there, and the keys."""
    at = request.POST.get("at") or request.GET.get("at", "/")
    if request.method == "POST":
        return _write(request, at)
    return _show(request, at)


def _write(request: PageRequest, at: str) -> HttpResponse:
    screen, text = instructions.screen_of(at)[0], request.POST.get("text", "")
    try:
        instructions.write(request.actor, screen, text)
    except InstructionError as error:
        return _show(request, at, text=text, error=str(error))
    toast(request, _("本公司的说明已保存。") if text.strip() else _("本公司的说明已去掉。"))
    return HttpResponseRedirect(f"{reverse('help')}?{urlencode({'at': at})}")


def _show(request: PageRequest, at: str, *, text: str | None = None, error: str = "") -> HttpResponse:
    key, kind = instructions.screen_of(at)
    told, spec = instructions.of(key), types(request.actor).get(kind)
    context = {
        "screen": next(screen for screen in SCREENS if screen.part in at),
        "keys": [(keys.split(" "), what) for keys, what in KEYS],
        "at": at,
        "told": told,
        "may_write": request.actor.is_admin and bool(key),
        "writing": text is not None or "write" in request.GET,
        "text": text if text is not None else (told.text if told else ""),
        "error": error,
        "type": spec,
        "rules": rules(request.actor, spec) if spec else (),
        "crumbs": ({"title": _("帮助")},),
        "active": "help",
    }
    name = "kezhou/help_dialog.html" if request.headers.get("X-Kezhou-Dialog") else "kezhou/help.html"
    return render(request, name, context, status=422 if error else 200)


@page("help/manual", access=SIGNED_IN, name="manual")
def manual_home(request: PageRequest) -> HttpResponse:
    """The chapters, or with `q` the sections that hold the words."""
    text, admin = request.GET.get("q", "").strip()[:100], request.actor.is_admin
    words = spelling.words(text)
    found = [(section, section.excerpt(words)) for section in manual.find(text, admin=admin)] if text else []
    context = {
        "chapters": [(key, title, manual.sections(key)) for key, title in manual.chapters(admin=admin)],
        "found": found,
        "text": text,
        "crumbs": ({"title": _("帮助"), "url": reverse("help")}, {"title": _("手册")}),
        "active": "help",
    }
    return render(request, "kezhou/manual.html", context)


@page("help/manual/<str:chapter>", access=SIGNED_IN, name="manual-chapter")
def manual_chapter(request: PageRequest, chapter: str) -> HttpResponse:
    """One chapter."""
    title = dict(manual.chapters(admin=request.actor.is_admin)).get(chapter)
    if title is None:
        raise Http404
    context = {
        "title": title,
        "sections": manual.sections(chapter),
        "crumbs": (
            {"title": _("帮助"), "url": reverse("help")},
            {"title": _("手册"), "url": reverse("manual")},
            {"title": title},
        ),
        "active": "help",
    }
    return render(request, "kezhou/manual_chapter.html", context)
