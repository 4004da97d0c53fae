"""The star of every page, and the page where shortcuts are put in order."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from kezhou.web.home.pages import back
from kezhou.web.pages import SIGNED_IN, PageRequest, page, toast
from kezhou.web.shortcuts import keeping
from kezhou.web.shortcuts.keeping import ShortcutError
from tenants.states import Need

HERE = "/shortcuts"


@page("shortcuts", access=SIGNED_IN, methods=("GET", "POST"), name="shortcuts", needs=Need.READ)
def shortcuts(request: PageRequest) -> HttpResponse:
    """All of one's shortcuts; as a piece below the star with `at`, the page one stands on."""
    if request.method == "POST":
        return _act(request)
    at = request.GET.get("at", "")
    links = keeping.of(request.actor)
    context = {
        "links": links,
        "at": at if at.startswith("/") else "",
        "title": request.GET.get("title", "")[: keeping.LONGEST_TITLE],
        "here": next((link for link in links if at and link.url == at), None),
        "active": "shortcuts",
        "crumbs": ({"title": _("快捷方式")},),
    }
    piece = request.headers.get("HX-Request")
    return render(request, "kezhou/parts/shortcuts_inside.html" if piece else "kezhou/shortcuts.html", context)


def _act(request: PageRequest) -> HttpResponse:
    do, pk = request.POST.get("do", ""), _number(request.POST.get("pk", ""))
    try:
        said = _done(request, do, pk)
    except ShortcutError as error:
        toast(request, str(error), kind="no")
    else:
        if said:
            toast(request, said)
    return HttpResponseRedirect(back(request, HERE))


def _done(request: PageRequest, do: str, pk: int) -> str:
    actor = request.actor
    if do == "add":
        keeping.add(actor, request.POST.get("url", ""), request.POST.get("title", ""))
        return _("已加到快捷方式。")
    if do == "remove":
        keeping.remove(actor, pk)
        return _("已移走。")
    if do == "rename":
        keeping.rename(actor, pk, request.POST.get("title", ""))
        return _("已改名。")
    order = [link.pk for link in keeping.of(actor)]
    if do in {"up", "down"} and pk in order:
        place = order.index(pk)
        order.insert(max(0, place + (-1 if do == "up" else 1)), order.pop(place))
    elif do == "order":
        order = [_number(text) for text in request.POST.getlist("order")]
    keeping.reorder(actor, order)
    return ""


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
