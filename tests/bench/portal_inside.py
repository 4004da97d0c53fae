"""The portal of the bench company: forty customers with a login each, colleagues and opportunities of their own.

Run as a process of the installation (`tests.bench.inside`); answers what the load needs.
"""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.cached_db import SessionStore

from kezhou import records, switching
from kezhou.access.accounts import set_password
from kezhou.access.actor import System
from kezhou.access.models import Account
from portal.door import SESSION
from portal.grants import group_for
from portal.models import CUSTOMER, PortalUser
from portal.settings.keeping import Wish, add_group, keep
from portal.users import open_for
from tenants.context import tenant
from tenants.directory import find_by_slug
from tests.bench import data

PARTNERS, COLLEAGUES, DEALS = 40, 10, 50
CONTACT, DEAL = "customers.contact", "sales.opportunity"
GIVEN = ((data.TYPE, "read update", ""), (CONTACT, "read create update", "customer"), (DEAL, "read", "customer"))


def main(rows: str) -> dict[str, object]:
    """Make what is missing and say who comes in."""
    facts = data.build(int(rows))
    system = System("benchmark of the portal")
    place = find_by_slug(data.SLUG)
    assert place is not None
    with tenant(place):
        if "portal" not in place.plugins:
            switching.switch_on(system, ("portal",))
    place = find_by_slug(data.SLUG)  # with the portal on
    assert place is not None
    with tenant(place):
        if not PortalUser.objects.exists():
            _furnish(system)
        kept = group_for(CUSTOMER, "", shape_version=0)
        pk = kept.pk if kept is not None else add_group(CUSTOMER, "")
        keep(pk, {key: Wish(frozenset(words.split()), link) for key, words, link in GIVEN})
        return {"slug": facts["slug"], "guests": [_guest(user) for user in PortalUser.objects.order_by("pk")]}


def _furnish(system: System) -> None:
    chosen = list(records.query(system, data.TYPE).order_by("pk").values_list("pk", "name")[: PARTNERS * 1_000 : 1_000])
    for number, (customer, name) in enumerate(chosen):
        people = [
            {"name": f"同事{number}之{n}", "customer": customer, "email": f"guest{number}.{n}@example.com"}
            for n in range(COLLEAGUES)
        ]
        saved = records.save(system, CONTACT, people, twins="allow").demand()
        deals = [{"name": f"{name}差旅项目{n}", "customer": customer} for n in range(DEALS)]
        records.save(system, DEAL, deals, twins="allow").demand()
        open_for(system, CONTACT, saved.pks[0])
        user = PortalUser.objects.get(contact_type=CONTACT, contact=saved.pks[0])
        set_password(Account.objects.get(pk=user.account_id), data.PASSWORD)


def _guest(user: PortalUser) -> dict[str, Any]:
    """A running session as its cookie, and a record to open."""
    account = Account.objects.get(pk=user.account_id)
    session = SessionStore()
    session[SESSION] = {"account": account.pk, "version": account.session_version}
    session.save()
    deals = records.query(System("benchmark of the portal"), DEAL).filter(customer_id=user.partner)
    return {"session": session.session_key, "deals": list(deals.order_by("pk").values_list("pk", flat=True))}
