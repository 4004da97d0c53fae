"""The door itself: signing in with a password or a code, the first password, forgetting one, leaving (POR-22)."""

from __future__ import annotations

import secrets
import time

from allauth.core import ratelimit
from django.core.cache import cache
from django.core.signing import BadSignature, TimestampSigner
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from kezhou.access.passwords import shortest
from kezhou.access.sign_in import safe_next
from kezhou.pages import PUBLIC, toast
from kezhou.web.account.expired import OWN, sent_again
from portal import acts, door, signing_in
from portal.door import SIGN_IN
from portal.look import look, styles
from portal.pages.shell import bare, portal_page
from tenants.context import current
from tenants.states import Need

FIRST = "/portal/"
PROVED = "proved_at"
"""In the session: when a code or an invitation showed who it is, after which a new password or sign-in name needs no old password for a while."""
HANDED_SECONDS, PREVIEW_SECONDS = 60, 30 * 60


@portal_page("sign-in", access=PUBLIC, methods=("GET", "POST"), name="portal-sign-in")
@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Name and password; what was typed (but the password) stays after a refusal."""
    name, after = request.POST.get("login", "")[:254], request.POST.get("next", request.GET.get("next", ""))
    if request.method == "GET":
        if door.actor_of(request) is not None:
            return HttpResponseRedirect(_inside(request, after))
        return bare(request, "sign_in", {"login": name, "next": after})
    try:
        _demand_filled(name, request.POST.get("password", ""))
        _demand_calm(request)
        signing_in.by_password(request, name, request.POST.get("password", "")[:256])
    except signing_in.Refused as error:
        context = {"login": name, "next": after, "problem": str(error)}
        return bare(request, "sign_in", context, status=429 if error.locked else 422)
    return HttpResponseRedirect(_inside(request, after))


def _demand_filled(name: str, secret: str) -> None:
    if not name.strip() or not secret:
        raise signing_in.Refused(_("请填写账号和密码。"))


def _demand_calm(request: HttpRequest) -> None:
    if not ratelimit.consume(request, action="login"):
        raise signing_in.Refused(_("登录太频繁，请一分钟后再试。"), locked=True)


def _inside(request: HttpRequest, wanted: str) -> str:
    """The page that was wanted, if it lies behind this door."""
    found = safe_next(request, wanted)
    return found if found.startswith(FIRST) and not found.startswith(SIGN_IN) else FIRST


@portal_page("code", access=PUBLIC, methods=("GET", "POST"), name="portal-code")
@never_cache
@sensitive_post_parameters("code")
def code(request: HttpRequest) -> HttpResponse:
    """A code to mobile or e-mail instead of the password; the answer is the same whether the name exists or not."""
    name, given = (
        request.POST.get("login", request.GET.get("login", "")).strip()[:254],
        request.POST.get("code", "")[:20],
    )
    forgotten = (request.POST if request.method == "POST" else request.GET).get("forgotten", "") == "1"
    context = {"login": name, "forgotten": forgotten, "minutes": signing_in.CODE_MINUTES, "sent": False}
    if request.method == "GET":
        return bare(request, "code", context)
    try:
        if not name:
            raise signing_in.Refused(_("请填写手机号、邮箱或用户名。"))
        _demand_calm(request)
        if not given.strip():
            signing_in.send_code(name)
            return bare(request, "code", {**context, "sent": True})
        signing_in.by_code(request, name, given)
    except signing_in.Refused as error:
        refused = {**context, "problem": str(error), "sent": bool(given.strip())}
        return bare(request, "code", refused, status=429 if error.locked else 422)
    request.session[PROVED] = int(time.time())
    return HttpResponseRedirect("/portal/me/password" if forgotten else FIRST)


@portal_page(
    "invitation/<str:token>", access=PUBLIC, methods=("GET", "POST"), needs=Need.WRITE, name="portal-invitation"
)
@never_cache
@sensitive_post_parameters("password", "password_again")
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The invited person sets a password and is in."""
    try:
        account, problem = signing_in.invited(token)
    except signing_in.Refused as error:
        return bare(request, "invitation_dead", {"problem": str(error)}, status=404)
    if problem:
        return bare(request, "invitation_dead", {"problem": problem}, status=410)
    context = {"login": str(account), "length": shortest(), "errors": {}}
    if request.method == "GET":
        return bare(request, "invitation", context)
    password = request.POST.get("password", "")
    try:
        if password != request.POST.get("password_again", ""):
            raise signing_in.Refused(_("两次输入的密码不一样。"), field="password_again")
        signing_in.accept(request, token, password)
    except signing_in.Refused as error:
        return bare(request, "invitation", {**context, "errors": {error.field or "password": str(error)}}, status=422)
    request.session[PROVED] = int(time.time())
    toast(request, _("密码已设好，欢迎使用 %(portal)s") % {"portal": look().name})
    return HttpResponseRedirect(FIRST)


@portal_page("sign-out", access=PUBLIC, methods=("POST",), name="portal-sign-out")
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this browser's login."""
    actor = door.actor_of(request)
    if actor is not None and not actor.preview:
        acts.note("signed_out", user=actor.user_pk, name=actor.name, request=request)
    door.end(request)
    toast(request, _("已退出"))
    return HttpResponseRedirect(SIGN_IN)


@portal_page("resume", access=PUBLIC, methods=("POST",), name="portal-resume")
@never_cache
@sensitive_post_parameters("resume_password")
def resume(request: HttpRequest) -> HttpResponseBase:
    """Sign in, then run the form that was posted when the sign-in had expired, as if it came now (BAS-03)."""
    name, to = request.POST.get("resume_login", "")[:254], request.POST.get("resume_to", "")
    try:
        _demand_filled(name, request.POST.get("resume_password", ""))
        _demand_calm(request)
        signing_in.by_password(request, name, request.POST.get("resume_password", "")[:256])
    except signing_in.Refused as error:
        kept = [(key, value) for key, values in request.POST.lists() if key not in OWN for value in values]
        context = {"fields": kept, "wrong": str(error), "login": name, "to": to, "entrance": door.ENTRANCE}
        return render(request, "kezhou/session_expired.html", context, status=401)
    return sent_again(request, _inside(request, to))


@portal_page("colours.css", access=PUBLIC, name="portal-colours", needs=Need.NOTHING)
def colours(request: HttpRequest) -> HttpResponse:
    """The company's colour; the address carries the version, so it can be kept."""
    response = HttpResponse(styles(look().colour), content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "public, max-age=86400"
    return response


# -- members who look on ---------------------------------------------------------------------------------------------------------


def _signer() -> TimestampSigner:
    return TimestampSigner(salt=f"portal.preview:{current().pk}")


def handed(user: int, member: int) -> str:
    """Where a member looks at the portal as this user: an address that is good once, for a minute."""
    facts = {"user": user, "member": member, "once": secrets.token_urlsafe(12)}
    return f"/portal/preview/{_signer().sign_object(facts)}"


@portal_page("preview/<str:token>", access=PUBLIC, name="portal-preview", needs=Need.READ)
@never_cache
def preview(request: HttpRequest, token: str) -> HttpResponse:
    """Begin to look on; the company's pages hand over to here."""
    try:
        facts = _signer().unsign_object(token, max_age=HANDED_SECONDS)
    except BadSignature as error:
        raise Http404(_("这个预览链接已经失效，请从门户账号页重新打开。")) from error
    if not cache.add(f"portal.preview:{facts['once']}", 1, HANDED_SECONDS):
        raise Http404(_("这个预览链接已经失效，请从门户账号页重新打开。"))
    door.begin_preview(request, user=int(facts["user"]), member=int(facts["member"]), seconds=PREVIEW_SECONDS)
    return HttpResponseRedirect(FIRST)
