"""Forgotten passwords: a link by mail or text message, good once and for two hours; the answer never tells who exists."""

from __future__ import annotations

from django.contrib.auth.tokens import default_token_generator
from django.utils.translation import gettext as _

from kezhou.access import letters, lockout
from kezhou.access.accounts import find_by_name, set_password
from kezhou.access.models import Account
from kezhou.access.names import SignInName, sign_in_name
from tenants.context import current
from tenants.directory import address_of

HOURS = 2


def request_reset(typed: str) -> None:
    """Send a link when this name opens an account that can be written to. Says nothing about whether it did."""
    account = find_by_name(sign_in_name(typed))
    if account is None or not account.is_active:
        return
    channel, address = _reachable(account)
    if channel:
        letters.send(_letter(channel, address, link_for(account)))


def _reachable(account: Account) -> tuple[str, str]:
    if account.email:
        return letters.EMAIL, account.email
    if account.mobile and letters.SMS in letters.channels():
        return letters.SMS, account.mobile
    return "", ""


def link_for(account: Account) -> str:
    """A link by which the account's password can be set once; an administrator may pass it on by hand."""
    return address_of(current(), f"/account/reset/{account.pk}/{default_token_generator.make_token(account)}")


def _letter(channel: str, address: str, link: str) -> letters.Letter:
    facts = {"company": current().name, "hours": HOURS}
    return letters.Letter(
        channel=channel,
        address=address,
        subject=_("重设你在 %(company)s 的密码") % facts,
        lines=(
            _("打开下面的链接设一个新密码。链接 %(hours)d 小时内有效，只能用一次。") % facts,
            _("如果不是你本人要求的，请不用理会：原来的密码仍然有效。"),
        ),
        link=link,
        link_label=_("重设密码"),
    )


def account_of_link(account_pk: int, token: str) -> Account | None:
    """The account a link is for, or None when it was used, is too old, or never was one."""
    account = Account.objects.filter(pk=account_pk, is_active=True, kind=Account.Kind.STAFF).first()
    if account is None or not default_token_generator.check_token(account, token):
        return None
    return account


def reset(account: Account, password: str) -> None:
    """Set the password, end every running login, open locked names. Raises AccountProblem for a weak one."""
    set_password(account, password)
    for kind, value in (("username", account.username), ("mobile", account.mobile), ("email", account.email)):
        if value:
            lockout.succeeded(SignInName(kind, value))
