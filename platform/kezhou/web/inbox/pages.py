"""The bell's inbox (NTF): notices by tab, what waits on top; read, read all, and which kinds one does without."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kezhou import notify
from kezhou.notify import inbox
from kezhou.notify.kinds import TABS, kinds
from kezhou.records.spec import FilterError
from kezhou.web.inbox import lines
from kezhou.web.pages import SIGNED_IN, PageRequest, page, toast
from tenants.states import Need

HERE = "inbox"


@page("inbox", access=SIGNED_IN, name=HERE, methods=("GET", "POST"), needs=Need.READ)
def show(request: PageRequest) -> HttpResponse:
    """One tab of the inbox, as a page or in the drawer of the bell; a post marks as read."""
    tab = request.GET.get("tab") or ""
    if tab and tab not in TABS:
        raise FilterError(_("通知没有“%(tab)s”这一栏，可用：%(known)s。") % {"tab": tab[:20], "known": "、".join(TABS)})
    if request.method == "POST":
        _read(request, tab)
        if not request.headers.get("HX-Request"):
            return HttpResponseRedirect(f"{reverse(HERE)}?{request.GET.urlencode()}")
    return _show(request, tab)


def _read(request: PageRequest, tab: str) -> None:
    pk = _number(request.POST.get("pk", ""))
    if pk is not None:
        notify.mark_read(request.actor, [pk])
    else:
        inbox.read_tab(request.actor, tab or next(iter(TABS)))


def _show(request: PageRequest, tab: str) -> HttpResponse:
    tab, only_unread = tab or next(iter(TABS)), "unread" in request.GET
    found = inbox.inbox(request.actor, tab, only_unread=only_unread, before=_number(request.GET.get("before", "")))
    shown = lines.lines_of(request.actor, (*found.waiting, *found.notices))
    many = len(found.waiting)
    context = {
        "active": HERE,
        "crumbs": ({"title": _("通知")},),
        "box": found,
        "tabs": [(key, title, found.unread[key], key == found.tab) for key, title in TABS.items()],
        "waiting": shown[:many],
        "days": lines.days(shown[many:]),
        "only_unread": only_unread,
        "kept": inbox.DAYS,
    }
    bare = request.headers.get("HX-Request")
    return render(request, "kezhou/inbox/inside.html" if bare else "kezhou/inbox/page.html", {**context, "bare": bare})


@page("inbox/<int:pk>", access=SIGNED_IN, name="notice")
def notice(request: PageRequest, pk: int) -> HttpResponse:
    """Go to what a notice is about; it counts as read from then on."""
    found = inbox.one(request.actor, pk)
    target = lines.target_of(found) if found is not None else ""
    if not target:
        raise Http404(_("没有这条通知，或它没有可以打开的页面。"))
    notify.mark_read(request.actor, [pk])
    return HttpResponseRedirect(target)


@page("me/notices", access=SIGNED_IN, name="notice-kinds", methods=("GET", "POST"), needs=Need.READ)
def choose(request: PageRequest) -> HttpResponse:
    """Which kinds of notices a person wants."""
    if request.method == "POST":
        wanted = set(request.POST.getlist("kind"))
        inbox.mute(request.actor, {kind.key for kind in kinds()} - wanted)
        toast(request, _("通知偏好已保存。"))
        return HttpResponseRedirect(reverse("notice-kinds"))
    without = inbox.muted(request.actor)
    groups = [
        (title, [(kind, kind.key not in without) for kind in kinds() if kind.tab == key]) for key, title in TABS.items()
    ]
    context = {
        "active": "me",
        "crumbs": ({"title": _("我的"), "url": reverse("me")}, {"title": _("通知偏好")}),
        "groups": [group for group in groups if group[1]],
    }
    return render(request, "kezhou/inbox/kinds.html", context)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
