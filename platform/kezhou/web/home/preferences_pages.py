"""What a person prefers: start page, rows per page, second column, display, language; kept on the server (UIX-08)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from kezhou.access.actor import MemberActor
from kezhou.records.preferences import SIZES, keep_own_size, own_size, usual_size
from kezhou.web import language, menu, preferences
from kezhou.web.pages import SIGNED_IN, PageRequest, page, toast
from kezhou.web.shortcuts import keeping
from tenants.states import Need

START = "start"
HERE = "/me/preferences"


@page("me/preferences", access=SIGNED_IN, methods=("GET", "POST"), name="my-preferences", needs=Need.READ)
def mine(request: PageRequest) -> HttpResponse:
    """Every preference on one page."""
    if request.method == "POST":
        return _keep(request)
    context: dict[str, Any] = {
        "starts": starts(request.actor),
        "start": preferences.read(request.actor, START).get("url", "/"),
        "sizes": SIZES,
        "size": own_size(request.actor),
        "usual": usual_size(request.actor),
        "display": language.display_of(request),
        "choices": preferences.CHOICES,
        "active": "me",
        "crumbs": ({"title": _("我的"), "url": "/me"}, {"title": _("偏好设置")}),
    }
    return render(request, "kezhou/preferences.html", context)


def _keep(request: PageRequest) -> HttpResponse:
    actor, given = request.actor, request.POST
    size = int(given["size"]) if given.get("size", "") in map(str, SIZES) else None
    keep_own_size(actor, size)
    wanted = given.get("start", "/")
    known = {url for url, _title in starts(actor)}
    preferences.keep(actor, START, {"url": wanted if wanted in known else "/"})
    chosen = language.display_of(request) | {name: given[name] for name in preferences.CHOICES if name in given}
    display = preferences.display(chosen)
    preferences.keep(actor, preferences.DISPLAY, display)
    toast(request, _("偏好已保存。"))
    response = HttpResponseRedirect(HERE)
    language.remember(response, display, str(actor.member_pk))
    return response


def starts(actor: MemberActor) -> tuple[tuple[str, str], ...]:
    """Where one may begin after signing in: the home page, any list, any shortcut of one's own."""
    lists = [(entry.url, str(entry.title)) for module in menu.modules(actor) for entry in module.entries]
    own = [(link.url, link.title) for link in keeping.of(actor) if link.url]
    return tuple(dict([("/", _("首页")), *lists, *own]).items())


def start_of(actor: MemberActor) -> str:
    """Where this person begins; the home page when the chosen one is gone or may not be seen any more."""
    wanted = str(preferences.read(actor, START).get("url", "/"))
    return wanted if wanted == "/" or wanted in {url for url, _title in starts(actor)} else "/"
