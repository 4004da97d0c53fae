"""What the command palette shows for a few typed letters: what can be done here, places, records, things to make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse

from kezhou.access.actor import MemberActor
from kezhou.finding import Group, Hit, SearchRequest, find
from kezhou.records import types
from kezhou.records.spec import TypeSpec
from kezhou.web import menu
from kezhou.web.finding import offers, suggestions
from kezhou.web.finding import request as asked
from kezhou.web.finding.offers import Offer
from kezhou.web.home.overview import Recent, recent
from kezhou.web.moments import when

HITS = 12
ACTIONS_ONLY = ">"


@dataclass(frozen=True, slots=True)
class Found:
    """One record found, as the palette and the search page show it."""

    hit: Hit
    icon: str
    url: str
    date: str

    @classmethod
    def of(cls, hit: Hit, known: Mapping[str, TypeSpec]) -> Found:
        """A hit with its address; a kind that was switched off meanwhile has no icon of its own."""
        icon = known[hit.type].icon if hit.type in known else "file"
        return cls(hit, icon, reverse("record", args=[hit.type, hit.pk]), when(hit.date))


@dataclass(frozen=True, slots=True)
class Palette:
    """Everything shown; `here` is what can be done with the record on view, `more_url` leads to the search page with the same words."""

    places: tuple[Offer, ...] = ()
    groups: tuple[tuple[Group, tuple[Found, ...]], ...] = ()
    makes: tuple[Offer, ...] = ()
    recent: tuple[Recent, ...] = ()
    seen: tuple[Offer, ...] = ()
    views: tuple[Offer, ...] = ()
    settings: tuple[Offer, ...] = ()
    searches: tuple[Offer, ...] = ()
    values: tuple[Offer, ...] = ()
    here: tuple[Offer, ...] = ()
    here_title: str = ""
    total: int = 0
    notice: str = ""
    more_url: str = ""

    @property
    def empty(self) -> bool:
        """True when there is nothing to choose."""
        return not (
            self.places
            or self.groups
            or self.makes
            or self.recent
            or self.seen
            or self.views
            or self.settings
            or self.searches
            or self.values
            or self.here
        )


def palette_for(actor: MemberActor, text: str, *, at: str = "", seen: str = "") -> Palette:
    """The offers for `text`; without any, what can be done at the address `at`, records looked at lately and all places."""
    title, here = offers.here(actor, at) if at else ("", ())
    makes = offers.makes(actor)
    if not text:
        looked = offers.seen(actor, seen)
        shown = [spec for spec in menu.readable(actor) if spec.plugin != menu.SETTINGS_PLUGIN]
        changed = () if looked else recent(actor, shown)
        return Palette(
            places=offers.places(actor), makes=makes, recent=changed, seen=looked, here=here, here_title=title
        )
    if text.startswith(ACTIONS_ONLY):
        wanted = text[1:].strip()
        return Palette(makes=offers.matching(makes, wanted), here=offers.matching(here, wanted), here_title=title)
    opened = asked.opened(seen)
    result = find(actor, SearchRequest(text=text, size=HITS, facets=False, opened=opened))
    known = types(actor)
    groups = tuple((group, tuple(Found.of(hit, known) for hit in hits)) for group, hits in result.in_groups())
    return Palette(
        places=offers.matching(offers.places(actor), text),
        groups=groups,
        makes=offers.matching(makes, text),
        views=offers.views(actor, text),
        settings=offers.company_settings(actor, text),
        searches=suggestions.searches(actor, text),
        values=suggestions.values(actor, text),
        here=offers.matching(here, text),
        here_title=title,
        total=result.total,
        notice=str(result.notice),
        more_url=suggestions.address(q=text),
    )
