"""Sign-up in two steps (TEN-01, TEN-02): an address and its code; then the company, its address and the first administrator.

What is typed lives in the pending sign-up of the shared schema (deleted after 24 hours), never the password, so that leaving
and coming back loses nothing. A cookie that only the server reads names the pending sign-up.
"""

from __future__ import annotations

import logging
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from kezhou.access.passwords import password_problem
from kezhou.pages import PUBLIC, PUBLIC_SITE, page
from kezhou.web.public import addresses, admission, opening
from kezhou.web.public.addresses import SMS, Address, AddressRefused
from kezhou.web.public.answers import Answers, missing
from kezhou.web.public.choices import BUSINESSES, INDUSTRIES, REGIONS, SIZES
from kezhou.web.public.strength import strength
from kezhou.web.public.where import suffix
from tenants import directory, signups

log = logging.getLogger("kezhou.signup")
COOKIE = "kz_signup"
COOKIE_SECONDS = 24 * 3600


# -- first step: the address and its code ---------------------------------------------------------------------------


@page("signup", access=PUBLIC, site=PUBLIC_SITE, methods=("GET", "POST"), name="signup")
def signup(request: HttpRequest) -> HttpResponse:
    """Ask for an address, send a code, check it."""
    if request.method == "POST":
        return _verify(request) if request.POST.get("do") == "verify" else _send(request)
    pending = _pending(request)
    if pending is not None and pending.is_verified and not request.GET.get("change"):
        return HttpResponseRedirect(reverse("public:company"))
    if pending is not None and not pending.is_verified:
        return _first(request, sent=pending, values={"address": pending.address})
    return _first(request)


def _send(request: HttpRequest) -> HttpResponse:
    typed = request.POST.get("address", "")
    earlier = _pending(request)
    try:
        address = addresses.read(typed, channels=signups.channels())
        pending = _code_for(address, earlier, request)
    except (AddressRefused, signups.WrongAddress) as error:
        return _first(request, values={"address": typed}, errors={"address": str(error)}, status=422)
    except signups.TooSoon as error:
        sent = earlier if earlier is not None and not earlier.is_verified and _same(typed, earlier) else None
        return _first(request, sent=sent, values={"address": typed}, problem=str(error), wait=error.seconds, status=429)
    response = _first(request, sent=pending, values={"address": typed}, wait=int(signups.PAUSE.total_seconds()))
    _remember(response, pending.token, request)
    return response


def _code_for(address: Address, earlier: signups.Pending | None, request: HttpRequest) -> signups.Pending:
    """A new code; what was typed before another address was chosen goes along."""
    if earlier is not None and not earlier.is_verified and _same(address.value, earlier):
        return signups.resend(earlier.token)
    fresh = signups.start(address.channel, address.value, origin=request.META.get("REMOTE_ADDR", ""))
    return signups.save_answers(fresh.token, earlier.answers) if earlier is not None and earlier.answers else fresh


def _verify(request: HttpRequest) -> HttpResponse:
    pending = _pending(request)
    values = {"address": request.POST.get("address", ""), "code": request.POST.get("code", "").strip()}
    if pending is None:
        return _first(request, values=values, problem=_("这次开通已经过期，请重新发送验证码。"), status=422)
    if not _same(values["address"], pending):
        return _first(request, values=values, problem=_("地址改过了，请重新发送验证码。"), status=422)
    try:
        signups.verify(pending.token, values["code"])
    except signups.SignupProblem as error:
        return _first(request, sent=pending, values=values, errors={"code": str(error)}, status=422)
    return HttpResponseRedirect(reverse("public:company"))


def _first(
    request: HttpRequest,
    *,
    sent: signups.Pending | None = None,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    problem: str = "",
    wait: int = 0,
    status: int = 200,
) -> HttpResponse:
    context = {
        "sms": SMS in signups.channels(),
        "sent": sent is not None,
        "sent_to": Address(sent.channel, sent.address).shown if sent else "",
        "values": values or {},
        "errors": errors or {},
        "problem": problem,
        "wait": wait,
    }
    return _private(render(request, "kezhou/public/signup_address.html", context, status=status))


# -- second step: the company ------------------------------------------------------------------------------------------


@page("signup/company", access=PUBLIC, site=PUBLIC_SITE, methods=("GET", "POST"), name="company")
def company(request: HttpRequest) -> HttpResponse:
    """Ask for the company and its first administrator, then open it."""
    pending = _pending(request)
    if pending is None or not pending.is_verified:
        return HttpResponseRedirect(reverse("public:signup"))
    if request.method != "POST":
        return _second(request, pending, Answers.restored(pending.answers))
    answers = Answers.read(request.POST)
    if request.POST.get("slug_idea"):
        answers = answers.with_slug(request.POST["slug_idea"])
    signups.save_answers(pending.token, answers.kept())
    if request.POST.get("slug_idea") or request.POST.get("do") == "back":
        return _second(request, pending, answers)
    if request.POST.get("do") == "admission":
        return admission.ask(request, pending, answers)
    errors = problems(pending, answers)
    if errors:
        return _second(request, pending, answers, errors=errors, status=422)
    return opening.open_company(request, pending, answers)


@page("signup/check/<str:field>", access=PUBLIC, site=PUBLIC_SITE, methods=("POST",), name="check")
def check(request: HttpRequest, field: str) -> HttpResponse:
    """One field while it is typed: the line below it."""
    pending = _pending(request)
    if pending is None or not pending.is_verified or field not in {"company", "slug", "password"}:
        raise Http404
    answers = Answers.read(request.POST)
    context = _context(
        pending, answers, {name: text for name, text in problems(pending, answers).items() if name == field}
    )
    return _private(render(request, f"kezhou/public/_{field}_note.html", context))


def problems(pending: signups.Pending, answers: Answers) -> dict[str, str]:
    """Everything that is wrong with the second step, a sentence per field."""
    errors = missing(answers)
    if answers.slug and (wrong := directory.slug_problem(answers.slug)):
        errors["slug"] = wrong
    if answers.password and (weak := password_problem(answers.password, words=_own_words(pending, answers))):
        errors["password"] = weak
    if answers.other:
        try:
            other = addresses.any_channel(answers.other)
        except AddressRefused as error:
            errors["other"] = str(error)
        else:
            if other.channel == pending.channel:
                errors["other"] = _("这里填手机号。") if pending.channel == addresses.EMAIL else _("这里填邮箱。")
    if "company" not in errors and not answers.another and directory.companies_named(answers.company):
        errors["another"] = _("这家公司已经开通。请先请管理员让你加入，或勾选“不是同一家，仍然开通”。")
    return errors


def _second(
    request: HttpRequest,
    pending: signups.Pending,
    answers: Answers,
    *,
    errors: dict[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    context = _context(pending, answers, errors or {}) | {"problem": problem}
    return _private(render(request, "kezhou/public/signup_company.html", context, status=status))


def _context(pending: signups.Pending, answers: Answers, errors: dict[str, str]) -> dict[str, Any]:
    wrong_slug = answers.slug and "slug" in errors
    return {
        "verified": Address(pending.channel, pending.address).shown,
        "sms": SMS in signups.channels(),
        "values": answers,
        "errors": errors,
        "suffix": suffix(),
        "full_address": f"{answers.slug}{suffix()}",
        "checked": bool(answers.slug) and directory.slug_problem(answers.slug) is None,
        "ideas": directory.slug_ideas(answers.slug) if wrong_slug else (),
        "twins": directory.companies_named(answers.company) if len(answers.company) >= 2 else (),
        "strength": strength(answers.password, refused="password" in errors),
        "sizes": SIZES,
        "industries": INDUSTRIES,
        "regions": REGIONS,
        "businesses": BUSINESSES,
        "other_label": _("手机号") if pending.channel == addresses.EMAIL else _("邮箱"),
        "other_autocomplete": "tel" if pending.channel == addresses.EMAIL else "email",
    }


def _own_words(pending: signups.Pending, answers: Answers) -> tuple[str, ...]:
    return (answers.name, answers.company, answers.slug, pending.address.partition("@")[0].removeprefix("+86"))


def _pending(request: HttpRequest) -> signups.Pending | None:
    token = request.COOKIES.get(COOKIE, "")
    try:
        return signups.pending(token) if token else None
    except signups.UnknownSignup:
        return None


def _same(typed: str, pending: signups.Pending) -> bool:
    try:
        return addresses.any_channel(typed) == addresses.any_channel(pending.address)
    except AddressRefused:
        return False


def _remember(response: HttpResponse, token: str, request: HttpRequest) -> None:
    response.set_cookie(
        COOKIE, token, max_age=COOKIE_SECONDS, path="/signup", httponly=True, samesite="Lax", secure=request.is_secure()
    )


def _private(response: HttpResponse) -> HttpResponse:
    """The form may carry a password back to its owner (nothing typed is lost), so no cache may keep it."""
    add_never_cache_headers(response)
    return response
