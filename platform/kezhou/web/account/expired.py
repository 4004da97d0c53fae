"""A sign-in that expired during a save: the password is asked in a dialog, then the save is sent again (BAS-03)."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from kezhou.access.actors import actor_of
from kezhou.access.sign_in import SignIn, SignInRefused
from kezhou.entrances import STAFF
from kezhou.pages import PUBLIC, page
from kezhou.web.account.entrance import remember_name, remembered_name, tried

OWN = ("resume_login", "resume_password", "resume_to")


@page("session", access=PUBLIC, name="session")
@never_cache
def session(request: HttpRequest) -> HttpResponse:
    """204 while the sign-in holds, 401 when it does not: asked before a save leaves the page."""
    if actor_of(request) is not None:
        return HttpResponse(status=204)
    response = HttpResponse(status=401)
    response["X-Kezhou-Session"] = "expired"
    return response


@page("account/again", access=PUBLIC, methods=("GET", "POST"), name="session-dialog")
@never_cache
@sensitive_post_parameters("password")
def again(request: HttpRequest) -> HttpResponse:
    """The inside of the dialog; a right password answers 204 and the page goes on with what it was saving."""
    name = request.POST.get("login", remembered_name(request))
    problem = ""
    if request.method == "POST":
        wanted = SignIn(name=name, password=request.POST.get("password", ""))
        try:
            tried(request, wanted)
        except SignInRefused as error:
            problem = str(error)
        else:
            response = HttpResponse(status=204)
            remember_name(response, wanted)
            return response
    context = {"name": name, "problem": problem}
    return render(request, "kezhou/account/again.html", context, status=422 if problem else 200)


@page("account/resume", access=PUBLIC, methods=("POST",), name="resume")
@never_cache
@sensitive_post_parameters("resume_password")
def resume(request: HttpRequest) -> HttpResponseBase:
    """Sign in, then run the form that was posted when the sign-in had expired, as if it came now."""
    wanted = SignIn(name=request.POST.get("resume_login", ""), password=request.POST.get("resume_password", ""))
    try:
        tried(request, wanted)
    except SignInRefused as error:
        kept = [(key, value) for key, values in request.POST.lists() if key not in OWN for value in values]
        to = request.POST.get("resume_to", "")
        context = {"fields": kept, "wrong": str(error), "login": wanted.name, "to": to, "entrance": STAFF}
        return render(request, "kezhou/session_expired.html", context, status=401)
    response = sent_again(request, request.POST.get("resume_to", ""))
    if isinstance(response, HttpResponse):
        remember_name(response, wanted)
    return response


def sent_again(request: HttpRequest, target: str) -> HttpResponseBase:
    """What the posted form is answered with, sent to `target` as if it came now; the first page for an address that is not there."""
    parts = urlsplit(target)
    try:
        match = resolve(parts.path)
    except Resolver404:
        match = resolve("/")
    posted = request.POST.copy()
    for key in OWN:
        posted.pop(key, None)
    request.POST = posted  # type: ignore[assignment]  # mutable or not makes no difference here
    request.GET = QueryDict(parts.query)
    request.path = request.path_info = parts.path
    request.META["QUERY_STRING"] = parts.query
    request.resolver_match = match
    if match.url_name == "home":
        request.method = "GET"
    response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    return response
