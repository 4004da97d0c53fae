"""Passwords: forgotten, reset by a link, changed; and signing out everywhere (ORG-09)."""

from __future__ import annotations

from collections.abc import Callable

from allauth.core import ratelimit
from django.contrib.auth import HASH_SESSION_KEY
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from kezhou.access import lockout, password_resets
from kezhou.access.accounts import AccountProblem, account_of_member, set_password
from kezhou.access.actors import SESSION_VERSION
from kezhou.access.models import Account
from kezhou.access.names import SignInName
from kezhou.access.sign_in import sign_out, sign_out_everywhere
from kezhou.pages import PUBLIC, SIGNED_IN, PageRequest, page, toast
from kezhou.records.spec import RecordNotFound
from kezhou.web.account.bare import bare
from kezhou.web.account.entrance import remembered_name
from tenants.states import Need

Errors = dict[str, str]


@page("account/forgot", access=PUBLIC, methods=("GET", "POST"), name="account-forgot")
@never_cache
def forgot(request: HttpRequest) -> HttpResponse:
    """Ask for the name; the answer is the same whether it exists or not."""
    typed = request.POST.get("login", remembered_name(request)).strip()[:254]
    if request.method == "GET":
        return bare(request, "forgot", {"login": typed})
    if not typed:
        return bare(request, "forgot", {"login": "", "error": _("请填写用户名、手机号或邮箱。")}, status=422)
    if not ratelimit.consume(request, action="reset_password"):
        return bare(request, "forgot", {"login": typed, "error": _("请求太频繁，请一分钟后再试。")}, status=429)
    password_resets.request_reset(typed)
    return bare(request, "forgot_sent", {"hours": password_resets.HOURS})


@page("account/reset/<int:account_pk>/<str:token>", access=PUBLIC, methods=("GET", "POST"), name="account-reset")
@never_cache
@sensitive_post_parameters("password", "password_again")
def reset(request: HttpRequest, account_pk: int, token: str) -> HttpResponse:
    """Set a new password by the link of a letter."""
    account = password_resets.account_of_link(account_pk, token)
    if account is None:
        return bare(request, "reset_dead", status=410)
    if request.method == "GET":
        return bare(request, "reset", {"errors": {}})
    errors = new_password(request, account, password_resets.reset)
    if errors:
        return bare(request, "reset", {"errors": errors}, status=422)
    toast(request, _("密码已改好，请用新密码登录"))
    return HttpResponseRedirect("/account/sign-in")


def new_password(request: HttpRequest, account: Account, keep: Callable[[Account, str], object]) -> Errors:
    """Keep the password that was typed twice; what is wrong with it by input."""
    password = request.POST.get("password", "")
    if password != request.POST.get("password_again", ""):
        return {"password_again": _("两次输入的新密码不一样。")}
    try:
        keep(account, password)
    except AccountProblem as problem:
        return {"password": str(problem)}
    return {}


@page("account/password", access=SIGNED_IN, methods=("GET", "POST"), name="account-password", needs=Need.READ)
@never_cache
@sensitive_post_parameters()
def change(request: PageRequest) -> HttpResponse:
    """Change the own password: the old one once, the new one twice. Other running logins end."""
    errors: Errors = {}
    if request.method == "POST":
        account = _own_account(request)
        errors = wrong_old(account, request.POST.get("old", "")) or new_password(request, account, set_password)
        if not errors:
            request.session[SESSION_VERSION] = account.session_version
            request.session[HASH_SESSION_KEY] = account.get_session_auth_hash()
            request.session.cycle_key()
            toast(request, _("密码已修改，其他设备上的登录已退出"))
            return HttpResponseRedirect("/account/password")
    context = {"errors": errors, "crumbs": ({"title": _("我的"), "url": "/me"}, {"title": _("修改密码")})}
    return render(request, "kezhou/account/password.html", context, status=422 if errors else 200)


def _own_account(request: PageRequest) -> Account:
    account = account_of_member(request.actor.member_pk)
    if account is None:
        raise RecordNotFound(_("你没有可以改密码的账号。"))
    return account


def wrong_old(account: Account, typed: str) -> Errors:
    """Why the old password does not prove who it is, or nothing; wrong tries are counted by account, whichever its entrance."""
    name = SignInName("account", str(account.pk))
    now = lockout.standing(name)
    if now.locked_until is not None:
        return {"old": _("原密码错误次数太多，请 %(minutes)d 分钟后再试。") % {"minutes": now.minutes}}
    if not account.check_password(typed):
        lockout.failed(name)
        return {"old": _("原密码不对。")}
    lockout.succeeded(name)
    return {}


@page("account/sessions", access=SIGNED_IN, methods=("GET", "POST"), name="account-sessions", needs=Need.READ)
@never_cache
def sessions(request: PageRequest) -> HttpResponse:
    """Sign out on every device at once, this one included."""
    account = _own_account(request)
    if request.method == "POST":
        sign_out_everywhere(account.pk)
        sign_out(request)
        toast(request, _("已在所有设备上退出登录"))
        return HttpResponseRedirect("/account/sign-in")
    context = {"account": account, "crumbs": ({"title": _("我的"), "url": "/me"}, {"title": _("登录与设备")})}
    return render(request, "kezhou/account/sessions.html", context)
