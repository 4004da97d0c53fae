"""What a record tells the company's people of the portal: how the account of a contact stands, how many of a customer's people come in."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from kezhou.access.actor import Actor
from kezhou.records import Entry
from kezhou.sdk.hooks import Note
from portal import users
from portal.models import PortalUser


def of_contact(actor: Actor, entry: Entry) -> Iterable[Note]:
    """The account of a contact, where there is one."""
    found = PortalUser.objects.filter(contact_type=entry.type.key, contact=entry.pk).first()
    if found is None:
        return
    view = users.view(found)
    sentence, hue = users.STATES[view.state]
    day = f"{localtime(view.last_seen_at):%Y-%m-%d}" if view.last_seen_at else ""
    seen = _("，最近登录 %(when)s") % {"when": day} if day else ""
    url = reverse("portal-user", args=[entry.type.key, entry.pk]) if "portal" in entry.operations else ""
    yield Note(_("门户"), f"{sentence}{seen}", hue, url)


def of_partner(actor: Actor, entry: Entry) -> Iterable[Note]:
    """How many people of a partner may come in, or that nobody may."""
    if users.is_blocked(entry.type.key, [entry.pk]):
        yield Note(_("门户"), _("已停用，所有人都不能进入"), "gry")
        return
    count = PortalUser.objects.filter(partner_type=entry.type.key, partner=entry.pk, enabled=True).count()
    if count:
        yield Note(_("门户"), _("%(n)d 人可以进入") % {"n": count}, "grn")
