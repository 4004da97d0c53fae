"""What the command palette offers for a few typed letters: places, records, things to make. Only what this person may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from kezhou.access.actor import MemberActor
from kezhou.finding import Group, Hit, SearchRequest, find
from kezhou.records import types
from kezhou.web import menu, spelling
from kezhou.web.home.overview import Recent, recent
from kezhou.web.moments import when
from kezhou.web.shortcuts import keeping

HITS = 12
ACTIONS_ONLY = ">"


@dataclass(frozen=True, slots=True)
class Offer:
    """One line: where it leads; `quick` opens the drawer instead of a page."""

    title: str
    icon: str
    url: str
    note: str = ""
    quick: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """One record found."""

    hit: Hit
    icon: str
    url: str
    date: str


@dataclass(frozen=True, slots=True)
class Palette:
    """Everything shown; `more_url` leads to the search page with the same words."""

    places: tuple[Offer, ...] = ()
    groups: tuple[tuple[Group, tuple[Found, ...]], ...] = ()
    makes: tuple[Offer, ...] = ()
    recent: tuple[Recent, ...] = ()
    total: int = 0
    notice: str = ""
    more_url: str = ""

    @property
    def empty(self) -> bool:
        """True when there is nothing to choose."""
        return not (self.places or self.groups or self.makes or self.recent)


def palette_for(actor: MemberActor, text: str) -> Palette:
    """The offers for `text`; without any, recent records and all places."""
    places, makes = (*_shortcuts(actor), *_places(actor)), _makes(actor)
    if not text:
        shown = [spec for spec in menu.readable(actor) if spec.plugin != menu.SETTINGS_PLUGIN]
        return Palette(places=places, makes=makes, recent=recent(actor, shown))
    if text.startswith(ACTIONS_ONLY):
        return Palette(makes=_matching(makes, text[1:].strip()))
    result = find(actor, SearchRequest(text=text[:200], size=HITS, facets=False))
    known = types(actor)
    groups = tuple(
        (group, tuple(_found(hit, known[hit.type].icon) for hit in hits if hit.type in known))
        for group, hits in result.in_groups()
    )
    return Palette(
        places=_matching(places, text),
        groups=groups,
        makes=_matching(makes, text),
        total=result.total,
        notice=str(result.notice),
        more_url=f"{reverse('search')}?q={text}",
    )


def _found(hit: Hit, icon: str) -> Found:
    return Found(hit, icon, reverse("record", args=[hit.type, hit.pk]), when(hit.date))


def _places(actor: MemberActor) -> tuple[Offer, ...]:
    lists = [
        Offer(str(entry.title), entry.icon, entry.url) for module in menu.modules(actor) for entry in module.entries
    ]
    fixed = [Offer(_("首页"), "smart-home", reverse("home")), Offer(_("帮助与快捷键"), "help", reverse("help"))]
    if actor.is_admin:
        fixed += [
            Offer(title, icon, url)
            for title, icon, name in (
                (_("设置"), "settings", "settings"),
                (_("回收站"), "trash", "recycle-bin"),
            )
            if (url := _url(name))
        ]
    return (*lists, *fixed)


def _shortcuts(actor: MemberActor) -> tuple[Offer, ...]:
    return tuple(Offer(link.title, link.icon, link.url, note=_("快捷方式")) for link in keeping.of(actor) if link.url)


def _makes(actor: MemberActor) -> tuple[Offer, ...]:
    return tuple(
        Offer(_("新建%(title)s") % {"title": entry.title}, "plus", entry.url, quick=True)
        for entry in menu.creatable(actor)
    )


def _matching(offers: Iterable[Offer], text: str) -> tuple[Offer, ...]:
    wanted = text.lower().replace(" ", "")
    return tuple(
        offer
        for offer in offers
        if wanted in offer.title.lower() or any(wanted in key for key in spelling.keys(offer.title))
    )


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
