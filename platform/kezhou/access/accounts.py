"""Accounts as they are made, found and given passwords. Only sign-in and member code calls this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou.access.models import Account
from kezhou.access.names import SignInName, email_address, mobile_number, sign_in_name
from kezhou.access.passwords import password_problem


class AccountProblem(Exception):
    """Why an account cannot be as wished; `field` is username, email, mobile or password."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """The names that open it; at least one. `password` is checked for strength, `password_hash` was checked before."""

    username: str = ""
    email: str = ""
    mobile: str = ""
    password: str = ""
    password_hash: str = ""


def create_account(member_pk: int, wanted: NewAccount, *, words: Sequence[str] = ()) -> Account:
    """Give a member an account. Raises AccountProblem for a name that is malformed or taken and for a weak password."""
    account = _named(wanted, Account(member_id=member_pk))
    username, email, mobile = account.username, account.email, account.mobile
    if wanted.password_hash:
        account.password = wanted.password_hash
    else:
        _demand_strength(wanted.password, (*words, username or "", mobile or "", (email or "").partition("@")[0]))
        account.set_password(wanted.password)
    return _kept(account)


def create_portal_account(wanted: NewAccount) -> Account:
    """An account of somebody of a customer or partner, without a password until its invitation is accepted. Raises AccountProblem."""
    account = _named(wanted, Account(kind=Account.Kind.PORTAL))
    account.set_unusable_password()
    return _kept(account)


def rename_account(account: Account, wanted: NewAccount) -> Account:
    """Other names for an account. Raises AccountProblem for one that is malformed or taken."""
    return _kept(_named(wanted, account))


def _named(wanted: NewAccount, account: Account) -> Account:
    account.username, account.email = _username(wanted.username), _email(wanted.email)
    account.mobile = _mobile(wanted.mobile)
    if not (account.username or account.email or account.mobile):
        raise AccountProblem("username", _("请至少给一个登录名：用户名、手机号或邮箱。"))
    return account


def _kept(account: Account) -> Account:
    _demand_free(account)
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError as error:
        raise AccountProblem("username", _("这个登录名刚刚被别人用了，请换一个。")) from error
    return account


def _username(typed: str) -> str | None:
    plain = typed.strip().lower()
    if not plain:
        return None
    name = sign_in_name(plain)
    if name.kind != "username" or not 2 <= len(name.value) <= 40 or any(c.isspace() for c in name.value):
        raise AccountProblem("username", _("用户名要有 2 到 40 个字，不含空格和 @，也不能是手机号。"))
    return name.value


def _email(typed: str) -> str | None:
    if not typed.strip():
        return None
    found = email_address(typed)
    if found is None:
        raise AccountProblem("email", _("“%(typed)s”不是邮箱地址。") % {"typed": typed.strip()[:60]})
    return found


def _mobile(typed: str) -> str | None:
    if not typed.strip():
        return None
    found = mobile_number(typed)
    if found is None:
        raise AccountProblem("mobile", _("“%(typed)s”不是手机号。") % {"typed": typed.strip()[:60]})
    return found


def _demand_strength(password: str, words: Sequence[str]) -> None:
    problem = password_problem(password, words=[word for word in words if word])
    if problem is not None:
        raise AccountProblem("password", problem)


def _demand_free(account: Account) -> None:
    for field, value in (("username", account.username), ("email", account.email), ("mobile", account.mobile)):
        if value and Account.objects.filter(**{field: value}).exclude(pk=account.pk).exists():
            raise AccountProblem(field, _("“%(name)s”已是另一个账号的登录名，请换一个。") % {"name": value})


def set_password(account: Account, password: str, *, words: Sequence[str] = ()) -> None:
    """Another password; every running login of the account ends (ORG-09). Raises AccountProblem when it is weak."""
    own = (account.username or "", account.mobile or "", (account.email or "").partition("@")[0])
    _demand_strength(password, (*words, *own))
    account.set_password(password)
    account.session_version += 1
    account.password_changed_at = timezone.now()
    account.save(update_fields=["password", "session_version", "password_changed_at"])


def find_account(typed: str) -> Account | None:
    """The staff account that this user name, mobile or e-mail opens, in the present tenant."""
    return find_by_name(sign_in_name(typed))


def find_by_name(name: SignInName, kind: str = Account.Kind.STAFF) -> Account | None:
    """The account of an entrance, for a name that was read already."""
    return Account.objects.filter(**{name.kind: name.value}, kind=kind).first()


def knows(address: str) -> bool:
    """True when an account that may sign in has this mobile or e-mail (find my company)."""
    account = find_account(address)
    return account is not None and account.is_active


def account_of_member(member_pk: int) -> Account | None:
    """The account of a member, or None."""
    return Account.objects.filter(member_id=member_pk).first()
