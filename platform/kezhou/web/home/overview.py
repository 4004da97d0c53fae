"""What the home page says: real counts and what was changed last, for this person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.access.actor import MemberActor
from kezhou.records.spec import TypeSpec
from kezhou.web import menu
from kezhou.web.home import team
from kezhou.web.home.today import LATE, Item
from kezhou.web.home.today import today as today_items
from kezhou.web.moments import dated, week_start
from kezhou.web.shortcuts import keeping
from kezhou.web.shortcuts.keeping import Link

SHOWN = 4
RECENT = 8


@dataclass(frozen=True, slots=True)
class Count:
    """One figure with its way in: mine, and how many came this week."""

    title: str
    icon: str
    mine: int
    all: int
    new: int
    url: str


@dataclass(frozen=True, slots=True)
class Recent:
    """One record that this person or the department changed lately."""

    title: str
    kind: str
    icon: str
    url: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the home page shows."""

    greeting: str
    today: str
    counts: tuple[Count, ...]
    todo: tuple[Item, ...]
    late: int
    recent: tuple[Recent, ...]
    creatable: tuple[menu.Entry, ...]
    shortcuts: tuple[Link, ...]
    is_admin: bool
    has_team: bool


def overview(actor: MemberActor) -> Overview:
    """Made from the types this person may read; two small statements per type shown."""
    shown = [spec for spec in menu.readable(actor) if spec.plugin != menu.SETTINGS_PLUGIN]
    now = timezone.localtime()
    todo = today_items(actor)
    return Overview(
        greeting=greeting(now.hour),
        today=dated(now.date(), now.date()),
        counts=tuple(_count(actor, spec) for spec in shown[:SHOWN]),
        todo=todo,
        late=sum(item.rank == LATE for item in todo),
        recent=recent(actor, shown),
        creatable=menu.creatable(actor),
        shortcuts=tuple(link for link in keeping.of(actor) if link.url),
        is_admin=actor.is_admin,
        has_team=team.has_one(actor),
    )


def greeting(hour: int) -> str:
    """What one says at this hour."""
    if hour < 6:
        return _("夜深了")
    if hour < 12:
        return _("上午好")
    return _("下午好") if hour < 18 else _("晚上好")


def _count(actor: MemberActor, spec: TypeSpec) -> Count:
    rows = records.query(actor, spec.key)
    return Count(
        title=str(spec.title),
        icon=spec.icon,
        mine=rows.filter(owner=actor.member_pk).count(),
        all=rows.count(),
        new=rows.filter(created_at__gte=week_start()).count(),
        url=reverse("record-list", args=[spec.key]),
    )


def recent(actor: MemberActor, shown: list[TypeSpec]) -> tuple[Recent, ...]:
    """The records this person changed last, over all types."""
    found = []
    for spec in shown[:SHOWN]:
        rows = records.query(actor, spec.key).filter(changed_by=actor.member_pk).order_by("-changed_at")
        for pk, title, at in rows.values_list("pk", spec.title_field, "changed_at")[:RECENT]:
            found.append(Recent(str(title), str(spec.title), spec.icon, reverse("record", args=[spec.key, pk]), at))
    return tuple(sorted(found, key=lambda item: item.at, reverse=True)[:RECENT])
