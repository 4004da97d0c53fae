"""Signing in and out: by user name, mobile or e-mail, on allauth's flows; wrong input never tells which part was wrong."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import cast

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, perform_password_login, record_authentication
from allauth.account.models import Login
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from kezhou import parameters
from kezhou.access import lockout
from kezhou.access.actors import actor_for
from kezhou.access.models import Account, MemberState
from kezhou.access.names import SignInName, sign_in_name
from kezhou.access.parameters import REMEMBER
from tenants.context import current
from tenants.states import Need

FIRST_PAGE = "/"


class SignInRefused(Exception):
    """No: `str()` is the sentence to show. `locked` when the name has to wait."""

    def __init__(self, sentence: str, *, locked: bool = False) -> None:
        super().__init__(sentence)
        self.locked = locked


@dataclass(frozen=True, slots=True)
class SignIn:
    """What the sign-in page received."""

    name: str
    password: str
    remember: bool = False
    next: str = ""


def sign_in(request: HttpRequest, wanted: SignIn) -> HttpResponse:
    """Sign in and answer with the redirect to the page that was wanted. Raises SignInRefused."""
    name = sign_in_name(wanted.name)
    account = checked(request, name, wanted.password)
    login = Login(user=account, redirect_url=safe_next(request, wanted.next))
    response: HttpResponse = perform_password_login(request, {"username": name.value}, login)
    request.session.set_expiry(remembered_for() if wanted.remember else 0)
    return response


def remembered_for() -> int:
    """Seconds for which a browser stays signed in when its user asked for that."""
    return parameters.whole(REMEMBER) * 24 * 3600


def checked(request: HttpRequest, name: SignInName, password: str) -> Account:
    """The account of this name when the password is right and it may sign in now. Raises SignInRefused."""
    now = lockout.standing(name)
    if now.locked_until is not None:
        raise _locked(now)
    kind = {"username": "username", "mobile": "phone", "email": "email"}[name.kind]
    found = get_adapter(request).authenticate(request, **{kind: name.value, "password": password})
    account = cast("Account | None", found)
    if account is None:
        raise _wrong(lockout.failed(name))
    lockout.succeeded(name)
    if not account.is_active or account.kind != Account.Kind.STAFF or not _in_office(account):
        raise SignInRefused(_("这个账号已停用。如果你还在公司，请联系管理员。"))
    _demand_entrance(account)
    return account


def _demand_entrance(account: Account) -> None:
    """While the company is suspended only its administrators get in: they can pay."""
    place = current()
    if place.effect.allows(Need.READ):
        return
    actor = actor_for(account.member_id or 0)
    if actor is None or not place.effect.allows(Need.ENTRANCE, is_admin=actor.is_admin):
        raise SignInRefused(_("%(company)s 已暂停使用，请联系你们的管理员。数据完整保留。") % {"company": place.name})


def _in_office(account: Account) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM access_member WHERE id = %s AND state = %s AND deleted_at IS NULL",
            [account.member_id, MemberState.ACTIVE.value],
        )
        return cursor.fetchone() is not None


def _wrong(now: lockout.Standing) -> SignInRefused:
    if now.locked_until is not None:
        return _locked(now)
    return SignInRefused(
        _("账号或密码不对。还可以试 %(left)d 次，之后锁定 %(minutes)d 分钟。")
        % {"left": now.left, "minutes": int(lockout.locked_for().total_seconds() // 60)}
    )


def _locked(now: lockout.Standing) -> SignInRefused:
    sentence = _("错误次数太多，请 %(minutes)d 分钟后再试，或用“忘记密码”重设。") % {"minutes": now.minutes}
    return SignInRefused(sentence, locked=True)


def sign_in_trusted(request: HttpRequest, account: Account, *, how: str, remember: bool = False) -> None:
    """Sign in an account that has proved itself otherwise: a handover token, an accepted invitation, a reset password."""
    record_authentication(request, account, method=how)
    perform_login(request, Login(user=account, redirect_url=FIRST_PAGE))
    request.session.set_expiry(remembered_for() if remember else 0)


def sign_out(request: HttpRequest) -> None:
    """End this browser's login."""
    get_adapter(request).logout(request)


def sign_out_everywhere(account_pk: int) -> None:
    """End every running login of an account, the present one included."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE access_account SET session_version = session_version + 1 WHERE id = %s", [account_pk])


def safe_next(request: HttpRequest, wanted: str) -> str:
    """A page of this host to go to after the sign-in; anything else becomes the first page."""
    plain = unicodedata.normalize("NFKC", wanted).strip()
    local = url_has_allowed_host_and_scheme(plain, {request.get_host()}, require_https=request.is_secure())
    return plain if plain.startswith("/") and local else FIRST_PAGE
