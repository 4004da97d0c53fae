"""The accounts of people of customers and partners, as the company's people make, end and renew them (POR-01)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou import parameters, records
from kezhou.access import letters
from kezhou.access.accounts import AccountProblem, NewAccount, create_portal_account, rename_account, set_password
from kezhou.access.actor import Actor, System
from kezhou.access.invitations import end_open, issue
from kezhou.access.models import Account, Invitation
from kezhou.access.parameters import INVITATION
from kezhou.access.sign_in import sign_out_everywhere
from portal import acts, codes
from portal.look import look
from portal.models import CUSTOMER, BlockedPartner, PortalUser
from portal.offers import partner_types
from portal.whereabouts import moved
from tenants.context import current

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

INVITED, ACTIVE, OFF, EXPIRED = "invited", "active", "off", "expired"
PARTNER_OFF, MOVED = "partner_off", "moved"


class UserProblem(Exception):
    """Why an account cannot be made or used; `field` names the question, "" for the whole."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class Way:
    """How an invitation went: the link to pass on by hand, and where it was sent ("" for nowhere)."""

    link: str
    address: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class UserView:
    """A portal account as pages show it. `state` is invited, expired, active, off, partner_off or moved."""

    login: str
    kind: str
    state: str
    last_seen_at: datetime | None
    expires_at: datetime | None


STATES: Mapping[str, tuple[StrOrPromise, str]] = {
    INVITED: (gettext_lazy("已邀请，还没有接受"), "amb"),
    EXPIRED: (gettext_lazy("邀请已过期"), "rd1"),
    ACTIVE: (gettext_lazy("已开通"), "grn"),
    OFF: (gettext_lazy("已停用"), "gry"),
    PARTNER_OFF: (gettext_lazy("所属客户的门户已停用"), "gry"),
    MOVED: (gettext_lazy("已换到别的客户，要重新开通"), "amb"),
}


def open_for(actor: Actor, contact_type: str, contact: int, *, kind: str = CUSTOMER) -> Way:
    """Give a contact an account and invite; who went over to another customer comes in there anew. Raises UserProblem."""
    person, partner_type, partner = _person(contact_type, contact)
    found = PortalUser.objects.filter(contact_type=contact_type, contact=contact).first()
    if found is not None and (found.partner_type, found.partner) == (partner_type, partner):
        raise UserProblem(_("“%(name)s”已经有门户账号。") % {"name": person.title})
    with transaction.atomic():
        if found is not None:
            PortalUser.objects.filter(pk=found.pk).update(
                partner_type=partner_type, partner=partner, kind=kind, enabled=True
            )
            acts.note("opened", user=found.pk, name=actor.name, told=person.title)
            return reset(actor, found.pk)
        return invite(actor, _opened(actor, person, partner_type, partner, kind).pk)


def open_with_password(actor: Actor, contact_type: str, contact: int, password: str) -> Account:
    """Give a contact an account that is open at once, without any letter: for the demo company. Raises UserProblem, AccountProblem."""
    person, partner_type, partner = _person(contact_type, contact)
    with transaction.atomic():
        account = Account.objects.get(pk=_opened(actor, person, partner_type, partner, CUSTOMER).account_id)
        set_password(account, password)
    return account


def _opened(actor: Actor, person: records.Entry, partner_type: str, partner: int, kind: str) -> PortalUser:
    user = PortalUser.objects.create(
        account=_account(person), contact_type=person.type.key, contact=person.pk, partner_type=partner_type,
        partner=partner, kind=kind, created_by_id=actor.member_pk,
    )  # fmt: skip
    acts.note("opened", user=user.pk, name=actor.name, told=person.title)
    return user


def _person(contact_type: str, contact: int) -> tuple[records.Entry, str, int]:
    """The contact, and the partner whose it is. Raises UserProblem."""
    system = System("a contact is to come into the portal")
    person = records.get(system, contact_type, contact)
    found = next((p for p in partner_types().values() if p.contacts == contact_type), None)
    partner = person.values.get(found.link) if found is not None else None
    if found is None or partner is None:
        raise UserProblem(_("“%(name)s”没有所属客户，不能开通门户。请先填写所属客户。") % {"name": person.title})
    return person, found.spec.key, int(partner)


def _account(person: records.Entry) -> Account:
    try:
        return create_portal_account(_names(person))
    except AccountProblem as problem:
        raise UserProblem(str(problem)) from problem


def _names(person: records.Entry, username: str = "") -> NewAccount:
    email, mobile = (str(person.values.get(key) or "") for key in ("email", "mobile"))
    if not (email or mobile):
        raise UserProblem(_("“%(name)s”没有邮箱和手机，不能登录。请先填写其中一个。") % {"name": person.title})
    return NewAccount(username=username, email=email, mobile=mobile)


def _named_as_in_file(user: PortalUser) -> Account:
    """The account, by the names in the contact file: an address that was corrected there counts (POR-01). Raises UserProblem."""
    account = Account.objects.get(pk=user.account_id)
    person, _type, _partner = _person(user.contact_type, user.contact)
    try:
        return rename_account(account, _names(person, account.username or ""))
    except AccountProblem as problem:
        raise UserProblem(str(problem)) from problem


def invite(actor: Actor, user_pk: int) -> Way:
    """A new link to set a password, sent to where the contact file says; earlier ones open nothing any more. Raises UserProblem."""
    user = _user(user_pk)
    account = _named_as_in_file(user)
    channel, address = _reachable(account)
    with transaction.atomic():
        end_open(account_id=account.pk)
        row, link = issue(actor, Invitation(account=account, channel=channel, address=address), "/portal/invitation/")
        if address:
            letters.send(_letter(actor, channel, address, link))
        acts.note("invited", user=user.pk, name=actor.name, told=address)
    return Way(link, address, row.expires_at)


def _reachable(account: Account) -> tuple[str, str]:
    if account.email:
        return letters.EMAIL, account.email
    if account.mobile and letters.SMS in letters.channels():
        return letters.SMS, account.mobile
    return Invitation.Channel.LINK, ""


def _letter(actor: Actor, channel: str, address: str, link: str) -> letters.Letter:
    facts = {"portal": look().name, "company": current().name, "days": parameters.whole(INVITATION, actor)}
    return letters.Letter(
        channel=channel,
        address=address,
        subject=_("%(company)s 邀请你使用 %(portal)s") % facts,
        lines=(
            _("%(company)s 为你开通了 %(portal)s。打开下面的链接，设一个密码就能登录。") % facts,
            _("链接 %(days)d 天内有效，只能用一次。如果你不认识这家公司，请不用理会。") % facts,
        ),
        link=link,
        link_label=_("设置密码并登录"),
    )


def reset(actor: Actor, user_pk: int) -> Way:
    """The password opens nothing any more, running sessions end, and a new link is sent."""
    user = _user(user_pk)
    with transaction.atomic():
        account = Account.objects.select_for_update().get(pk=user.account_id)
        account.set_unusable_password()
        account.session_version += 1
        account.save(update_fields=["password", "session_version"])
        codes.forget(account.pk)
        acts.note("reset", user=user.pk, name=actor.name)
        return invite(actor, user_pk)


def close_ways_in(account: int) -> None:
    """After a new password neither a code nor a link that is still on its way opens anything."""
    codes.forget(account)
    end_open(account_id=account)


def enable(actor: Actor, user_pk: int, *, enabled: bool) -> None:
    """Let somebody in again, or out at once (POR-23)."""
    user = _user(user_pk)
    with transaction.atomic():
        PortalUser.objects.filter(pk=user.pk).update(enabled=enabled)
        if not enabled:
            sign_out_everywhere(user.account_id)
            codes.forget(user.account_id)
        acts.note("enabled" if enabled else "disabled", user=user.pk, name=actor.name)


def block(actor: Actor, partner_type: str, partner: int, *, blocked: bool) -> None:
    """Let nobody of a partner in, or those with accounts again (POR-23)."""
    with transaction.atomic():
        if blocked:
            BlockedPartner.objects.get_or_create(
                type=partner_type, partner=partner, defaults={"by_name": actor.name[:120]}
            )
        else:
            BlockedPartner.objects.filter(type=partner_type, partner=partner).delete()
        for pk in PortalUser.objects.filter(partner_type=partner_type, partner=partner).values_list("pk", flat=True):
            acts.note("disabled" if blocked else "enabled", user=pk, name=actor.name, told=_("整个客户"))


def is_blocked(partner_type: str, partners: Sequence[int]) -> frozenset[int]:
    """Which of these partners are blocked."""
    rows = BlockedPartner.objects.filter(type=partner_type, partner__in=partners)
    return frozenset(rows.values_list("partner", flat=True))


def with_people(partner_type: str, partners: Sequence[int]) -> frozenset[int]:
    """Which of these partners have people with accounts."""
    rows = PortalUser.objects.filter(partner_type=partner_type, partner__in=partners)
    return frozenset(rows.values_list("partner", flat=True))


def view(user: PortalUser) -> UserView:
    """An account as pages show it."""
    account = Account.objects.get(pk=user.account_id)
    open_one = Invitation.objects.filter(account=account, accepted_at=None, revoked_at=None).order_by("-pk").first()
    expires = None if open_one is None else open_one.expires_at
    return UserView(str(account), user.kind, _state(user, account, expires), user.last_seen_at, expires)


def _state(user: PortalUser, account: Account, expires: datetime | None) -> str:
    if moved([user]):
        return MOVED
    if not user.enabled or not account.is_active:
        return OFF
    if is_blocked(user.partner_type, [user.partner]):
        return PARTNER_OFF
    if account.has_usable_password():
        return ACTIVE
    return INVITED if expires is not None and expires > timezone.now() else EXPIRED


def of_contacts(contact_type: str, contacts: Sequence[int]) -> dict[int, PortalUser]:
    """The portal users of these contacts, by contact: one statement."""
    rows = PortalUser.objects.filter(contact_type=contact_type, contact__in=list(contacts))
    return {row.contact: row for row in rows}


def _user(pk: int) -> PortalUser:
    found = PortalUser.objects.filter(pk=pk).first()
    if found is None:
        raise UserProblem(_("没有这个门户账号。"))
    return found
