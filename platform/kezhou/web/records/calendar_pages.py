"""The calendar of a list: month, week and day; rows of resources such as rooms; records moved by hand or by keys."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.records.calendars import Calendar, Event
from kezhou.records.calendars import calendar as read
from kezhou.records.fields.html import HUES
from kezhou.records.spec import FieldSpec, FilterError, NotAllowed, Purpose
from kezhou.web.pages import PageRequest, on, page
from kezhou.web.records.looking import Look, groupable, look
from tenants.context import current

SCALES = ("month", "week", "day")
FIRST_HOUR, LAST_HOUR = 7, 22
"""The hours that a day row shows; earlier and later ones stand at its edges."""
SHOWN_PER_DAY = 4


def calendar(here: Look) -> dict[str, Any]:
    """What the template of a calendar needs."""
    starts, ends = span_fields(here)
    scale, day = _scale(here), _day(here)
    first, days = _span(scale, day)
    wanted = resource_field(here)
    resource = None if scale == "month" else wanted
    hue = _hue(here)
    found = read(
        here.actor, here.spec, here.asked, starts=starts, ends=ends, first=first, days=days, resource=resource, hue=hue
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
        "movable": movable,
        "capped": found.capped,
        "count": len(found.events),
        "is_timed": starts.kind.control_kind == "datetime",
    }
    rows = _month(here, found) if scale == "month" else _lanes(found, days, resource)
    return {**context, "days": _days(found, first, days), **rows}


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


def _hue(here: Look) -> FieldSpec | None:
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
                "events": [_shown(event) for event in touching[:SHOWN_PER_DAY]],
                "more": max(0, len(touching) - SHOWN_PER_DAY),
                "url": here.address.to(scale="day", on=day.isoformat()),
            }
        )
    return {"weeks": [cells[place : place + 7] for place in range(0, 42, 7)]}


def _lanes(found: Calendar, days: int, resource: FieldSpec | None) -> dict[str, Any]:
    """One row per resource (or one for all), bars at their true hours; what overlaps is stacked."""
    rows: dict[int | None, list[Event]] = {pk: [] for pk in sorted(found.resources, key=found.resources.__getitem__)}
    for event in found.events:
        rows.setdefault(event.resource if resource is not None else None, []).append(event)
    if resource is None:
        rows.setdefault(None, [])
    lanes = []
    for pk, events in rows.items():
        bars, height = _stacked(events, found.first, days)
        label = found.resources.get(pk, "") if pk is not None else _("未填") if resource is not None else _("全部")
        lanes.append({"pk": pk, "label": label, "bars": bars, "height": height})
    return {"lanes": lanes, "hours": list(range(FIRST_HOUR, LAST_HOUR, 3)) if days == 1 else []}


def _stacked(events: list[Event], first: date, days: int) -> tuple[list[dict[str, Any]], int]:
    free: list[float] = []
    bars = []
    for event in events:
        left, right = (_place(moment, first, days) for moment in (event.start, event.end))
        right = max(right, left + 2.5)
        row = next((n for n, until in enumerate(free) if until <= left + 0.01), len(free))
        free[row : row + 1] = [right]
        bars.append({**_shown(event), "left": round(left, 2), "width": round(min(right, 100) - left, 2), "row": row})
    return bars, max(1, len(free))


def _place(moment: datetime, first: date, days: int) -> float:
    """How far into the span a moment lies, in percent; nights take no room."""
    day = (moment.date() - first).days
    hours = moment.hour + moment.minute / 60 - FIRST_HOUR
    within = min(max(hours / (LAST_HOUR - FIRST_HOUR), 0), 1)
    return min(max((day + within) / days, 0), 1) * 100


def _shown(event: Event) -> dict[str, Any]:
    row = event.row
    text = "" if event.all_day else f"{event.start:%H:%M}"
    return {
        "pk": row.pk,
        "version": row.version,
        "title": row.title,
        "time": text,
        "hue": HUES.get(event.hue, "gry"),
        "day": event.start.date().isoformat(),
        "url": f"{row.pk}",
    }


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
