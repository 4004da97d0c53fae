"""Signing in and out (UIX-01)."""

from __future__ import annotations

from urllib.parse import quote, unquote

from allauth.core import ratelimit
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from kezhou.access.actors import actor_of, forget_actor
from kezhou.access.sign_in import FIRST_PAGE, SignIn, SignInRefused, remembered_for, safe_next, sign_in, sign_out
from kezhou.pages import PUBLIC, page, toast
from kezhou.web.account.bare import bare
from kezhou.web.home.preferences_pages import start_of
from tenants.context import current

NAME_COOKIE = "kezhou_name"


@page("account/sign-in", access=PUBLIC, methods=("GET", "POST"), name="sign-in")
@never_cache
@sensitive_post_parameters("password")
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """Ask for name and password; what was typed (but the password) stays after a refusal."""
    wanted = _given(request)
    if request.method == "GET":
        if actor_of(request) is not None:
            return HttpResponseRedirect(safe_next(request, wanted.next))
        return _form(request, wanted)
    try:
        response = tried(request, wanted)
    except SignInRefused as error:
        return _form(request, wanted, problem=str(error), status=429 if error.locked else 422)
    remember_name(response, wanted)
    return _begin(request, response)


def _begin(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Whoever asked for no page in particular begins where they like to."""
    if response.status_code == 302 and response["Location"] == FIRST_PAGE:
        forget_actor(request)
        actor = actor_of(request)
        if actor is not None:
            response["Location"] = start_of(actor)
    return response


def tried(request: HttpRequest, wanted: SignIn) -> HttpResponse:
    """Sign in unless something is missing or this address tries too often. Raises SignInRefused."""
    if not wanted.name.strip() or not wanted.password:
        raise SignInRefused(_("请填写账号和密码。"))
    if not ratelimit.consume(request, action="login"):
        raise SignInRefused(_("登录太频繁，请一分钟后再试。"), locked=True)
    return sign_in(request, wanted)


def _given(request: HttpRequest) -> SignIn:
    given = request.POST
    return SignIn(
        name=given.get("login", remembered_name(request))[:254],
        password=given.get("password", "")[:256],
        remember=given.get("remember") == "1",
        next=given.get("next", request.GET.get("next", "")),
    )


def _form(request: HttpRequest, wanted: SignIn, *, problem: str = "", status: int = 200) -> HttpResponse:
    days = remembered_for() // (24 * 3600)
    facts = {"wanted": wanted, "problem": problem, "company": current().name, "days": days}
    return bare(request, "sign_in", facts, status=status)


def remembered_name(request: HttpRequest) -> str:
    """The name with which somebody signed in last in this browser."""
    return unquote(request.COOKIES.get(NAME_COOKIE, ""))


def remember_name(response: HttpResponse, wanted: SignIn) -> None:
    """Keep the sign-in name in the browser, so that the next sign-in and the dialog of an expired one know it."""
    response.set_cookie(
        NAME_COOKIE,
        quote(wanted.name),
        max_age=remembered_for() if wanted.remember else None,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


@page("account/sign-out", access=PUBLIC, methods=("POST",), name="sign-out")
def sign_out_page(request: HttpRequest) -> HttpResponse:
    """End this browser's login."""
    sign_out(request)
    toast(request, _("已退出登录"))
    return HttpResponseRedirect("/account/sign-in")
