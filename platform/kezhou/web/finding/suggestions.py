"""What is offered while letters are typed into a search box, from the first one on: what the person looked for before, names, and people,
departments and classes by which hits can be narrowed. Everything by the person's rights of now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.access.actor import MemberActor
from kezhou.finding import SearchRequest, find, measuring
from kezhou.records import ListRequest, fields_for
from kezhou.records.spec import Purpose, UnknownType
from kezhou.web import spelling
from kezhou.web.finding import offers
from kezhou.web.finding.offers import Offer
from kezhou.web.shortcuts import keeping

NAMES, RECENT, SAVED, VALUES = 8, 3, 3, 5
LONGEST = 40
"""A longer text is a search and no beginning of one."""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Three groups, each empty where nothing fits."""

    searches: tuple[Offer, ...] = ()
    names: tuple[Offer, ...] = ()
    values: tuple[Offer, ...] = ()

    @property
    def any(self) -> bool:
        """Whether there is anything to offer."""
        return bool(self.searches or self.names or self.values)


def suggested(actor: MemberActor, text: str, *, opened: tuple[tuple[str, int], ...] = ()) -> Suggestions:
    """The suggestions for the beginning of a search; without any letter what the person looked for last."""
    text = text.strip()
    if len(text) > LONGEST:
        return Suggestions()
    return Suggestions(
        searches=searches(actor, text),
        names=tuple(_names(actor, text, opened)) if text else (),
        values=values(actor, text) if text else (),
    )


def address(**asked: str) -> str:
    """The address of a search."""
    return f"{reverse('search')}?{urlencode(asked)}"


def searches(actor: MemberActor, text: str) -> tuple[Offer, ...]:
    """Saved searches and those asked lately that fit."""
    words = spelling.words(text)
    kept = saved(actor)
    titles = {text.casefold(), *(link.title.casefold() for link in kept)}
    asked = (one for one in measuring.recent(actor) if one.casefold() not in titles)
    return (
        *islice(
            (
                Offer(link.title, "bookmark", link.url, note=_("存过的搜索"))
                for link in kept
                if spelling.fits(words, link.title)
            ),
            SAVED,
        ),
        *islice(
            (Offer(one, "history", address(q=one), note=_("最近搜过")) for one in asked if spelling.fits(words, one)),
            RECENT,
        ),
    )


def saved(actor: MemberActor) -> tuple[keeping.Link, ...]:
    """The searches that the person keeps: shortcuts that lead to the search page."""
    return tuple(link for link in keeping.of(actor) if link.url.startswith(f"{reverse('search')}?"))


def _names(actor: MemberActor, text: str, opened: tuple[tuple[str, int], ...]) -> Iterator[Offer]:
    """Records by their names, the likeliest first; for a single letter those looked at lately that begin with it."""
    if len(text) == 1 and text.isascii():
        yield from _beginning(actor, text, opened)
        return
    asked = SearchRequest(f"{_('名称')}:{text}" if " " not in text else text, size=NAMES, facets=False, opened=opened)
    known = records.types(actor)
    for hit in find(actor, asked).hits:
        icon = known[hit.type].icon if hit.type in known else "file"
        yield Offer(hit.title, icon, reverse("record", args=[hit.type, hit.pk]), note=hit.kind, heading=hit.heading)


def _beginning(actor: MemberActor, letter: str, opened: tuple[tuple[str, int], ...]) -> Iterator[Offer]:
    letter = letter.casefold()
    for offer in offers.named(actor, opened):
        if offer.title.casefold().startswith(letter) or spelling.keys(offer.title)[0].startswith(letter):
            yield offer


def values(actor: MemberActor, text: str) -> tuple[Offer, ...]:
    """People, departments and classes whose names fit, as conditions of a search."""
    found = (
        *_linked(actor, "core.member", "owner", _("负责人"), "user", text),
        *_linked(actor, "core.department", "department", _("部门"), "sitemap", text),
        *_classes(actor, text),
    )
    return tuple(islice(found, VALUES))


def _linked(actor: MemberActor, type: str, name: str, note: str, icon: str, text: str) -> Iterator[Offer]:
    try:
        page = records.page(actor, type, ListRequest(q=text, size=2, sums=False))
    except UnknownType:
        return
    titles = records.titles(actor, {type: [row.pk for row in page.rows]})
    for (_type, pk), title in titles.items():
        if title:
            yield Offer(title, icon, address(**{name: str(pk)}), note=note)


def _classes(actor: MemberActor, text: str) -> Iterator[Offer]:
    words = spelling.words(text)
    for key, spec in records.types(actor).items():
        shown = {field.key for field in fields_for(spec, actor, Purpose.FILTER)}
        if spec.search.category in shown:
            field = spec.by_key[spec.search.category]
            for option in field.options:
                if option.enabled and spelling.fits(words, str(option.label)):
                    url = address(category=f"{key}:{option.key}")
                    yield Offer(str(option.label), "tag", url, note=f"{spec.title}{_('，')}{field.label}")
