"""The table of all fields of a type: standard and own ones, how often they are filled, and the pills above."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from kezhou.pages import PageRequest
from kezhou.records import custom
from kezhou.records.custom import OwnField
from kezhou.records.fields import field_types
from kezhou.records.spec import FieldSpec


@dataclass(frozen=True, slots=True)
class Row:
    """One field in the table; `marks` are required, searchable, listed, indexed; `rate` a percentage or None."""

    key: str
    label: str
    type: str
    icon: str
    own: bool
    hidden: bool
    marks: tuple[bool, bool, bool, bool]
    rate: int | None
    first: bool = False
    last: bool = False


def rows_of(request: PageRequest, mine: tuple[OwnField, ...]) -> tuple[Row, ...]:
    """Standard fields, then own ones in their order."""
    rates = custom.fill_rates(request.actor, request.type.key)
    standard = tuple(
        _row(spec, hidden=False, marked=spec.indexed, rate=_percent(rates.get(spec.key)))
        for spec in request.type.fields
        if not spec.custom
    )
    own = tuple(
        _row(one.spec, hidden=one.hidden, marked=one.marked, rate=_percent(rates.get(one.spec.key))) for one in mine
    )
    shown = [row.key for row in own if not row.hidden]
    return (
        *standard,
        *(replace(row, first=row.key == shown[0], last=row.key == shown[-1]) if shown else row for row in own),
    )


def _percent(counted: tuple[int, int] | None) -> int | None:
    return None if counted is None or not counted[1] else round(100 * counted[0] / counted[1])


def _row(spec: FieldSpec, *, hidden: bool, marked: bool, rate: int | None) -> Row:
    return Row(
        spec.key,
        str(spec.label),
        str(field_types()[spec.type].title),
        field_types()[spec.type].icon,
        spec.custom,
        hidden,
        (spec.required, spec.searchable, spec.listed, marked),
        rate,
    )


def filtered(request: PageRequest, here: str, rows: tuple[Row, ...]) -> dict[str, Any]:
    """The rows that the chosen pill and the words of the search box leave, with the pills."""
    shown = request.GET.get("shown", "all")
    groups = {
        "all": rows,
        "standard": tuple(row for row in rows if not row.own),
        "own": tuple(row for row in rows if row.own),
        "empty": tuple(row for row in rows if row.rate == 0),
    }
    shown = shown if shown in groups else "all"
    search = request.GET.get("q", "").strip()
    titles = {"all": _("全部"), "standard": _("标准"), "own": _("自建"), "empty": _("没人填")}
    return {
        "rows": tuple(row for row in groups[shown] if search.casefold() in f"{row.label} {row.key}".casefold()),
        "counts": {name: len(group) for name, group in groups.items()},
        "shown": shown,
        "search": search,
        "movable": shown in {"all", "own"} and not search,
        "pills": tuple(
            {"title": titles[name], "count": len(group), "on": name == shown, "url": f"{here}?shown={name}"}
            for name, group in groups.items()
        ),
    }
