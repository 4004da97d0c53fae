"""The home page, and what a person prefers to see."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from kezhou.web import language, preferences
from kezhou.web.home.overview import overview
from kezhou.web.pages import SIGNED_IN, PageRequest, page
from tenants.states import Need


@page("", access=SIGNED_IN, name="home")
def home(request: PageRequest) -> HttpResponse:
    """Greeting, counts of what the person may see, and what was changed last."""
    return render(
        request,
        "kezhou/home.html",
        {"active": "home", "crumbs": ({"title": _("首页")},), "overview": overview(request.actor)},
    )


@page("me", access=SIGNED_IN, name="me")
def me(request: PageRequest) -> HttpResponse:
    """The person menu: display, language, one's own pages, sign-out. It comes when it is opened; a page without scripts."""
    name = "kezhou/parts/person_menu_inside.html" if request.headers.get("HX-Request") else "kezhou/me.html"
    return render(request, name, {"next": back(request), "active": "me", "crumbs": ({"title": _("我的")},)})


@page("preferences", access=SIGNED_IN, name="preferences", methods=("POST",), needs=Need.READ)
def keep_preferences(request: PageRequest) -> HttpResponse:
    """Keep theme, density or language, and go back to where the person was."""
    chosen = {**language.display_of(request)}
    chosen |= {name: request.POST[name] for name in preferences.CHOICES if name in request.POST}
    display = preferences.display(chosen)
    preferences.keep(request.actor, preferences.DISPLAY, display)
    response = HttpResponseRedirect(back(request))
    language.remember(response, display, str(request.actor.member_pk))
    return response


def back(request: HttpRequest, fallback: str = "/") -> str:
    """The address that a form names in `next`, if it is one of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else fallback
