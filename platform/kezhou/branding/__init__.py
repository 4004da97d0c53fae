"""How a company looks (TEN-07): its title, logo and colour on sign-in page, frame, portal, prints and mails.

`branding(place)` is the one answer. It costs no statement, since all of it comes with the tenant (`tenants.context.Current`).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.http import urlencode

from kezhou.branding.colours import Colours, colours_of
from tenants.context import Current

__all__ = ["Branding", "branding"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Branding:
    """What stands for a company wherever its people, customers and partners look.

    `title` is what the system is called here, `company` the company's name, `seal` one or two characters for where there is no
    logo. `logo`, `logo_small` and `stylesheet` are paths on the company's own host, empty for none. `colours` is None while the
    product's own are used.
    """

    title: str
    company: str
    seal: str
    logo: str = ""
    logo_small: str = ""
    stylesheet: str = ""
    colours: Colours | None = None


def branding(place: Current) -> Branding:
    """How this company looks."""
    name = place.logo.rpartition("/")[2]
    return Branding(
        title=place.title or place.name,
        company=place.name,
        seal=place.seal or place.name[:1] or "客",
        logo=f"/brand/{name}" if name else "",
        logo_small=f"/brand/{name}?small" if name else "",
        stylesheet=f"/brand.css?{urlencode({'v': place.colour[1:]})}" if place.colour else "",
        colours=colours_of(place.colour) if place.colour else None,
    )
