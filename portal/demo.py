"""The demo company's portal: one customer comes in, and sees its own contacts, meetings and what may be shown of them."""

from __future__ import annotations

import secrets

from django.utils.translation import gettext as _

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.demo import Login
from portal import users
from portal.door import is_open
from portal.models import Group
from portal.settings.keeping import Wish, keep
from tenants.context import current
from tenants.directory import address_of

CONTACT = "customers.contact"
GIVEN = (
    ("meetings.order", "read create update export print", "customer", 10),
    (CONTACT, "read create update", "customer", 20),
    ("customers.customer", "read update", "", 30),
)


def login(actor: Actor) -> Login | None:
    """Let in the first contact that can be written to; None where the portal is off."""
    person = _person(actor) if is_open() else None
    if person is None:
        return None
    present = records.types(actor)
    first = Group.objects.order_by("pk").first()
    if first is not None:
        keep(
            first.pk,
            {key: Wish(frozenset(words.split()), link, (), at) for key, words, link, at in GIVEN if key in present},
        )
    password = f"{secrets.token_hex(3)}-{secrets.randbelow(9000) + 1000}"
    account = users.open_with_password(actor, CONTACT, person.pk, password)
    return Login(title=_("客户门户"), address=address_of(current(), "/portal/"), login=str(account), password=password)


def _person(actor: Actor) -> records.Entry | None:
    """A contact of a customer with meetings, so that there is something to see."""
    orders = records.types(actor).get("meetings.order")
    wanted = records.query(actor, orders).values_list("customer_id", flat=True) if orders else []
    rows = records.query(actor, CONTACT).exclude(email="", mobile="")
    found = rows.filter(customer__in=list(wanted)).order_by("pk").first() or rows.order_by("pk").first()
    return None if found is None else records.get(actor, CONTACT, found.pk)
