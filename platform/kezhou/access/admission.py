"""Strangers who say they belong to the company and ask to be let in, from the public site."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.access import letters
from kezhou.access.actor import Actor, System
from kezhou.access.invitations import Invite, Invited, invite
from kezhou.access.models import AdmissionRequest, Invitation
from kezhou.access.names import email_address, mobile_number
from kezhou.access.records import MEMBER
from kezhou.access.roles import administrators
from tenants.context import current
from tenants.directory import address_of

MOST_OPEN = 50


def request(*, name: str, address: str, message: str = "") -> bool:
    """Note a wish to be let in and tell the administrators. Called inside the tenant.

    The same address asking again changes nothing; with 50 requests open no further one is taken. True when it was noted.
    """
    plain = email_address(address) or mobile_number(address)
    if plain is None:
        raise ValueError("An admission request needs an e-mail address or a mobile number.")
    waiting = AdmissionRequest.objects.filter(handled_at=None)
    if waiting.filter(address=plain).exists() or waiting.count() >= MOST_OPEN:
        return False
    with transaction.atomic():
        AdmissionRequest.objects.create(name=name.strip()[:40], address=plain, message=message.strip()[:300])
        _tell_administrators(name.strip()[:40], plain)
    return True


def _tell_administrators(name: str, address: str) -> None:
    people = records.get_many(System("telling administrators of an admission request"), MEMBER, administrators())
    facts = {"name": name, "address": address, "company": current().name}
    for entry in people.values():
        if entry.values.get("email"):
            letters.send(
                letters.Letter(
                    channel=letters.EMAIL,
                    address=str(entry.values["email"]),
                    subject=_("%(name)s 想加入 %(company)s") % facts,
                    lines=(_("%(name)s（%(address)s）在客舟网站上申请加入 %(company)s。是否邀请由你决定。") % facts,),
                    link=address_of(current(), "/settings/members"),
                    link_label=_("去看一看"),
                )
            )


def waiting() -> tuple[AdmissionRequest, ...]:
    """The requests nobody has decided yet, oldest first."""
    return tuple(AdmissionRequest.objects.filter(handled_at=None).order_by("created_at"))


def admit(actor: Actor, pk: int, *, role_pks: Sequence[int] = ()) -> Invited:
    """Invite the one who asked. Raises LookupError when it was decided already, and what `invite` raises."""
    with transaction.atomic():
        row = _decide(actor, pk, accepted=True)
        mail = email_address(row.address) is not None
        channel = Invitation.Channel.EMAIL if mail else Invitation.Channel.SMS
        if channel not in letters.channels():
            channel = Invitation.Channel.LINK
        return invite(actor, Invite(channel=channel, address=row.address, name=row.name, role_pks=role_pks))


def ignore(actor: Actor, pk: int) -> None:
    """Put a request aside. Raises LookupError when it was decided already."""
    _decide(actor, pk, accepted=False)


def _decide(actor: Actor, pk: int, *, accepted: bool) -> AdmissionRequest:
    changed = AdmissionRequest.objects.filter(pk=pk, handled_at=None).update(
        handled_at=timezone.now(), handled_by_id=actor.member_pk, accepted=accepted
    )
    if not changed:
        raise LookupError(_("这个申请已经处理过了。"))
    return AdmissionRequest.objects.get(pk=pk)
