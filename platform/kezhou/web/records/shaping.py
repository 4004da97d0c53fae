"""What a record page shows of the record's shape: the bar of its states, its actions, its lines, its period and its place in a tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from markupsafe import Markup

from kezhou import records
from kezhou.access.actor import MemberActor
from kezhou.records import Entry, Move
from kezhou.records.catalogue import shaped
from kezhou.records.hierarchy import path
from kezhou.records.lines.reading import LineTable, line_tables
from kezhou.records.spec import FieldSpec
from kezhou.records.states.dwelling import entered
from kezhou.records.validity import Force, force

MOST_ABOVE = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One state in the bar: where the record stands, where it has been or could be, and how to get there."""

    key: str
    title: str
    now: bool = False
    passed: bool = False
    url: str = ""
    immediate: bool = False
    action: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """One action of the record: a button, or the reason why not now."""

    title: str
    icon: str
    url: str
    allowed: bool
    reason: str
    danger: bool


@dataclass(frozen=True, slots=True)
class LineView:
    """The lines of one kind as the page shows them: cells by column, and what stands below each column."""

    key: str
    title: str
    columns: tuple[FieldSpec, ...]
    rows: tuple[tuple[tuple[FieldSpec, Markup], ...], ...]
    totals: tuple[tuple[FieldSpec, Markup], ...]


def shape_of(actor: MemberActor, entry: Entry) -> dict[str, Any]:
    """The context of the record page's parts; what a type does not have costs nothing."""
    return {
        "steps": steps(actor, entry),
        "deeds": deeds(actor, entry),
        "line_tables": tables(actor, entry),
        "force": mark(entry),
    }


def steps(actor: MemberActor, entry: Entry) -> tuple[Step, ...]:
    """The states in the order of their list; those that nobody can choose any more are left out unless the record stands there."""
    states = entry.type.states
    field = entry.field(states.field) if states is not None else None
    if states is None or field is None:
        return ()
    now = entry.values.get(states.field)
    moves = {move.target: move for move in records.moves(actor, entry.type, entry)}
    options = [option for option in field.options if option.enabled or option.key == now]
    place = next((n for n, option in enumerate(options) if option.key == now), -1)
    since = entered(entry.type, (entry.pk,)).get(entry.pk)
    days = (timezone.now() - since).days if since is not None else 0
    return tuple(
        _step(entry, option.key, str(option.label), moves.get(option.key), now=n == place, passed=n < place, days=days)
        for n, option in enumerate(options)
    )


def _step(entry: Entry, key: str, label: str, move: Move | None, *, now: bool, passed: bool, days: int) -> Step:
    if now:
        return Step(key, _("%(label)s　%(days)d 天") % {"label": label, "days": days} if days else label, now=True)
    if move is None:
        return Step(key, label, passed=passed)
    url = reverse("record-move", args=[entry.type.key, entry.pk, key])
    return Step(key, label, passed=passed, url=url, immediate=move.immediate, action=move.title)


def deeds(actor: MemberActor, entry: Entry) -> tuple[Deed, ...]:
    """The actions of the record as buttons."""
    return tuple(
        Deed(
            str(offer.action.title),
            offer.action.icon,
            reverse("record-act", args=[entry.type.key, entry.pk, offer.key]),
            offer.allowed,
            offer.reason,
            offer.action.danger,
        )
        for offer in records.actions(actor, entry.type, entry)
    )


def tables(actor: MemberActor, entry: Entry) -> tuple[LineView, ...]:
    """The lines of the record."""
    return tuple(view_of(table) for table in line_tables(actor, entry)) if entry.type.lines else ()


def view_of(table: LineTable) -> LineView:
    """A table of lines cell by cell."""
    return LineView(
        table.lines.key,
        str(table.lines.title),
        table.columns,
        tuple(tuple((column, row.cell(column.key)) for column in table.columns) for row in table.rows),
        tuple((column, table.total_cell(column)) for column in table.columns) if table.totals else (),
    )


def mark(entry: Entry) -> Force | None:
    """Whether the record is in force today."""
    return force(entry.type, entry.values, entry.fmt.today)


def crumbs(actor: MemberActor, entry: Entry) -> tuple[dict[str, str], ...]:
    """Where the record stands: its list, the records above it (of many the nearest), itself."""
    over = [{"title": title, "url": url} for title, url in above(actor, entry)]
    gap = [{"title": "…", "url": over[-MOST_ABOVE - 1]["url"]}] if len(over) > MOST_ABOVE else []
    start = {"title": str(entry.type.title), "url": reverse("record-list", args=[entry.type.key])}
    return (start, *gap, *over[-MOST_ABOVE:], {"title": entry.title})


def above(actor: MemberActor, entry: Entry) -> tuple[tuple[str, str], ...]:
    """The records above this one, title and address, the highest first; those that the actor may not see are left out."""
    if not entry.type.tree or not entry.values.get(entry.type.tree):
        return ()
    spec = shaped(actor).types[entry.type.key]
    pks = path(actor, spec, entry.pk)
    known = records.titles(actor, {spec.key: pks})
    return tuple(
        (title, reverse("record", args=[spec.key, pk]))
        for pk in pks
        if (title := known.get((spec.key, pk))) is not None
    )
