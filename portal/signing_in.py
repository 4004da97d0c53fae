"""Coming in: with a password, with a code, for the first time by an invitation. Wrong input never tells what was wrong or who exists.

Wrong tries are counted as those of the company's people are, but apart from theirs: nobody locks a member out from here.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou.access import letters, lockout
from kezhou.access.accounts import AccountProblem, find_by_name, set_password
from kezhou.access.invitations import hashed, problem_of
from kezhou.access.models import Account, Invitation
from kezhou.access.names import SignInName, sign_in_name
from portal import acts, codes, door
from portal.actor import facts_of_account
from portal.models import Code, PortalUser
from tenants.context import current
from tenants.states import Need

CODE_MINUTES, CODE_TRIES, CODE_EVERY = 10, 5, timedelta(minutes=1)


class Refused(Exception):
    """No: `str()` is the sentence to show; `field` names the input, `locked` when the name has to wait."""

    def __init__(self, sentence: str, *, field: str = "", locked: bool = False) -> None:
        super().__init__(sentence)
        self.field, self.locked = field, locked


def by_password(request: HttpRequest, typed: str, password: str) -> None:
    """Sign in. Raises Refused."""
    name = sign_in_name(typed)
    counted = _counted(name)
    _demand_unlocked(lockout.standing(counted))
    account = find_by_name(name, Account.Kind.PORTAL)
    right = account.check_password(password) if account is not None else _take_as_long(password)
    if account is None or not right:
        _refuse(request, counted, account, _("账号或密码不对。"))
    assert account is not None
    lockout.succeeded(counted)
    _begin(request, account)


def _take_as_long(password: str) -> bool:
    """As long as a real look, so that the time does not tell who exists."""
    make_password(password)
    return False


def send_code(typed: str) -> None:
    """Send a code when this name opens an account that may come in and can be written to. Says nothing about whether it did."""
    account = find_by_name(sign_in_name(typed), Account.Kind.PORTAL)
    if account is None or not account.has_usable_password() or facts_of_account(account.pk) is None:
        return
    channel, address = _reachable(account, typed)
    now = timezone.now()
    if not channel or Code.objects.filter(account=account, sent_at__gt=now - CODE_EVERY).exists():
        return
    code = f"{secrets.randbelow(1_000_000):06d}"
    with transaction.atomic():
        Code.objects.update_or_create(
            account=account, defaults={"digest": codes.digest(account.pk, code), "sent_at": now, "tries": 0}
        )
        acts.note("code", user=_user_of(account), name=str(account), told=address)
        letters.send_code(channel, address, code, minutes=CODE_MINUTES)


def _reachable(account: Account, typed: str) -> tuple[str, str]:
    """Where to send it: to the address that was typed, if it is one, else to whichever there is."""
    by_mobile = account.mobile and letters.SMS in letters.channels()
    if by_mobile and (sign_in_name(typed).kind == "mobile" or not account.email):
        return letters.SMS, str(account.mobile)
    return (letters.EMAIL, account.email) if account.email else ("", "")


def by_code(request: HttpRequest, typed: str, code: str) -> None:
    """Sign in with the code that was sent. Raises Refused."""
    name = sign_in_name(typed)
    counted = _counted(name)
    _demand_unlocked(lockout.standing(counted))
    account = find_by_name(name, Account.Kind.PORTAL)
    if account is None or not _taken(account, code):
        _refuse(request, counted, account, _("验证码不对，或者已经过期。"))
    assert account is not None
    lockout.succeeded(counted)
    _begin(request, account)


def _taken(account: Account, code: str) -> bool:
    """Whether this is the code; it is good once, and gone after too many tries."""
    with transaction.atomic():
        row = Code.objects.select_for_update().filter(account=account).first()
        if row is None or row.sent_at < timezone.now() - timedelta(minutes=CODE_MINUTES) or row.tries >= CODE_TRIES:
            return False
        if hmac.compare_digest(row.digest, codes.digest(account.pk, code.strip())):
            row.delete()
            return True
        Code.objects.filter(pk=row.pk).update(tries=row.tries + 1)
        return False


def _counted(name: SignInName) -> SignInName:
    return SignInName(f"portal-{name.kind}", name.value)


def _demand_unlocked(now: lockout.Standing) -> None:
    if now.locked_until is not None:
        sentence = _("错误次数太多，请 %(minutes)d 分钟后再试。") % {"minutes": now.minutes}
        raise Refused(sentence, locked=True)


def _refuse(request: HttpRequest, counted: SignInName, account: Account | None, sentence: str) -> None:
    now = lockout.failed(counted)
    if account is not None:
        acts.note("refused", user=_user_of(account), name=str(account), request=request)
    _demand_unlocked(now)
    left = _("还可以试 %(left)d 次，之后锁定 %(minutes)d 分钟。") % {
        "left": now.left,
        "minutes": int(lockout.locked_for().total_seconds() // 60),
    }
    raise Refused(f"{sentence}{left}")


def _begin(request: HttpRequest, account: Account) -> None:
    """Into the portal, for whoever may come in now."""
    if facts_of_account(account.pk) is None or not current().effect.allows(Need.READ):
        raise Refused(_("这个账号现在不能登录。请联系邀请你的公司。"))
    door.begin(request, account)
    if door.actor_of(request) is None:
        door.end(request)
        raise Refused(_("这个账号现在不能登录。请联系邀请你的公司。"))
    acts.note("signed_in", user=_user_of(account), name=str(account), request=request)


def _user_of(account: Account) -> int | None:
    return PortalUser.objects.filter(account=account).values_list("pk", flat=True).first()


# -- invitations ---------------------------------------------------------------------------------------------------------------


def invited(token: str) -> tuple[Account, str]:
    """The account that an invitation is for, and why it cannot be used any more, or "". Raises Refused for none at all."""
    row = Invitation.objects.filter(token_hash=hashed(token), account__isnull=False).first()
    account = Account.objects.filter(pk=row.account_id or 0, kind=Account.Kind.PORTAL).first() if row else None
    if row is None or account is None:
        raise Refused(_("这个邀请链接不对。请检查是否复制完整，或请对方重发一份。"))
    problem = problem_of(row)
    if not problem and facts_of_account(account.pk) is None:
        problem = _("这个账号现在不能登录。请联系邀请你的公司。")
    return account, problem


def accept(request: HttpRequest, token: str, password: str) -> None:
    """Set the first password and come in. Raises Refused with the input that is wrong."""
    with transaction.atomic():
        row = Invitation.objects.select_for_update().filter(token_hash=hashed(token), account__isnull=False).first()
        account, problem = invited(token)
        if row is None or problem:
            raise Refused(problem)
        try:
            set_password(account, password)
        except AccountProblem as error:
            raise Refused(str(error), field="password") from error
        Invitation.objects.filter(pk=row.pk).update(accepted_at=timezone.now())
        acts.note("accepted", user=_user_of(account), name=str(account), request=request)
    _begin(request, account)
