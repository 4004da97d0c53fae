"""Inviting colleagues: a member without an account gets a link, sets name and password, and takes a seat (TEN-06)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou import parameters, records
from kezhou.access import entitlements, letters, seats
from kezhou.access.accounts import AccountProblem, NewAccount, create_account
from kezhou.access.actor import Actor, System
from kezhou.access.models import Account, Invitation, MemberState
from kezhou.access.names import email_address, mobile_number
from kezhou.access.parameters import INVITATION as VALID_DAYS
from kezhou.access.records import MEMBER
from kezhou.access.roles import set_roles
from tenants.context import current
from tenants.directory import address_of

LONGEST_BATCH = 200


class InvitationProblem(Exception):
    """Why an invitation cannot be made or used; `field` names the input, empty for the whole."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """Whom to invite and how: an existing member (`member_pk`) or a new one (`name`)."""

    channel: str
    address: str = ""
    member_pk: int | None = None
    name: str = ""
    department_pk: int | None = None
    role_pks: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Invited:
    """What came of it: the member, and the link to pass on by hand."""

    member_pk: int
    invitation_pk: int
    link: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Guest:
    """What the page of an invitation shows. `problem` says why it cannot be used any more."""

    member_pk: int
    name: str
    address: str
    inviter: str
    expires_at: datetime
    needs_username: bool
    problem: str = ""


def invite(actor: Actor, wanted: Invite) -> Invited:
    """Make the member if need be, take a seat, give the roles and send the link. Raises InvitationProblem, NotEntitled."""
    address = _checked_address(wanted)
    with seats.taking():
        member_pk = wanted.member_pk if wanted.member_pk is not None else _new_member(actor, wanted, address)
        _demand_invitable(actor, member_pk)
        entitlements.demand("seats")
        _note_address(member_pk, wanted.channel, address)
        if wanted.role_pks:
            set_roles(member_pk, wanted.role_pks)
        seats.set_state(actor, member_pk, MemberState.INVITED)
        return _send(actor, member_pk, wanted.channel, address)


def _checked_address(wanted: Invite) -> str:
    if wanted.channel == Invitation.Channel.LINK:
        return ""
    if wanted.channel not in letters.channels():
        raise InvitationProblem(_("这里没有配置短信，请用邮件或链接邀请。"), field="channel")
    read = email_address if wanted.channel == Invitation.Channel.EMAIL else mobile_number
    address = read(wanted.address)
    if address is None:
        kind = _("邮箱") if wanted.channel == Invitation.Channel.EMAIL else _("手机号")
        raise InvitationProblem(_("请填写正确的%(kind)s，邀请会发到那里。") % {"kind": kind}, field="address")
    if Account.objects.filter(**{_column(wanted.channel): address}).exists():
        raise InvitationProblem(_("“%(address)s”已经是公司里一个账号。") % {"address": address}, field="address")
    return address


def _column(channel: str) -> str:
    return "email" if channel == Invitation.Channel.EMAIL else "mobile"


def _new_member(actor: Actor, wanted: Invite, address: str) -> int:
    row: dict[str, object] = {"name": wanted.name, "department": wanted.department_pk}
    if address:
        row[_column(wanted.channel)] = address
    result = records.save(actor, MEMBER, [row], twins="allow")
    if not result.ok:
        problem = result.problems[0]
        raise InvitationProblem(problem.sentence, field=problem.field)
    return result.pk


def _demand_invitable(actor: Actor, member_pk: int) -> None:
    state = records.get(actor, MEMBER, member_pk).values["state"]
    if state == MemberState.NOT_INVITED:
        return
    sentences = {
        MemberState.INVITED.value: _("这位成员已经有一份邀请，可以重发或撤回它。"),
        MemberState.ACTIVE.value: _("这位成员已经有账号。"),
        MemberState.OFF.value: _("这位成员已停用，请先恢复。"),
    }
    raise InvitationProblem(sentences[str(state)], field="member")


def _note_address(member_pk: int, channel: str, address: str) -> None:
    if address:
        system = System("the address an invitation goes to")
        records.save(system, MEMBER, [{"pk": member_pk, _column(channel): address}], twins="allow", source="system")


def _send(actor: Actor, member_pk: int, channel: str, address: str) -> Invited:
    row, link = issue(actor, Invitation(member_id=member_pk, channel=channel, address=address), "/invitation/")
    if address:
        letters.send(_letter(actor, channel, address, link))
    return Invited(member_pk, row.pk, link, row.expires_at)


def issue(actor: Actor, row: Invitation, entrance: str) -> tuple[Invitation, str]:
    """Keep an invitation of a member or an account, and give its link; of the link itself only a hash is kept."""
    token, now = secrets.token_urlsafe(32), timezone.now()
    row.token_hash, row.invited_by_id, row.created_at = hashed(token), actor.member_pk, now
    row.sent_at = now if row.address else None
    row.expires_at = now + timedelta(days=parameters.whole(VALID_DAYS, actor))
    row.save(force_insert=True)
    return row, address_of(current(), f"{entrance}{token}")


def _letter(actor: Actor, channel: str, address: str, link: str) -> letters.Letter:
    facts = {"name": actor.name, "company": current().name, "days": parameters.whole(VALID_DAYS, actor)}
    return letters.Letter(
        channel=channel,
        address=address,
        subject=_("%(name)s 邀请你加入 %(company)s") % facts,
        lines=(
            _("%(name)s 邀请你使用 %(company)s 的客舟。打开下面的链接，设好姓名和密码就能开始。") % facts,
            _("链接 %(days)d 天内有效，只能用一次。如果你不认识发信人，请不用理会。") % facts,
        ),
        link=link,
        link_label=_("接受邀请"),
    )


def hashed(token: str) -> str:
    """How a token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def pending_of(member_pk: int) -> Invitation | None:
    """The invitation of a member that is neither accepted nor revoked (it may have expired)."""
    return (
        Invitation.objects.filter(member_id=member_pk, accepted_at=None, revoked_at=None)
        .order_by("-created_at")
        .first()
    )


def resend(actor: Actor, member_pk: int) -> Invited:
    """A new link by the same way; the old one opens nothing any more."""
    with transaction.atomic():
        old = _demand_pending(member_pk)
        end_open(member_id=member_pk)
        return _send(actor, member_pk, old.channel, old.address)


def revoke(actor: Actor, member_pk: int) -> None:
    """Take an invitation back: its link is dead, the seat is free, the member stays with all records."""
    with transaction.atomic():
        _demand_pending(member_pk)
        end_open(member_id=member_pk)
        seats.set_state(actor, member_pk, MemberState.NOT_INVITED)


def _demand_pending(member_pk: int) -> Invitation:
    found = pending_of(member_pk)
    if found is None:
        raise InvitationProblem(_("这位成员没有待接受的邀请，可能已经接受或撤回了。"))
    return found


def end_open(**of: int) -> None:
    """Whatever invitation is open `of` this member (`member_id`) or account (`account_id`) opens nothing any more."""
    Invitation.objects.filter(**of, accepted_at=None, revoked_at=None).update(revoked_at=timezone.now())


def guest(token: str) -> Guest:
    """What the link shows. Raises InvitationProblem for a link that never was one."""
    row = Invitation.objects.filter(token_hash=hashed(token), account=None).first()
    if row is None:
        raise InvitationProblem(_("这个邀请链接不对。请检查是否复制完整，或请同事重发一份。"))
    system = System("the page of an invitation")
    people = records.get_many(system, MEMBER, [pk for pk in (row.member_id, row.invited_by_id) if pk is not None])
    member = people.get(row.member_id or 0)
    inviter = people.get(row.invited_by_id) if row.invited_by_id is not None else None
    return Guest(
        member_pk=row.member_id or 0,
        name=str(member.values["name"]) if member else "",
        address=row.address,
        inviter=str(inviter.values["name"]) if inviter else "",
        expires_at=row.expires_at,
        needs_username=not _addresses(row, member),
        problem=problem_of(row) if member else _("这份邀请已经撤回。"),
    )


def problem_of(row: Invitation) -> str:
    """Why an invitation opens nothing any more, or ""."""
    if row.accepted_at is not None:
        return _("这份邀请已经用过了，请直接登录。")
    if row.revoked_at is not None:
        return _("这份邀请已经撤回，或被后来重发的一份取代。请用最新的链接，或联系邀请你的人。")
    if row.expires_at <= timezone.now():
        return _("这份邀请已经过期，请联系邀请你的人重发一份。")
    return ""


def _addresses(row: Invitation, member: records.Entry | None) -> dict[str, str]:
    found = {"email": "", "mobile": ""}
    if member is not None:
        found = {key: str(member.values.get(key) or "") for key in found}
    if row.address:
        found[_column(row.channel)] = row.address
    return {key: value for key, value in found.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """What the invited person filled in."""

    name: str
    password: str
    username: str = ""


def accept(token: str, given: Acceptance) -> Account:
    """Make the account and put the member in office. Raises InvitationProblem with the field that is wrong."""
    with transaction.atomic():
        row = Invitation.objects.select_for_update().filter(token_hash=hashed(token), account=None).first()
        if row is None:
            raise InvitationProblem(_("这个邀请链接不对。请检查是否复制完整，或请同事重发一份。"))
        system = System("an invited person accepts", member_pk=row.member_id)
        member = records.get(system, MEMBER, row.member_id or 0)
        problem = problem_of(row)
        if problem:
            raise InvitationProblem(problem)
        name = given.name.strip() or str(member.values["name"])
        account = _account(row, member, name, given)
        change = {"pk": row.member_id, "name": name, "state": MemberState.ACTIVE.value}
        result = records.save(system, MEMBER, [change], twins="allow", source="system")
        if not result.ok:
            raise InvitationProblem(result.sentence, field=result.problems[0].field)
        Invitation.objects.filter(pk=row.pk).update(accepted_at=timezone.now())
        return account


def _account(row: Invitation, member: records.Entry, name: str, given: Acceptance) -> Account:
    wanted = NewAccount(username=given.username, password=given.password, **_addresses(row, member))
    try:
        return create_account(row.member_id or 0, wanted, words=(name,))
    except AccountProblem as problem:
        raise InvitationProblem(str(problem), field=problem.field) from problem


def lapse_old() -> int:
    """Delete invitations that ended more than 90 days ago. Returns how many."""
    return Invitation.objects.filter(expires_at__lt=timezone.now() - timedelta(days=90)).delete()[0]
