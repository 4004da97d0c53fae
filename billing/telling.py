"""Telling a company's administrators something about their plan: a notice in the inbox and a letter."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou import notify, records
from kezhou.access import letters
from kezhou.access.actor import System
from kezhou.access.entitlements import UPGRADE_URL
from kezhou.access.records import MEMBER
from kezhou.access.roles import administrators
from kezhou.notify import kinds
from tenants.context import Current, control_plane, tenant
from tenants.directory import address_of

KIND = kinds.Kind("billing", gettext_lazy("套餐到期、欠费和恢复"), "system", icon="credit-card", url=UPGRADE_URL)
kinds.register(KIND)


def tell_administrators(place: Current, sentence: str, note: str) -> int:
    """Each administrator in office gets a notice, and a letter where an e-mail address is known; says how many they are."""
    system = System("telling administrators about the plan")
    with control_plane(), tenant(place):  # from wherever: also from a page of the operator's own tenant
        people = administrators()
        notify.tell(system, people, kind=KIND.key, sentence=sentence, note=note)
        for entry in records.get_many(system, MEMBER, people).values():
            if entry.values.get("email"):
                letters.send(_letter(place, str(entry.values["email"]), sentence, note))
    return len(people)


def _letter(place: Current, address: str, sentence: str, note: str) -> letters.Letter:
    return letters.Letter(
        channel=letters.EMAIL,
        address=address,
        subject=_("%(company)s：%(sentence)s") % {"company": place.name, "sentence": sentence},
        lines=(note,),
        link=address_of(place, UPGRADE_URL),
        link_label=_("套餐与账单"),
    )
