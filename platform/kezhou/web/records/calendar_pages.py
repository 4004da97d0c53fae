"""The calendar of a list: month, week and day; rows of resources such as rooms; records moved by hand or by keys."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.records.calendars import Calendar
from kezhou.records.calendars import calendar as read
from kezhou.records.spec import FieldSpec, FilterError, NotAllowed, Purpose
from kezhou.web.pages import PageRequest, on, page
from kezhou.web.records.calendar_lanes import drawn, part_choices, shown, standing_rows
from kezhou.web.records.looking import Look, groupable, look
from tenants.context import current

SCALES = ("month", "week", "day")
SHOWN_PER_DAY = 4


def calendar(here: Look) -> dict[str, Any]:
    """What the template of a calendar needs."""
    starts, ends = span_fields(here)
    scale, day = _scale(here), _day(here)
    first, days = _span(scale, day)
    wanted = resource_field(here)
    resource = None if scale == "month" else wanted
    rows = standing_rows(here, wanted)
    found = read(
        here.actor,
        here.spec,
        rows.asked,
        starts=starts,
        ends=ends,
        first=first,
        days=days,
        resource=resource,
        hue=_hue(here),
        firm=_firm(here),
    )
    movable = "update" in here.spec.operations and starts.editable and ends.editable
    step = {"month": timedelta(days=15), "week": timedelta(days=7), "day": timedelta(days=1)}[scale]
    context = {
        "scale": scale,
        "scales": [
            {"title": title, "on": key == scale, "url": here.address.to(scale=key, on=day.isoformat())}
            for key, title in zip(SCALES, (_("月"), _("周"), _("日")), strict=True)
        ],
        "heading": _heading(scale, first, days, day),
        "earlier": here.address.to(on=_step(scale, first, -step, day).isoformat()),
        "later": here.address.to(on=_step(scale, first, step, day, days).isoformat()),
        "today_url": here.address.to(on=""),
        "starts": starts,
        "starts_choices": _choices(here, "starts", starts, _dated(here)),
        "ends_choices": _choices(here, "ends", ends, [f for f in _dated(here) if f.type == starts.type]),
        "resource_choices": _resources(here, wanted),
        "part_choices": part_choices(here, rows),
        "row_title": wanted.label if wanted is not None else "",
        "rows_capped": rows.capped,
        "movable": movable,
        "capped": found.capped,
        "count": len(found.events),
        "is_timed": starts.kind.control_kind == "datetime",
    }
    body = _month(here, found) if scale == "month" else drawn(here, found, days, resource, rows)
    return {**context, "days": _days(found, first, days), **body}


def span_fields(here: Look) -> tuple[FieldSpec, FieldSpec]:
    """Where a record begins and ends: as asked, as the type declares, else the first date. Raises FilterError."""
    dated = {field.key: field for field in _dated(here)}
    if not dated:
        raise FilterError(_("“%(type)s”没有日期字段，不能看成日历。") % {"type": here.spec.title})
    declared: tuple[str, ...] = here.spec.calendar or ()
    wanted, until = here.address.get("starts"), here.address.get("ends")
    for key in filter(None, (wanted, until)):
        if key not in dated:
            raise FilterError(_("“%(key)s”不是日期字段，不能放进日历。") % {"key": key[:40]})
    fallback = next((field.key for field in dated.values() if not field.system), next(iter(dated)))
    starts = dated[wanted or next((key for key in declared[:1] if key in dated), fallback)]
    same = not wanted and bool(declared) and declared[-1] in dated
    ends = dated[until] if until else dated[declared[-1]] if same else starts
    return starts, ends if ends.type == starts.type else starts


def _dated(here: Look) -> list[FieldSpec]:
    fields = records.fields_for(here.spec, here.actor, Purpose.FILTER)
    return [field for field in fields if field.kind.dated]


def resource_field(here: Look) -> FieldSpec | None:
    """The link whose records are the rows, if one was chosen. Raises FilterError."""
    key = here.address.get("resource")
    if not key:
        return None
    found = next((f for f in groupable(here.actor, here.spec) if f.key == key and f.target), None)
    if found is None:
        raise FilterError(_("“%(key)s”不是关联字段，不能作日历的行。") % {"key": key[:40]})
    return found


def _firm(here: Look) -> FieldSpec | None:
    lanes = here.spec.lanes
    return here.spec.by_key.get(lanes.firm) if lanes is not None else None


def _hue(here: Look) -> FieldSpec | None:
    """What colours the bars: the field that groups the list if it has options, else the state, else the first choice."""
    if here.group is not None and here.group.options:
        return here.group
    choices = [field for field in groupable(here.actor, here.spec) if field.options]
    states = here.spec.states.field if here.spec.states is not None else ""
    return next((field for field in choices if field.key == states), choices[0] if choices else None)


def _scale(here: Look) -> str:
    scale = here.address.get("scale") or "month"
    if scale not in SCALES:
        raise FilterError(
            _("日历可以看 %(known)s，不能看“%(value)s”。") % {"known": "、".join(SCALES), "value": scale[:20]}
        )
    return scale


def _day(here: Look) -> date:
    text = here.address.get("on")
    if not text:
        return timezone.now().astimezone(current().zone).date()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if not 1900 <= day.year <= 2200:
        raise FilterError(_("“%(value)s”不是日期，应写成 2026-05-06。") % {"value": text[:20]})
    return day


def _span(scale: str, day: date) -> tuple[date, int]:
    monday = day - timedelta(days=day.weekday())
    if scale == "month":
        first = day.replace(day=1)
        return first - timedelta(days=first.weekday()), 42
    return (monday, 7) if scale == "week" else (day, 1)


def _step(scale: str, first: date, step: timedelta, day: date, days: int = 0) -> date:
    if scale != "month":
        return day + step
    start = day.replace(day=1)
    return start - timedelta(days=1) if step < timedelta(0) else start + timedelta(days=32)


def _heading(scale: str, first: date, days: int, day: date) -> str:
    if scale == "month":
        return _("%(year)s 年 %(month)s 月") % {"year": day.year, "month": day.month}
    if scale == "day":
        return _("%(month)s 月 %(day)s 日") % {"month": day.month, "day": day.day}
    last = first + timedelta(days=days - 1)
    shown = {"month": first.month, "day": first.day, "to_month": last.month, "to_day": last.day}
    return _("%(month)s 月 %(day)s 日 – %(to_month)s 月 %(to_day)s 日") % shown


def _choices(here: Look, name: str, present: FieldSpec, fields: list[FieldSpec]) -> list[dict[str, Any]]:
    return [
        {"title": field.label, "on": field.key == present.key, "url": here.address.to(**{name: field.key})}
        for field in fields
    ]


def _resources(here: Look, present: FieldSpec | None) -> list[dict[str, Any]]:
    links = [field for field in groupable(here.actor, here.spec) if field.target]
    none = {"title": _("不分行"), "on": present is None, "url": here.address.to(resource="")}
    return [none, *({"title": f.label, "on": f == present, "url": here.address.to(resource=f.key)} for f in links)]


def _days(found: Calendar, first: date, days: int) -> list[dict[str, Any]]:
    today = timezone.now().astimezone(current().zone).date()
    names = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
    line = (first + timedelta(days=place) for place in range(days))
    return [{"day": day, "name": names[day.weekday()], "today": day == today} for day in line]


def _month(here: Look, found: Calendar) -> dict[str, Any]:
    """Six weeks of days, each with the records that touch it."""
    shown_month = _day(here).month
    cells = []
    for place in range(42):
        day = found.first + timedelta(days=place)
        touching = [event for event in found.events if event.start.date() <= day <= event.end.date()]
        cells.append(
            {
                "day": day,
                "off": day.month != shown_month,
                "today": day == timezone.now().astimezone(current().zone).date(),
                "events": [shown(event) for event in touching[:SHOWN_PER_DAY]],
                "more": max(0, len(touching) - SHOWN_PER_DAY),
                "url": here.address.to(scale="day", on=day.isoformat()),
            }
        )
    return {"weeks": [cells[place : place + 7] for place in range(0, 42, 7)]}


@page("r/<str:type_key>/calendar/move", access=on("update"), name="calendar-move", methods=("POST",))
def move(request: PageRequest, type_key: str) -> HttpResponse:
    """Move a record by whole days (and to another row): both dates alike, the hours stay. 409 with the reason if that cannot be."""
    here = look(request.actor, request.type, request.GET)
    starts, ends = span_fields(here)
    given = request.POST
    if not (starts.editable and ends.editable):
        raise NotAllowed(_("你不能修改“%(field)s”。") % {"field": starts.label})
    entry = records.get(request.actor, request.type, int(given["pk"]) if given.get("pk", "").isdecimal() else 0)
    shift = timedelta(days=_whole(given.get("days", "")))
    change: dict[str, Any] = {"pk": entry.pk, "version": given.get("version") or None}
    for field in {starts.key: starts, ends.key: ends}.values():
        if entry.values.get(field.key) is not None:
            change[field.key] = entry.values[field.key] + shift
    resource = resource_field(here)
    if resource is not None and "resource" in given:
        change[resource.key] = int(given["resource"]) if given["resource"].isdecimal() else None
    result = records.save(request.actor, request.type, [change])
    if result.ok:
        return JsonResponse(
            {"pk": entry.pk, "version": result.saved[0].version, "undo": reverse("action-undo", args=[result.action])}
        )
    sentence = result.sentence
    if result.conflicts:
        sentence = _("%(name)s刚改过这条记录，请刷新后再移。") % {"name": result.conflicts[0].changed_by}
    return JsonResponse({"sentence": sentence}, status=409)


def _whole(text: str) -> int:
    number = text.removeprefix("-")
    if not (number.isascii() and number.isdecimal() and len(number) <= 4):
        raise FilterError(_("移动几天应是整数，收到的是“%(value)s”。") % {"value": text[:20]})
    return int(text)
