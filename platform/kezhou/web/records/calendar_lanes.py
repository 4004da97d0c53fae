"""Week and day of a calendar: a row per record that a link leads to, the free ones too, with bars at their true hours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from kezhou.records import ListRequest
from kezhou.records.calendars import Calendar, Event
from kezhou.records.fields.html import HUES
from kezhou.records.lanes import MOST, Lane, lanes
from kezhou.records.spec import FieldSpec, FilterError
from kezhou.web.records.looking import Look

FIRST_HOUR, LAST_HOUR = 7, 22
"""The hours that a day row shows; earlier and later ones stand at its edges."""


@dataclass(frozen=True, slots=True)
class StandingRows:
    """The rows that are there whatever the calendar holds; `asked` is the list's request, cut to them when a part was chosen.

    `parts` are the parts of all rows by key, `part` the chosen one.
    """

    asked: ListRequest
    lanes: tuple[Lane, ...] = ()
    parts: tuple[tuple[int, str], ...] = ()
    part: int | None = None
    capped: bool = False


def standing_rows(here: Look, resource: FieldSpec | None) -> StandingRows:
    """The rows that the type declares for this link; none when it declares none. Raises FilterError."""
    asked, declared = here.asked, here.spec.lanes
    if resource is None or declared is None or declared.link != resource.key:
        return StandingRows(asked)
    everything = lanes(here.actor, here.spec)
    parts = dict.fromkeys((lane.part, lane.part_title) for lane in everything if lane.part is not None)
    part = _part(here, {pk for pk, _title in parts if pk is not None})
    shown = tuple(lane for lane in everything if part in (None, lane.part))
    if part is not None:
        among = [resource.key, "in", [lane.pk for lane in shown]]
        asked = replace(asked, within=["and", [each for each in (asked.within, among) if each]])
    known = tuple((pk, title) for pk, title in parts if pk is not None)
    return StandingRows(asked, shown, known if len(known) > 1 else (), part, len(everything) == MOST)


def _part(here: Look, known: set[int]) -> int | None:
    """The chosen part; one that is gone, or out of sight, means all."""
    text = here.address.get("part")
    if text and not (text.isascii() and text.isdecimal()):
        raise FilterError(_("“part”应是一条记录的编号，收到的是“%(value)s”。") % {"value": text[:20]})
    return int(text) if text and int(text) in known else None


def part_choices(here: Look, rows: StandingRows) -> list[dict[str, Any]]:
    """All rows, or those of one part."""
    if not rows.parts:
        return []
    every = {"title": _("全部"), "on": rows.part is None, "url": here.address.to(part="")}
    return [every, *({"title": t, "on": pk == rows.part, "url": here.address.to(part=str(pk))} for pk, t in rows.parts)]


def drawn(here: Look, found: Calendar, days: int, resource: FieldSpec | None, rows: StandingRows) -> dict[str, Any]:
    """One row per record (or one for all), under the headings of their parts; what overlaps is stacked."""
    held: dict[int | None, list[Event]] = {}
    for event in found.events:
        held.setdefault(event.resource if resource is not None else None, []).append(event)
    made = [_lane(here, lane, held.pop(lane.pk, []), found.first, days, resource) for lane in rows.lanes]
    made += [
        _lane(here, lane, held[lane.pk or None], found.first, days, resource) for lane in _others(held, found, resource)
    ]
    if not made:
        made = [_lane(here, Lane(0, "" if resource else _("全部")), [], found.first, days, None)]
    before = ""
    for line in made:
        line["heading"] = line["part"] if rows.parts and rows.part is None and line["part"] != before else ""
        before = line["part"]
    return {"lanes": made, "hours": list(range(FIRST_HOUR, LAST_HOUR, 3)) if days == 1 else []}


def _others(held: dict[int | None, list[Event]], found: Calendar, resource: FieldSpec | None) -> Iterable[Lane]:
    """Rows that stand there only because something is in them."""
    for pk in sorted((pk for pk in held if pk is not None), key=lambda pk: found.resources.get(pk, "")):
        yield Lane(pk, found.resources.get(pk, ""))
    if None in held:
        yield Lane(0, _("未填") if resource is not None else _("全部"))


def _lane(
    here: Look, lane: Lane, events: list[Event], first: date, days: int, resource: FieldSpec | None
) -> dict[str, Any]:
    bars, height = _stacked(events, first, days)
    target = resource.target if resource is not None and lane.pk else None
    addable = target and "create" in here.spec.operations
    new = f"{reverse('record-new', args=[here.spec.key])}?{resource.key}={lane.pk}" if resource and addable else ""
    return {
        "pk": lane.pk or None,
        "label": lane.title,
        "url": reverse("record", args=[target, lane.pk]) if target else "",
        "new": new,
        "part": lane.part_title,
        "facts": lane.facts,
        "bars": bars,
        "height": max(height, 1 + (len(lane.facts) > 1)),
    }


def _stacked(events: list[Event], first: date, days: int) -> tuple[list[dict[str, Any]], int]:
    free: list[float] = []
    bars = []
    for event in events:
        left, right = (_place(moment, first, days) for moment in (event.start, event.end))
        right = max(right, left + 2.5)
        row = next((n for n, until in enumerate(free) if until <= left + 0.01), len(free))
        free[row : row + 1] = [right]
        bars.append({**shown(event), "left": round(left, 2), "width": round(min(right, 100) - left, 2), "row": row})
    return bars, max(1, len(free))


def _place(moment: datetime, first: date, days: int) -> float:
    """How far into the span a moment lies, in percent; nights take no room."""
    day = (moment.date() - first).days
    hours = moment.hour + moment.minute / 60 - FIRST_HOUR
    within = min(max(hours / (LAST_HOUR - FIRST_HOUR), 0), 1)
    return min(max((day + within) / days, 0), 1) * 100


def shown(event: Event) -> dict[str, Any]:
    """What the template draws of one record."""
    row = event.row
    return {
        "pk": row.pk,
        "version": row.version,
        "title": event.title,
        "time": "" if event.all_day else f"{event.start:%H:%M}",
        "hours": "" if event.all_day else f"{event.start:%H:%M}–{event.end:%H:%M}",
        "hue": HUES.get(event.hue, "gry"),
        "firm": event.firm,
        "day": event.start.date().isoformat(),
        "url": f"{row.pk}",
    }
