"""An operator's look into the company (TEN-05): coming in by a token of the console, where to begin, going out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from kezhou.access import visiting
from kezhou.access.actor import VisitorActor
from kezhou.pages import PUBLIC, SIGNED_IN, PageRequest, page, toast
from kezhou.web import menu


@page("visit/begin/<str:token>", access=PUBLIC, name="visit-begin")
@never_cache
def begin(request: HttpRequest, token: str) -> HttpResponse:
    """Begin the visit of a token that is good once, for a minute, and only while the company's consent is open."""
    if not visiting.begin(request, token):
        toast(request, _("这个查看链接已失效，请从运营台重新进入"), kind="no")
        return HttpResponseRedirect("/account/sign-in")
    return HttpResponseRedirect(visiting.FIRST_PAGE)


@page("visit", access=SIGNED_IN, name="visit", visitors=True)
def first_page(request: PageRequest) -> HttpResponse:
    """What there is to look at; members have their home page instead."""
    if not isinstance(request.actor, VisitorActor):
        return HttpResponseRedirect("/")
    facts = {
        "active": "home",
        "crumbs": ({"title": _("按授权查看")},),
        "modules": menu.modules(request.actor),
        "until": visiting.until_of(request.actor),
    }
    return render(request, "kezhou/visit.html", facts)


@page("visit/end", access=PUBLIC, methods=("POST",), name="visit-end")
def leave(request: HttpRequest) -> HttpResponse:
    """Stop looking before the consent ends."""
    visiting.end(request)
    toast(request, _("已结束查看"))
    return HttpResponseRedirect("/account/sign-in")
