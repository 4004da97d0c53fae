"""A member's shortcuts: kept as addresses of this company, shown with the titles that the member may see today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.records import types
from kezhou.records.fields.reading import clean_line
from kezhou.records.spec import RecordError
from kezhou.web.models import Shortcut

if TYPE_CHECKING:
    from kezhou.access.actor import MemberActor

MOST = 50
LONGEST_TITLE, LONGEST_URL = 60, 2000
RECORD_PAGES = frozenset({"record", "record-edit", "record-history"})


class ShortcutError(RecordError):
    """A shortcut cannot be kept; `str()` is a full sentence."""


@dataclass(frozen=True, slots=True)
class Link:
    """One shortcut as it is shown; `url` is empty when its record may not be seen any more."""

    pk: int
    title: str
    icon: str
    url: str


def of(actor: MemberActor) -> tuple[Link, ...]:
    """The member's shortcuts in order; links to records carry the title of today. Two statements at most."""
    rows = list(Shortcut.objects.filter(member=actor.member_pk).order_by("position", "pk")[:MOST])
    places = {row.pk: _record(row.url) for row in rows}
    wanted: dict[str, list[int]] = {}
    for place in places.values():
        if place is not None:
            wanted.setdefault(place[0], []).append(place[1])
    known = types(actor)
    titles = records.titles(actor, {key: pks for key, pks in wanted.items() if key in known}) if wanted else {}
    return tuple(_link(row, places[row.pk], titles) for row in rows)


def _link(row: Shortcut, place: tuple[str, int] | None, titles: dict[tuple[str, int], str | None]) -> Link:
    if place is None:
        return Link(row.pk, row.title, row.icon, row.url)
    title = titles.get(place)
    if title is None:
        return Link(row.pk, _("没有权限或已删除"), icon="lock", url="")
    return Link(row.pk, row.title if row.named else title, row.icon, row.url)


def _record(url: str) -> tuple[str, int] | None:
    """The record that an address shows."""
    found = _resolved(url)
    if found is None or found[0] not in RECORD_PAGES:
        return None
    return str(found[1]["type_key"]), int(str(found[1]["pk"]))


def _resolved(url: str) -> tuple[str, dict[str, object]] | None:
    try:
        match = resolve(url.partition("?")[0].partition("#")[0])
    except Resolver404:
        return None
    return str(match.url_name), dict(match.kwargs)


def add(actor: MemberActor, url: str, title: str) -> None:
    """Keep an address of this company at the end; one that is kept already stays where it is. Raises ShortcutError."""
    url, title = url.strip(), clean_line(title).strip()[:LONGEST_TITLE]
    local = url_has_allowed_host_and_scheme(url, allowed_hosts=None) and url.startswith("/")
    if not local or len(url) > LONGEST_URL or _resolved(url) is None:
        raise ShortcutError(_("这个地址不是客舟里的页面：“%(url)s”。请从要收藏的那一页上加。") % {"url": url[:80]})
    with transaction.atomic():
        there = list(Shortcut.objects.select_for_update().filter(member=actor.member_pk))
        if any(row.url == url for row in there):
            return
        if len(there) >= MOST:
            raise ShortcutError(_("最多 %(most)s 个快捷方式，请先移走不用的。") % {"most": MOST})
        Shortcut.objects.create(
            member=actor.member_pk,
            url=url,
            title=title or url[:LONGEST_TITLE],
            icon=_icon(actor, url),
            position=max((row.position for row in there), default=0) + 10,
        )


def _icon(actor: MemberActor, url: str) -> str:
    found = _resolved(url)
    spec = types(actor).get(str(found[1].get("type_key"))) if found else None
    return spec.icon if spec else "star"


def rename(actor: MemberActor, pk: int, title: str) -> None:
    """Give a shortcut another title. Raises ShortcutError."""
    title = clean_line(title).strip()
    if not title or len(title) > LONGEST_TITLE:
        raise ShortcutError(_("名称要有 1 到 %(limit)s 个字。") % {"limit": LONGEST_TITLE})
    Shortcut.objects.filter(member=actor.member_pk, pk=pk).update(title=title, named=True)


def remove(actor: MemberActor, pk: int) -> None:
    """Take a shortcut away."""
    Shortcut.objects.filter(member=actor.member_pk, pk=pk).delete()


def reorder(actor: MemberActor, pks: Sequence[int]) -> None:
    """Put the shortcuts into this order; those not named follow."""
    with transaction.atomic():
        own = Shortcut.objects.select_for_update().filter(member=actor.member_pk).order_by("position", "pk")
        rows = {row.pk: row for row in own}
        named = [pk for pk in dict.fromkeys(pks) if pk in rows]
        for place, pk in enumerate([*named, *(pk for pk in rows if pk not in named)]):
            rows[pk].position = (place + 1) * 10
        Shortcut.objects.bulk_update(rows.values(), ["position"])
