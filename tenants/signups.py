"""A company signs up: an address and its code, then the company (TEN-01, TEN-02).

What was typed is kept for 24 hours, so that nothing is lost when the page is left; codes and tokens are kept as hashes.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tenants import handover, provisioning
from tenants.context import Current, in_control_plane, tenant
from tenants.models import Handover, PendingSignup
from tenants.provisioning import NewTenant

CODE_LIFETIME = timedelta(minutes=10)
SIGNUP_LIFETIME = timedelta(hours=24)
PAUSE = timedelta(seconds=60)
MOST_TRIES = 5
MOST_CODES_PER_ADDRESS = 8  # within SIGNUP_LIFETIME
MOST_CODES_PER_ORIGIN = 40

Sender = Callable[[str, str], None]
_senders: dict[str, Sender] = {}


class SignupProblem(Exception):
    """A sign-up that cannot go on like this; ``str()`` is the sentence to show."""


class WrongAddress(SignupProblem):
    """The address is none, or there is no way to reach it."""


class TooSoon(SignupProblem):
    """A code was asked for again too early or too often; ``seconds`` says how long to wait."""

    def __init__(self, seconds: int, sentence: str) -> None:
        super().__init__(sentence)
        self.seconds = seconds


class UnknownSignup(SignupProblem):
    """There is no such sign-up any more."""


class CodeExpired(SignupProblem):
    """The code is older than ten minutes."""


class TooManyTries(SignupProblem):
    """Five wrong codes: a new one must be sent."""


class WrongCode(SignupProblem):
    """Not the code that was sent; ``tries_left`` says how often one may still try."""

    def __init__(self, tries_left: int, sentence: str) -> None:
        super().__init__(sentence)
        self.tries_left = tries_left


class NotVerified(SignupProblem):
    """The address was not proved yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A sign-up under way. ``token`` names it; keep it in a cookie or form, never in an address."""

    token: str
    channel: str
    address: str
    is_verified: bool
    answers: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """The new company, and the one-time token that signs its administrator in there."""

    place: Current
    handover: str


# -- channels ------------------------------------------------------------------------------------------------------------


def register_sender(channel: str, function: Sender) -> None:
    """Say how a code reaches an address: ``function(address, code)``; channel is ``email`` or ``sms``."""
    if channel not in _FORMS:
        raise ValueError(f"There is no channel {channel!r}. Use one of {', '.join(_FORMS)}.")
    _senders[channel] = function


def channels() -> tuple[str, ...]:
    """The channels by which a code can be sent here."""
    return tuple(_senders)


def _mobile(text: str) -> str:
    digits = re.sub(r"[\s\-()]", "", text)
    return re.sub(r"^(\+|00)?86(?=1\d{10}$)", "", digits)


_FORMS: Mapping[str, tuple[re.Pattern[str], Callable[[str], str]]] = {
    "email": (re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]{2,}"), lambda text: text.strip().lower()),
    "sms": (re.compile(r"1[3-9]\d{9}"), _mobile),
}


def _address(channel: str, address: str) -> str:
    if channel not in _senders:
        raise WrongAddress(_("现在不能用这种方式接收验证码，请换一种。"))
    form, clean = _FORMS[channel]
    cleaned = clean(address)
    if len(cleaned) > 254 or not form.fullmatch(cleaned):
        raise WrongAddress(_("请填写正确的邮箱地址。") if channel == "email" else _("请填写 11 位手机号。"))
    return cleaned


# -- the first step --------------------------------------------------------------------------------------------------------


def start(channel: str, address: str, *, origin: str = "") -> Pending:
    """Send a code to the address and begin a sign-up. ``origin`` is the visitor's network address, kept as a hash.

    Raises:
        WrongAddress, TooSoon
    """
    token, code = secrets.token_urlsafe(32), _new_code()
    row = _write_new(token, code, channel, _address(channel, address), _keyed(origin) if origin else "")
    _senders[channel](row.address, code)
    return _view(token, row)


@in_control_plane
def _write_new(token: str, code: str, channel: str, address: str, origin: str) -> PendingSignup:
    now = timezone.now()
    PendingSignup.objects.filter(created_at__lt=now - SIGNUP_LIFETIME).delete()
    _refuse_floods(address, origin)
    return PendingSignup.objects.create(
        token_hash=_hash(token), channel=channel, address=address, origin=origin,
        code_hash=_keyed(f"{token}:{code}"), code_sent_at=now, created_at=now,
    )  # fmt: skip


def resend(token: str) -> Pending:
    """Send a new code for a sign-up under way; the old one is void.

    Raises:
        UnknownSignup, TooSoon
    """
    code = _new_code()
    row = _write_again(token, code)
    _senders[row.channel](row.address, code)
    return _view(token, row)


@in_control_plane
def _write_again(token: str, code: str) -> PendingSignup:
    with transaction.atomic():
        row = _locked(token)
        _refuse_floods(row.address, row.origin)
        row.code_hash, row.code_sent_at, row.tries = _keyed(f"{token}:{code}"), timezone.now(), 0
        row.codes_sent += 1
        row.save()
        return row


def _refuse_floods(address: str, origin: str) -> None:
    """One code a minute, eight a day to an address, forty a day for a visitor."""
    now = timezone.now()
    same = PendingSignup.objects.filter(address=address, created_at__gte=now - SIGNUP_LIFETIME)
    latest = max((row.code_sent_at for row in same), default=None)
    if latest is not None and now - latest < PAUSE:
        seconds = int((PAUSE - (now - latest)).total_seconds()) + 1
        raise TooSoon(seconds, _("验证码刚刚发过，请 %(seconds)d 秒后再试。") % {"seconds": seconds})
    sent = sum(row.codes_sent for row in same)
    from_origin = PendingSignup.objects.filter(origin=origin, created_at__gte=now - SIGNUP_LIFETIME) if origin else ()
    if sent >= MOST_CODES_PER_ADDRESS or sum(row.codes_sent for row in from_origin) >= MOST_CODES_PER_ORIGIN:
        seconds = int(SIGNUP_LIFETIME.total_seconds())
        raise TooSoon(seconds, _("今天的验证码已发得太多，请明天再试。"))


def verify(token: str, code: str) -> Pending:
    """Prove the address by its code. A sign-up that is proved stays so.

    Raises:
        UnknownSignup, CodeExpired, TooManyTries, WrongCode
    """
    row, problem = _try_code(token, code.strip())
    if problem is not None:
        raise problem
    return _view(token, row)


@in_control_plane
def _try_code(token: str, code: str) -> tuple[PendingSignup, SignupProblem | None]:
    with transaction.atomic():  # a wrong try must count, so the problem is raised after the commit
        row = _locked(token)
        if row.verified_at is not None:
            return row, None
        if row.tries >= MOST_TRIES:
            return row, TooManyTries(_("验证码已错了 5 次，请重新获取。"))
        if timezone.now() - row.code_sent_at > CODE_LIFETIME:
            return row, CodeExpired(_("验证码已过期，请重新获取。"))
        if not hmac.compare_digest(row.code_hash, _keyed(f"{token}:{code}")):
            row.tries += 1
            row.save(update_fields=["tries"])
            left = MOST_TRIES - row.tries
            if left == 0:
                return row, TooManyTries(_("验证码已错了 5 次，请重新获取。"))
            return row, WrongCode(left, _("验证码不对，还可以试 %(left)d 次。") % {"left": left})
        row.verified_at = timezone.now()
        row.save(update_fields=["verified_at"])
        return row, None


# -- the second step -------------------------------------------------------------------------------------------------------


@in_control_plane
def pending(token: str) -> Pending:
    """The sign-up under way. Raises UnknownSignup after 24 hours or when it is complete."""
    return _view(token, _find(token))


@in_control_plane
def save_answers(token: str, answers: Mapping[str, object]) -> Pending:
    """Keep what was typed (never a password), so that a page that is left can be filled again."""
    with transaction.atomic():
        row = _locked(token)
        row.answers = {**row.answers, **{key: value for key, value in answers.items() if "password" not in key}}
        row.save(update_fields=["answers"])
        return _view(token, row)


def complete(token: str, request: NewTenant, *, next: str = "/") -> Completed:
    """Make the company and forget the sign-up. When it fails the sign-up stays, and trying again is safe.

    Raises:
        UnknownSignup, NotVerified
        SlugTaken, ProvisioningFailed: of `tenants.provisioning`.
    """
    if not pending(token).is_verified:
        raise NotVerified(_("请先用验证码证明这个地址是你的。"))
    if "administrator" not in provisioning.steps():
        raise provisioning.ProvisioningFailed("No provisioning step makes an administrator, so nobody could sign in.")
    place, results = provisioning.provision_noting(request)
    account = int(str(results["administrator"]))
    _forget(token)
    with tenant(place):
        return Completed(place=place, handover=handover.issue(account, next=next))


@in_control_plane
def _forget(token: str) -> None:
    PendingSignup.objects.filter(pk=_hash(token)).delete()


@in_control_plane
def delete_expired() -> int:
    """Delete sign-ups older than 24 hours and dead hand-overs; says how many sign-ups."""
    Handover.objects.filter(expires_at__lt=timezone.now()).delete()
    return PendingSignup.objects.filter(created_at__lt=timezone.now() - SIGNUP_LIFETIME).delete()[0]


# -- inside ----------------------------------------------------------------------------------------------------------------


def _find(token: str) -> PendingSignup:
    return _checked(PendingSignup.objects.filter(pk=_hash(token)).first())


def _locked(token: str) -> PendingSignup:
    return _checked(PendingSignup.objects.select_for_update().filter(pk=_hash(token)).first())


def _checked(row: PendingSignup | None) -> PendingSignup:
    if row is None or timezone.now() - row.created_at > SIGNUP_LIFETIME:
        raise UnknownSignup(_("这次注册已过期，请重新开始。"))
    return row


def _view(token: str, row: PendingSignup) -> Pending:
    return Pending(
        token=token, channel=row.channel, address=row.address,
        is_verified=row.verified_at is not None, answers=MappingProxyType(dict(row.answers)),
    )  # fmt: skip


def _new_code() -> str:
    return f"{secrets.randbelow(10**6):06d}"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _keyed(text: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()
