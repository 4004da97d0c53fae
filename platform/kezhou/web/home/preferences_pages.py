"""What a person prefers: start page, rows per page, second column, display, language; kept on the server (UIX-08)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kezhou.access.actor import MemberActor
from kezhou.access.roles import starts_of
from kezhou.records.preferences import SIZES, keep_own_size, own_size, usual_size
from kezhou.records.views.reading import everywhere
from kezhou.web import language, menu, preferences
from kezhou.web.home import team
from kezhou.web.pages import SIGNED_IN, PageRequest, page, toast
from kezhou.web.shortcuts import keeping
from tenants.states import Need

START = "start"
ROLE = ""
"""Instead of an address: as the roles say."""
HERE = "/me/preferences"


@page("me/preferences", access=SIGNED_IN, methods=("GET", "POST"), name="my-preferences", needs=Need.READ)
def mine(request: PageRequest) -> HttpResponse:
    """Every preference on one page."""
    if request.method == "POST":
        return _keep(request)
    context: dict[str, Any] = {
        "starts": starts(request.actor),
        "start": preferences.read(request.actor, START).get("url", ROLE),
        "start_of_role": dict(starts(request.actor)).get(start_of_roles(request.actor), _("首页")),
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
    wanted = given.get("start", ROLE)
    known = {url for url, _title in starts(actor)}
    preferences.keep(actor, START, {"url": wanted if wanted in known else ROLE})
    chosen = language.display_of(request) | {name: given[name] for name in preferences.CHOICES if name in given}
    display = preferences.display(chosen)
    preferences.keep(actor, preferences.DISPLAY, display)
    toast(request, _("偏好已保存。"))
    response = HttpResponseRedirect(HERE)
    language.remember(response, display, str(actor.member_pk))
    return response


def starts(actor: MemberActor) -> tuple[tuple[str, str], ...]:
    """Where one may begin after signing in: the home page, the team, any list, any shortcut of one's own."""
    own = [(link.url, link.title) for link in keeping.of(actor) if link.url]
    return tuple(dict([*common_starts(actor), *own]).items())


def common_starts(actor: MemberActor) -> tuple[tuple[str, str], ...]:
    """Where a role may begin, as far as the actor has it: the home page, the team, every list and the views of lists for many."""
    lists = [(entry.url, str(entry.title)) for module in menu.modules(actor) for entry in module.entries]
    shown = {spec.key: spec for spec in menu.readable(actor)}
    views = [
        (f"{reverse('record-list', args=[view.type])}?view={view.ref}", f"{shown[view.type].title} · {view.title}")
        for view in everywhere(actor, shown.values())
        if view.ref != "all" and not view.mine
    ]
    team_page = [(reverse("team"), _("团队概览"))] if team.has_one(actor) else []
    return (("/", _("首页")), *team_page, *lists, *views)


def start_of_roles(actor: MemberActor) -> str:
    """Where the member's roles begin: the first of their addresses that the member may open."""
    wanted = starts_of(actor.member_pk)
    known = {url for url, _title in common_starts(actor)} if wanted else set()
    return next((url for url in wanted if url in known), "/")


def start_of(actor: MemberActor) -> str:
    """Where this person begins: by the own choice, else by role; the home page when that is gone or may not be seen any more."""
    wanted = str(preferences.read(actor, START).get("url", ROLE))
    if wanted == ROLE:
        return start_of_roles(actor)
    return wanted if wanted == "/" or wanted in {url for url, _title in starts(actor)} else "/"
