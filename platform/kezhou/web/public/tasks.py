"""What the public site hands to the worker."""

from __future__ import annotations

import hashlib

from django.core.cache import cache
from django.utils.translation import gettext as _

from kezhou.access import letters
from kezhou.access.accounts import knows
from kezhou.access.letters import Letter
from kezhou.pages import SIGN_IN
from tenants.context import tenant
from tenants.directory import address_of, each_tenant
from tenants.tasks import task

QUIET_SECONDS = 600


@task(control=True)
def find_companies(channel: str, address: str) -> None:
    """Send the addresses of all companies where `address` has an account; nothing at all where there is none.

    A company is named at most once in ten minutes, so that the page cannot be used to flood somebody's mailbox.
    """
    found = []
    for place in each_tenant():
        with tenant(place):
            if knows(address) and _first_time(address):
                found.append(f"{place.name}  {address_of(place, SIGN_IN)}")
    if not found:
        return
    letters.send(
        Letter(
            channel=channel,
            address=address,
            subject=_("你在客舟的公司"),
            lines=(_("你用这个地址在下面的公司有账号，点网址登录："), *found, _("如果不是你本人在找，请不用理会。")),
        )
    )


def _first_time(address: str) -> bool:
    digest = hashlib.sha256(address.encode()).hexdigest()[:32]
    return bool(cache.add(f"find-company:{digest}", 1, QUIET_SECONDS))
