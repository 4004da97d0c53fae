"""Making, checking and revoking tokens. The secret is shown once; the database holds its hash."""

from __future__ import annotations

import datetime
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou.access.actor import MemberActor
from kezhou.access.actors import FACTS, MAY_ACT, actor_for, actor_from
from kezhou.api.models import Token
from kezhou.records.spec import NotAllowed, RecordError, RecordNotFound

PREFIX = "kz_"
SHOWN = 10
MOST_PER_MEMBER = 20
USE_NOTED_EVERY = datetime.timedelta(minutes=5)
LONGEST_NAME = 60

_BY_HASH = f"""
    SELECT t.id, t.name, t.start, t.member, t.read_only, t.made_at, t.expires_on, t.used_at, t.revoked_at, {MAY_ACT}, {FACTS}
      FROM api_token t LEFT JOIN access_member m ON m.id = t.member LEFT JOIN access_account a ON a.member_id = m.id
     WHERE t.hash = %s"""  # noqa: S608  # constants of kezhou.access


class TokenError(RecordError):
    """A token cannot be made as asked; `field` names the input."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        self.field = field
        super().__init__(sentence)


class TokenRefused(Exception):
    """A token that opens nothing: `code` is token_invalid, token_expired, token_revoked or token_member_off."""

    def __init__(self, code: str, sentence: str) -> None:
        self.code = code
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token as its page shows it."""

    pk: int
    name: str
    start: str
    member: int
    read_only: bool
    made_at: datetime.datetime
    expires_on: datetime.date | None
    used_at: datetime.datetime | None

    @property
    def expired(self) -> bool:
        """Whether its last day is over."""
        return self.expires_on is not None and self.expires_on < timezone.localdate()


def make(
    actor: MemberActor,
    *,
    name: str,
    member: int | None = None,
    expires_on: datetime.date | None = None,
    read_only: bool = False,
) -> tuple[TokenView, str]:
    """A new token and its secret, which nobody can read again. Another member's token is made by administrators only.

    Raises TokenError with the sentence for its field, NotAllowed.
    """
    owner = actor.member_pk if member is None else member
    if owner != actor.member_pk and not actor.is_admin:
        raise NotAllowed(_("只有管理员能为别的成员建令牌。"))
    if not name.strip() or len(name.strip()) > LONGEST_NAME:
        raise TokenError(
            _("请给令牌起一个 1 到 %(limit)d 字的名字，写明给哪个程序用。") % {"limit": LONGEST_NAME}, field="name"
        )
    if expires_on is not None and expires_on < timezone.localdate():
        raise TokenError(
            _("到期日 %(day)s 已经过去，请选今天或以后。") % {"day": expires_on.isoformat()}, field="expires_on"
        )
    if actor_for(owner, via="token") is None:
        raise TokenError(_("这位成员不在职，不能有令牌。"), field="member")
    if Token.objects.filter(member=owner, revoked_at=None).count() >= MOST_PER_MEMBER:
        raise TokenError(_("每位成员最多 %(limit)d 个令牌，请先作废不用的。") % {"limit": MOST_PER_MEMBER})
    secret = PREFIX + secrets.token_urlsafe(32)
    row = Token.objects.create(
        name=name.strip(), hash=_hash(secret), start=secret[:SHOWN], member=owner, read_only=read_only,
        made_by=actor.member_pk, made_at=timezone.now(), expires_on=expires_on,
    )  # fmt: skip
    return _view(row), secret


def listed(actor: MemberActor) -> Sequence[TokenView]:
    """The actor's tokens, newest first; an administrator sees everybody's."""
    rows = Token.objects.filter(revoked_at=None).order_by("-pk")
    return [_view(row) for row in (rows if actor.is_admin else rows.filter(member=actor.member_pk))]


def revoke(actor: MemberActor, pk: int) -> TokenView:
    """Ends a token at once. Raises RecordNotFound for one that is not there or not the actor's to see."""
    row = Token.objects.filter(pk=pk, revoked_at=None).first()
    if row is None or (row.member != actor.member_pk and not actor.is_admin):
        raise RecordNotFound(_("没有这个令牌，或者已经作废。"))
    row.revoked_at = timezone.now()
    row.save(update_fields=["revoked_at"])
    return _view(row)


def opened(secret: str) -> tuple[MemberActor, TokenView]:
    """The member behind a secret, with the rights of now. Raises TokenRefused."""
    row = _read(secret) if secret.startswith(PREFIX) else None
    if row is None:
        raise TokenRefused("token_invalid", _("令牌不对。请核对有没有抄全，或在“设置 · 接口与令牌”里新建一个。"))
    view, (revoked_at, may_act), facts = TokenView(*row[:8]), row[8:10], row[10:]
    if revoked_at is not None:
        raise TokenRefused("token_revoked", _("令牌“%(name)s”已经作废，请换一个。") % {"name": view.name})
    if view.expired:
        raise TokenRefused("token_expired", _("令牌“%(name)s”已经到期，请新建一个。") % {"name": view.name})
    if not may_act:
        raise TokenRefused("token_member_off", _("令牌“%(name)s”的成员已停用，令牌不再有效。") % {"name": view.name})
    _note_use(view)
    return actor_from(facts, "token"), view


def _read(secret: str) -> tuple[Any, ...] | None:
    """Token and member in one statement without the ORM: every call of the API pays for it."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_HASH, [_hash(secret)])
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def _note_use(view: TokenView) -> None:
    now = timezone.now()
    if view.used_at is None or now - view.used_at > USE_NOTED_EVERY:
        Token.objects.filter(pk=view.pk).update(used_at=now)


def _hash(secret: str) -> str:
    """SHA-256 is right for 256 random bits; nothing could be guessed from it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _view(row: Token) -> TokenView:
    return TokenView(row.pk, row.name, row.start, row.member, row.read_only, row.made_at, row.expires_on, row.used_at)
