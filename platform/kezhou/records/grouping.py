"""The values of one field within a list, each with its count: what category views offer for one click (QRY-09)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kezhou.records.listing import COUNTED, ListRequest, source_of
from kezhou.records.reading import formatting, titles
from kezhou.records.rows import run
from kezhou.records.sql import Sql

if TYPE_CHECKING:
    from kezhou.access.actor import Actor
    from kezhou.records.spec import FieldSpec, TypeSpec

MOST = 40


@dataclass(frozen=True, slots=True)
class Group:
    """One value: `value` is what a filter says (None for those without one), `count` None where the list is too long to count."""

    value: Any
    label: str
    hue: str
    count: int | None


def groups(actor: Actor, spec: TypeSpec, request: ListRequest, field: FieldSpec) -> tuple[Group, ...]:
    """The groups of a list, in the order of the options or by size; at most 40. Two statements at most.

    Beyond 10,000 rows options are named without counts: an honest answer that costs nothing.
    """
    counts, capped = _counts(actor, spec, request, field)
    if field.options:
        return _options(field, counts, capped=capped)
    found = sorted(counts.items(), key=lambda item: (item[0] is None, -item[1]))[:MOST]
    if field.target is None:
        return tuple(Group(value, str(value or ""), "grey", None if capped else n) for value, n in found)
    names = titles(actor, {field.target: {int(value) for value, _n in found if value is not None}})
    fmt = formatting(names)
    return tuple(
        Group(value, field.kind.text(value, field, fmt) if value is not None else "", "grey", None if capped else n)
        for value, n in found
    )


def _counts(actor: Actor, spec: TypeSpec, request: ListRequest, field: FieldSpec) -> tuple[dict[Any, int], bool]:
    source, expression = source_of(actor, spec, request), field.kind.expression(field, "t")
    rows = run(
        Sql(
            f"SELECT v, count(*) FROM (SELECT {expression} AS v {source.text} LIMIT {COUNTED + 1}) c "
            f"GROUP BY v ORDER BY 2 DESC LIMIT {4 * MOST}",
            source.params,
        )
    )
    counts: dict[Any, int] = {}
    for value, number in rows:
        key = None if value in (None, "") else field.kind.from_db(value, field)
        counts[key] = counts.get(key, 0) + number
    return counts, sum(counts.values()) > COUNTED


def _options(field: FieldSpec, counts: dict[Any, int], *, capped: bool) -> tuple[Group, ...]:
    shown = [option for option in field.options if option.enabled or counts.get(option.key)]
    found = [
        Group(option.key, str(option.label), option.hue, None if capped else counts.get(option.key, 0))
        for option in shown[:MOST]
    ]
    if counts.get(None):
        found.append(Group(None, "", "grey", None if capped else counts[None]))
    return tuple(found)
