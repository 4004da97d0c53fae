"""A list as a calendar: records within a span of days, placed by one or two dates, grouped by a linked record if wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext as _

from kezhou.records.catalogue import fields_for
from kezhou.records.listing import LARGEST, ListRequest, page
from kezhou.records.reading import titles
from kezhou.records.spec import FilterError, Purpose
from tenants.context import current

if TYPE_CHECKING:
    from kezhou.access.actor import Actor
    from kezhou.records.listing import Row
    from kezhou.records.spec import FieldSpec, TypeSpec

LONGEST_DAYS = 62


@dataclass(frozen=True, slots=True)
class Event:
    """One record in the calendar. `start` and `end` are moments in the tenant's zone; `all_day` when only days are known."""

    row: Row
    start: datetime
    end: datetime
    all_day: bool
    resource: int | None = None
    hue: str = "blue"
    title: str = ""
    firm: bool = True


@dataclass(frozen=True, slots=True)
class Calendar:
    """What lies within the days from `first` to `last`; `capped` when there are more than 500 records."""

    first: date
    last: date
    events: tuple[Event, ...]
    capped: bool = False
    resources: Mapping[int, str] = field(default_factory=dict)


def calendar(
    actor: Actor,
    spec: TypeSpec,
    request: ListRequest,
    *,
    starts: FieldSpec,
    ends: FieldSpec,
    first: date,
    days: int,
    resource: FieldSpec | None = None,
    hue: FieldSpec | None = None,
    firm: FieldSpec | None = None,
) -> Calendar:
    """The records of a request that touch the days; lines are named after their parent. Raises FilterError.

    Who does not see the link to the parent is told the line's own name, and who does not see `firm` takes everything for firm.
    Statements do not depend on the number of records.
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise FilterError(_("日历一次最多看 %(most)s 天。") % {"most": LONGEST_DAYS})
    last = first + timedelta(days=days - 1)
    known = {each.key for each in fields_for(spec, actor, Purpose.LIST)}
    parent = spec.by_key[spec.parent.link] if spec.parent else None
    firm, parent = (each if each is not None and each.key in known else None for each in (firm, parent))
    shown = _Shown(starts, ends, resource, hue, firm, parent)
    keys = tuple(dict.fromkeys(each.key for each in shown if each is not None))
    asked = replace(
        request,
        columns=tuple(dict.fromkeys((*keys, *request.columns)))[:30] if request.columns else keys,
        sort=(starts.key,),
        size=LARGEST,
        page=None,
        after="",
        before="",
        sums=False,
        within=["and", [part for part in (request.within, _touching(starts, ends, first, last)) if part]],
    )
    found = page(actor, spec, asked)
    places = {each.key: place for place, each in enumerate(found.columns)}
    events = tuple(_event(row, places, shown) for row in found.rows)
    names: dict[int, str] = {}
    if resource is not None and resource.target:
        wanted = {event.resource for event in events if event.resource is not None}
        told = titles(actor, {resource.target: wanted})
        names = {pk: told.get((resource.target, pk)) or _("无权限") for pk in wanted}
    return Calendar(first, last, events, capped=bool(found.next), resources=names)


def _touching(starts: FieldSpec, ends: FieldSpec, first: date, last: date) -> list[Any]:
    """Begins before the end of the span and ends after its beginning; without an end it lasts as long as it begins."""
    low, high = first.isoformat(), last.isoformat()
    if starts.key == ends.key:
        return ["and", [[starts.key, "gte", low], [starts.key, "lte", high]]]
    open_end = ["and", [[ends.key, "is_empty", None], [starts.key, "gte", low]]]
    return ["and", [[starts.key, "lte", high], ["or", [[ends.key, "gte", low], open_end]]]]


class _Shown(NamedTuple):
    """The fields of which an entry is made."""

    starts: FieldSpec
    ends: FieldSpec
    resource: FieldSpec | None
    hue: FieldSpec | None
    firm: FieldSpec | None
    parent: FieldSpec | None


def _event(row: Row, places: Mapping[str, int], shown: _Shown) -> Event:
    def value(field: FieldSpec | None) -> Any:
        return None if field is None else row.values[places[field.key]]

    start = value(shown.starts)
    end = value(shown.ends) or start
    all_day = not isinstance(start, datetime)
    option = shown.hue.option(value(shown.hue)) if shown.hue is not None else None
    above = row.texts[places[shown.parent.key]] if shown.parent is not None else ""
    return Event(
        row=row,
        start=_moment(start, time.min),
        end=_moment(end, time.max if all_day else time.min),
        all_day=all_day,
        resource=value(shown.resource),
        hue=option.hue if option is not None else "blue",
        title=" · ".join(filter(None, (above, row.title))),
        firm=shown.firm is None or bool(value(shown.firm)),
    )


def _moment(value: date | datetime, otherwise: time) -> datetime:
    zone = current().zone
    if isinstance(value, datetime):
        return value.astimezone(zone)
    return datetime.combine(value, otherwise, zone)
