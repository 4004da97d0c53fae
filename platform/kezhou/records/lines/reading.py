"""The lines of records as their page, the API and exports show them: rows in order, columns, totals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson
from markupsafe import Markup

from kezhou.records.catalogue import fields_for, type_of, types
from kezhou.records.reading import Entry, entries, show_cell, show_text
from kezhou.records.rows import run
from kezhou.records.spec import FieldSpec, Level, Purpose, TypeSpec
from kezhou.records.sql import Sql, quoted
from kezhou.records.structure import LinesSpec
from kezhou.records.structuring import POSITION

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

ORDER = " ORDER BY t.position, t.id"


@dataclass(frozen=True, slots=True)
class LineTable:
    """The rows of one kind of lines in one record. `columns` are those the actor may read, `totals` the sums below them."""

    lines: LinesSpec
    type: TypeSpec
    columns: tuple[FieldSpec, ...]
    rows: tuple[Entry, ...]

    @property
    def totals(self) -> Mapping[str, Any]:
        """The sum of each totalled column that the actor may read; 0 for a table without rows."""
        summed = [field for field in self.columns if field.key in self.lines.totals and field.level is not Level.MASK]
        return {field.key: total(self.rows, field.key) for field in summed}

    def total_cell(self, field: FieldSpec) -> Markup:
        """The sum below one column as HTML; nothing below the others."""
        if field.key not in self.totals or not self.rows:
            return Markup("")
        return show_cell(field, self.totals[field.key], self.rows[0].fmt)

    def total_text(self, field: FieldSpec) -> str:
        """The sum below one column as text."""
        if field.key not in self.totals or not self.rows:
            return ""
        return show_text(field, self.totals[field.key], self.rows[0].fmt)


def total(rows: Sequence[Entry], key: str) -> Decimal:
    """The sum of a numeric column; empty cells count nothing."""
    return sum((Decimal(row.values[key]) for row in rows if row.values.get(key) is not None), Decimal(0))


def line_tables(actor: Actor, entry: Entry) -> tuple[LineTable, ...]:
    """The lines of one record, in the declared order of their kinds."""
    return line_tables_of(actor, entry.type, (entry.pk,), deleted=entry.deleted_at is not None)[entry.pk]


def line_tables_of(
    actor: Actor, type: str | TypeSpec, pks: Iterable[int], *, deleted: bool = False
) -> Mapping[int, tuple[LineTable, ...]]:
    """The lines of many records by their primary key: the same few statements per kind of lines however many records. Kinds that the
    actor is not given are left out.

    `deleted` gives the rows of records in the bin, which went there with them.
    """
    spec, wanted = type_of(actor, type), sorted(set(pks))
    found: dict[int, tuple[LineTable, ...]] = dict.fromkeys(wanted, ())
    seen = types(actor)
    for lines in spec.lines:
        if lines.type not in seen:
            continue
        inner = type_of(actor, lines.type)
        rows = _rows(actor, inner, lines, wanted, deleted=deleted)
        shown = columns(actor, lines)
        for pk in wanted:
            found[pk] += (LineTable(lines, inner, shown, tuple(rows.get(pk, ()))),)
    return found


def columns(actor: Actor, lines: LinesSpec) -> tuple[FieldSpec, ...]:
    """The declared columns that the actor may read, then the tenant's own fields of the lines, in that order."""
    known = {field.key: field for field in fields_for(lines.type, actor, Purpose.READ)}
    own = [field.key for field in known.values() if field.custom and field.key not in lines.columns]
    return tuple(known[key] for key in (*lines.columns, *own) if key in known)


def _rows(
    actor: Actor, inner: TypeSpec, lines: LinesSpec, pks: Sequence[int], *, deleted: bool
) -> Mapping[int, list[Entry]]:
    link = quoted(str(inner.by_key[lines.link].column))
    rows = entries(actor, inner, Sql(f"t.{link} = ANY(%s)", (list(pks),)), order=ORDER, deleted=deleted)
    above = _above(actor, inner, lines, rows)
    found: dict[int, list[Entry]] = defaultdict(list)
    for entry in rows:
        found[above[entry.pk]].append(entry)
    return found


def _above(actor: Actor, inner: TypeSpec, lines: LinesSpec, rows: Sequence[Entry]) -> Mapping[int, int]:
    """To which record each row belongs; asked of the database for whoever does not see the link itself."""
    told = {field.key for field in fields_for(inner, actor, Purpose.READ) if field.level is not Level.MASK}
    if lines.link in told:
        return {row.pk: row.values[lines.link] for row in rows}
    link = quoted(str(inner.by_key[lines.link].column))
    return dict(
        run(Sql(f"SELECT t.id, t.{link} FROM {inner.rows} t WHERE t.id = ANY(%s)", ([row.pk for row in rows],)))
    )


def rows_of(actor: Actor, lines: LinesSpec, pks: Iterable[int]) -> Mapping[int, Sequence[Entry]]:
    """The rows of one kind of lines of many records, in order, by the record."""
    return _rows(actor, type_of(actor, lines.type), lines, sorted(set(pks)), deleted=False)


def line_keys(actor: Actor, lines: LinesSpec, pks: Iterable[int]) -> Mapping[int, list[int]]:
    """The primary keys of the rows of records that the actor sees, in order, by the record: one statement."""
    inner = type_of(actor, lines.type)
    link = quoted(str(inner.by_key[lines.link].column))
    rows = run(
        Sql(
            f"SELECT t.{link}, t.id FROM {inner.rows} t WHERE t.{link} = ANY(%s) AND t.deleted_at IS NULL{ORDER}",
            (sorted(set(pks)),),
        )
    )
    found: dict[int, list[int]] = defaultdict(list)
    for parent, pk in rows:
        found[parent].append(pk)
    return found


def line_tables_as_of(actor: Actor, entry: Entry, moment: datetime) -> tuple[LineTable, ...]:
    """The lines as they stood at a moment: rows of today and of the bin with everything later taken back."""
    return tuple(_as_of(actor, lines, entry.pk, moment) for lines in entry.type.lines)


def _as_of(actor: Actor, lines: LinesSpec, pk: int, moment: datetime) -> LineTable:
    inner = type_of(actor, lines.type)
    there = _rows(actor, inner, lines, (pk,), deleted=False).get(pk, [])
    gone = _rows(actor, inner, lines, (pk,), deleted=True).get(pk, [])
    later = _later(inner, [row.pk for row in (*there, *gone)], moment)
    then = [
        _back(row, later.get(row.pk, []), deleted=deleted)
        for deleted, rows in ((False, there), (True, gone))
        for row in rows
    ]
    kept = sorted((row for row in then if row is not None), key=lambda row: (row.values.get(POSITION) or 0, row.pk))
    return LineTable(lines, inner, columns(actor, lines), tuple(kept))


def _later(inner: TypeSpec, pks: Sequence[int], moment: datetime) -> Mapping[int, list[tuple[str, Mapping[str, Any]]]]:
    rows = run(
        Sql(
            "SELECT record, kind, changes FROM records_history WHERE type = %s AND record = ANY(%s) AND at > %s ORDER BY id DESC",
            (inner.key, list(pks), moment),
        )
    )
    found: dict[int, list[tuple[str, Mapping[str, Any]]]] = defaultdict(list)
    for record, kind, raw in rows:
        found[record].append((kind, orjson.loads(raw)))
    return found


def _back(row: Entry, steps: Sequence[tuple[str, Mapping[str, Any]]], *, deleted: bool) -> Entry | None:
    """The row before these steps, the latest first; None when it was not there."""
    values = dict(row.values)
    for kind, changes in steps:
        if kind == "created":
            return None
        deleted = {"deleted": False, "restored": True}.get(kind, deleted)
        for key, (old, _new) in changes.items():
            field = row.field(key)
            if field is not None and field.level is not Level.MASK:
                values[key] = None if old is None else field.kind.from_json(old, field)
    return None if deleted else replace(row, values=values)
