"""A list as a board: one column per value of a choice, each with its count, its sum and its first cards.

All columns are read together (a lateral sub-select per value in one statement), so that a board of ten columns costs what a list
costs: counts and sums, cards, how long they have been there, titles of linked records.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kezhou.records.fields import Format
from kezhou.records.listing import (
    COUNTED,
    ListRequest,
    Page,
    Plan,
    Row,
    beside_of,
    cells_of,
    facts_of,
    masked_rows,
    plan_of,
    select_of,
    summed,
)
from kezhou.records.reading import formatting, link_titles
from kezhou.records.rows import run
from kezhou.records.sql import Sql

if TYPE_CHECKING:
    from kezhou.access.actor import Actor
    from kezhou.records.spec import FieldSpec, TypeSpec

CARDS = 20
MOST_COLUMNS = 30


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """One value: `value` is "" for records without one; `count` is None where the list is too long to count."""

    value: str
    label: str
    hue: str
    count: int | None = None
    sums: Mapping[str, Any] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()
    more: bool = False
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Board:
    """The whole board. `since` says by primary key when a card came to where it is."""

    field: FieldSpec
    columns: tuple[BoardColumn, ...]
    page: Page
    since: Mapping[int, datetime]

    @property
    def fmt(self) -> Format:
        """How values are shown."""
        return self.page.fmt


def board(
    actor: Actor,
    spec: TypeSpec,
    request: ListRequest,
    by: FieldSpec,
    *,
    only: str | None = None,
    skip: int = 0,
    cards: int = CARDS,
) -> Board:
    """The board of what a request finds, by a choice; with `only` the further cards of one column after `skip`.

    Raises FilterError. Four statements at most, however many columns and cards there are.
    """
    plan = plan_of(actor, spec, request)
    counts = _counts(plan, request, by) if only is None else {}
    values = _values(by, counts) if only is None else [only]
    found = _cards(plan, by, values, cards + 1, skip)
    rows = [row[1:] for row in found]
    cells = cells_of(actor, plan, rows)
    fmt = formatting(link_titles(actor, plan.columns, cells))
    page = Page(type=plan.spec, columns=plan.columns, fmt=fmt, request=request)
    held: dict[str, list[Row]] = defaultdict(list)
    for line, row, values_ in zip(found, rows, masked_rows(plan, cells, fmt), strict=True):
        held[line[0]].append(Row(page, facts_of(row), values_, beside_of(plan, row)))
    page.rows = [row for value in values for row in held[value][:cards]]
    columns = tuple(_column(by, value, counts, held[value], cards) for value in values)
    return Board(by, columns, page, _since(spec, by, [row.pk for row in page.rows]))


def _values(by: FieldSpec, counts: Mapping[str, Any]) -> list[str]:
    """Options in their order: enabled ones and those still in use; those without a value last, if there are any."""
    named = [str(option.key) for option in by.options if option.enabled or option.key in counts]
    return [*named[:MOST_COLUMNS], *([""] if "" in counts else [])]


def _column(by: FieldSpec, value: str, counts: Mapping[str, Any], rows: Sequence[Row], cards: int) -> BoardColumn:
    option = by.option(value)
    count, sums = counts.get(value, (0, {}))
    return BoardColumn(
        value=value,
        label=str(option.label) if option is not None else value,
        hue=option.hue if option is not None else "grey",
        count=count,
        sums=sums,
        rows=tuple(rows[:cards]),
        more=len(rows) > cards,
        enabled=option is None or option.enabled,
    )


def _counts(plan: Plan, request: ListRequest, by: FieldSpec) -> dict[str, tuple[int | None, dict[str, Any]]]:
    money = summed(plan, request)
    sums = "".join(f", {each.kind.numeric_expression(each, 't')} AS s{n}" for n, each in enumerate(money))
    outer = "".join(f", sum(s{n})" for n in range(len(money)))
    rows = run(
        Sql(
            f"SELECT COALESCE(v, ''), count(*){outer} FROM (SELECT {by.kind.expression(by, 't')}::text AS v{sums} "
            f"{plan.source.text} LIMIT {COUNTED + 1}) c GROUP BY 1",
            plan.source.params,
        )
    )
    capped = sum(row[1] for row in rows) > COUNTED
    return {
        row[0]: (None, {}) if capped else (row[1], {each.key: row[n + 2] for n, each in enumerate(money)})
        for row in rows
    }


def _cards(plan: Plan, by: FieldSpec, values: Sequence[str], limit: int, skip: int) -> list[tuple[Any, ...]]:
    """The first cards of every value; equality so that an index serves, those without a value apart."""
    expression, select = by.kind.expression(by, "t"), select_of(plan)
    order = ", ".join(
        [*(f"{key.expression} {'DESC' if key.descending else 'ASC'} NULLS LAST" for key in plan.keys), "t.id DESC"]
    )
    tail = f"ORDER BY {order} LIMIT {limit} OFFSET {skip}"
    parts: list[Sql] = []
    if named := [value for value in values if value]:
        text = (
            f"(SELECT o.k, p.* FROM unnest(%s::text[]) WITH ORDINALITY o(k, n) CROSS JOIN LATERAL "
            f"(SELECT {select} {plan.source.text} AND {expression} = o.k {tail}) p ORDER BY o.n)"
        )
        parts.append(Sql(text, (named, *plan.source.params)))
    if "" in values:
        empty = by.kind.is_empty(by, "t")
        text = f"(SELECT '' AS k, {select} {plan.source.text} AND {empty.text} {tail})"
        parts.append(Sql(text, (*plan.source.params, *empty.params)))
    if not parts:
        return []
    return run(Sql(" UNION ALL ".join(part.text for part in parts), tuple(p for part in parts for p in part.params)))


def _since(spec: TypeSpec, by: FieldSpec, pks: Sequence[int]) -> dict[int, datetime]:
    """When each card's value was last changed, or the record made, from its history; one statement."""
    if not pks:
        return {}
    found = run(
        Sql(
            "SELECT record, COALESCE(max(at) FILTER (WHERE changes ? %s), min(at)) FROM records_history "
            "WHERE type = %s AND record = ANY(%s) AND (kind = 'created' OR changes ? %s) GROUP BY record",
            (by.key, spec.key, list(pks), by.key),
        )
    )
    return dict(found)
