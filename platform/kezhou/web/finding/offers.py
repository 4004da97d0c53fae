"""What the palette offers beside what was found: places, views, settings, things to make and to do here. Only what this person may."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.http import Http404
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils.translation import gettext as _

from kezhou import assignments, records
from kezhou.access.actor import MemberActor
from kezhou.records import Entry
from kezhou.records.spec import RecordNotFound, UnknownType
from kezhou.records.views.reading import everywhere
from kezhou.web import menu, spelling
from kezhou.web.finding import request as asked
from kezhou.web.home import team
from kezhou.web.settings import finding as settings
from kezhou.web.shortcuts import keeping

PAGE, DRAWER, DIALOG = "page", "quick", "dialog"
SETTINGS_SHOWN = 4
VIEWS_SHOWN = 8
SEEN = 8


@dataclass(frozen=True, slots=True)
class Offer:
    """One line: where it leads; `how` is page, quick (the drawer) or dialog; `heading` is the title with marks, as HTML."""

    title: str
    icon: str
    url: str
    note: str = ""
    how: str = PAGE
    heading: str = ""


def places(actor: MemberActor) -> tuple[Offer, ...]:
    """One's own shortcuts, every list, and the fixed pages."""
    own = [Offer(link.title, link.icon, link.url, note=_("快捷方式")) for link in keeping.of(actor) if link.url]
    lists = [
        Offer(str(entry.title), entry.icon, entry.url) for module in menu.modules(actor) for entry in module.entries
    ]
    fixed = [
        (_("首页"), "smart-home", "home"),
        (_("通知"), "bell", "inbox"),
        (_("我的草稿"), "notes", "drafts"),
        (_("偏好设置"), "adjustments-horizontal", "my-preferences"),
        (_("通知偏好"), "bell-cog", "notice-kinds"),
        (_("帮助与快捷键"), "help", "help"),
    ]
    if team.has_one(actor):
        fixed.append((_("团队概览"), "users", "team"))
    if actor.is_admin:
        fixed += [(_("设置"), "settings", "settings"), (_("回收站"), "trash", "recycle-bin")]
    found = [Offer(title, icon, url) for title, icon, name in fixed if (url := _url(name))]
    return (*own, *lists, *found)


def makes(actor: MemberActor) -> tuple[Offer, ...]:
    """What may be made anew."""
    return tuple(
        Offer(_("新建%(title)s") % {"title": entry.title}, "plus", entry.url, how=DRAWER)
        for entry in menu.creatable(actor)
    )


def views(actor: MemberActor, text: str) -> tuple[Offer, ...]:
    """Views of lists whose titles fit: one statement."""
    known = {spec.key: spec for spec in menu.readable(actor)}
    words = spelling.words(text)
    found = (
        Offer(view.title, "layout-list", f"{reverse('record-list', args=[view.type])}?view={view.ref}",
              note=_("%(type)s的视图") % {"type": known[view.type].title})
        for view in everywhere(actor, known.values())
        if view.ref != "all" and spelling.fits(words, view.title)
    )  # fmt: skip
    return tuple(islice(found, VIEWS_SHOWN))


def company_settings(actor: MemberActor, text: str) -> tuple[Offer, ...]:
    """Settings that fit: pages, parameters, dictionaries, fields; administrators only."""
    if not actor.is_admin:
        return ()
    return tuple(
        Offer(str(one.title), str(one.icon), one.url, note=str(kind.title))
        for kind in settings.find(actor, text)
        for one in kind.found[:SETTINGS_SHOWN]
    )


def here(actor: MemberActor, address: str) -> tuple[str, tuple[Offer, ...]]:
    """What can be done with the record at this address, with its title: its ways, its actions, and what every record has."""
    entry = _entry(actor, address)
    if entry is None:
        return "", ()
    at: list[Any] = [entry.type.key, entry.pk]
    found = [
        Offer(way.title, "arrow-right", reverse("record-move", args=[*at, way.target]), how=DIALOG)
        for way in records.moves(actor, entry.type, entry)
        if way.allowed
    ]
    found += [
        Offer(str(offer.action.title), offer.action.icon, reverse("record-act", args=[*at, offer.key]), how=DIALOG)
        for offer in records.actions(actor, entry.type, entry)
        if offer.allowed
    ]
    return entry.title, (*found, *_common(entry, at))


def _common(entry: Entry, at: list[Any]) -> Iterator[Offer]:
    title = {"title": entry.type.title}
    if "update" in entry.operations:
        yield Offer(_("编辑%(title)s") % title, "edit", reverse("record-edit", args=at))
        if assignments.assignable(entry.type):
            yield Offer(_("指派%(title)s") % title, "checklist", reverse("record-assign", args=at), how=DIALOG)
    yield Offer(_("文件"), "paperclip", reverse("record-files", args=at))
    yield Offer(_("变更记录"), "history", reverse("record-history", args=at))
    if "delete" in entry.operations:
        yield Offer(_("删除%(title)s") % title, "trash", reverse("record-delete", args=at), how=DIALOG)


def _entry(actor: MemberActor, address: str) -> Entry | None:
    try:
        found = resolve(address.partition("?")[0])
    except (Resolver404, Http404):
        return None
    if not str(found.url_name).startswith("record") or not {"type_key", "pk"} <= set(found.kwargs):
        return None
    try:
        return records.get(actor, found.kwargs["type_key"], found.kwargs["pk"])
    except (UnknownType, RecordNotFound):
        return None


def seen(actor: MemberActor, given: str) -> tuple[Offer, ...]:
    """Records looked at lately, given by the window as type:key."""
    return tuple(islice(named(actor, asked.opened(given)), SEEN))


def named(actor: MemberActor, opened: Iterable[tuple[str, int]]) -> Iterator[Offer]:
    """These records (type, pk) in their order, by this person's rights of now: one statement."""
    known = records.types(actor)
    places = [place for place in opened if place[0] in known]
    by_type: dict[str, list[int]] = {}
    for type, pk in places:
        by_type.setdefault(type, []).append(pk)
    titles = records.titles(actor, by_type) if by_type else {}
    for type, pk in places:
        if (title := titles.get((type, pk))) is not None:
            yield Offer(title, known[type].icon, reverse("record", args=[type, pk]), note=str(known[type].title))


def matching(offers: Iterable[Offer], text: str) -> tuple[Offer, ...]:
    """Those whose title holds every word, as it stands or by its pinyin."""
    words = spelling.words(text)
    return tuple(offer for offer in offers if spelling.fits(words, offer.title))


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
