"""Where the people of partners belong now: who went over to another partner comes in no more, until the company lets them in there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from kezhou import records
from kezhou.access.actor import System
from portal.models import PortalUser
from portal.offers import PartnerType, partner_types


def moved(users: Iterable[PortalUser]) -> frozenset[int]:
    """Which of these are of a contact that belongs to another partner by now, or to none: nobody comes in by them."""
    partners, by_type = partner_types(), defaultdict(list)
    for user in users:
        by_type[user.partner_type].append(user)
    found: set[int] = set()
    for key, held in by_type.items():
        there = _partners_now(partners.get(key), [user.contact for user in held])
        found |= {user.pk for user in held if there.get(user.contact) != user.partner}
    return frozenset(found)


def _partners_now(partner: PartnerType | None, contacts: Sequence[int]) -> dict[int, int | None]:
    if partner is None:
        return {}
    people = records.get_many(System("whose contacts these are"), partner.contacts, contacts)
    return {pk: person.values.get(partner.link) for pk, person in people.items()}
