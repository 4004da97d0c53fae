"""Which fields some group of partners is not shown, of the types that it is given: full-text search keeps them apart, so that the
others can be searched from outside (SRH-13, POR-20)."""

from __future__ import annotations

from collections.abc import Mapping

from portal import grants
from portal.door import is_open
from portal.offers import Offer, offers
from portal.policies import shown


def hidden() -> Mapping[str, frozenset[str]]:
    """By type the keys of fields that a group lacks which is given the type."""
    if not is_open():
        return {}
    found: dict[str, frozenset[str]] = {}
    known = offers()
    for group in grants.load().values():
        for key, offer in known.items():
            above = offer.spec.parent.type if offer.spec.parent is not None else key
            if above in group.types:
                found[key] = found.get(key, frozenset()) | _lacking(offer, frozenset(shown(offer, group)))
    return found


def _lacking(offer: Offer, levels: frozenset[str]) -> frozenset[str]:
    return frozenset(field.key for field in offer.fields if field.key not in levels)
