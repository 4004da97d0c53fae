"""Lines inside the form of their record: tables of controls named `items.0.quantity`, and what was posted for them.

Every cell is a control of the very field type, under the name of its place; so whatever a field can do in a form, it can do in a cell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from kezhou.access.actor import Actor
from kezhou.records import Entry
from kezhou.records.fields import Format
from kezhou.records.lines.reading import columns, line_tables
from kezhou.records.reading import context, formatting
from kezhou.records.spec import FieldSpec, TypeSpec
from kezhou.records.structure import LinesSpec
from kezhou.web.records import forms
from kezhou.web.records.forms import FormField

SPARE = 3
"""Empty rows below the others for pages without scripts; a script takes them away and adds rows on demand."""
PLACE = "__n__"
"""Stands for the row's number in the names of the row that scripts copy."""


@dataclass(frozen=True, slots=True)
class LineRow:
    """One row of controls; `pk` is empty for a new one, `errors` are those of the row as a whole."""

    index: str
    pk: str
    cells: tuple[FormField, ...]
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LineForm:
    """One table: `blank` is copied for new rows, `spare` are there without scripts; `locked` says why nothing can be changed."""

    lines: LinesSpec
    columns: tuple[FieldSpec, ...]
    rows: tuple[LineRow, ...]
    blank: LineRow
    spare: tuple[LineRow, ...]
    errors: tuple[str, ...] = ()
    locked: str = ""

    @property
    def key(self) -> str:
        return self.lines.key

    @property
    def wrong(self) -> tuple[FormField, ...]:
        """The refused cells, for the links in the foot."""
        return tuple(cell for row in self.rows for cell in row.cells if cell.errors)

    @property
    def totals(self) -> tuple[str, ...]:
        """For each column its key when it is summed."""
        return tuple(field.key if field.key in self.lines.totals else "" for field in self.columns)


Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def posted(actor: Actor, spec: TypeSpec, data: QueryDict) -> Rows:
    """The rows that were posted, by lines; empty rows and removed ones are left out. Lines that the form did not show are not in it."""
    return {
        lines.key: _posted(writable(actor, lines), lines, data)
        for lines in spec.lines
        if f"{lines.key}{forms.GIVEN_SUFFIX}" in data
    }


def writable(actor: Actor, lines: LinesSpec) -> tuple[FieldSpec, ...]:
    """The columns that the actor may write, in their order."""
    return tuple(field for field in columns(actor, lines) if field.editable)


def _posted(fields: Sequence[FieldSpec], lines: LinesSpec, data: QueryDict) -> list[dict[str, Any]]:
    names = re.compile(rf"{re.escape(lines.key)}\.(\d{{1,6}})\.")
    indexes = dict.fromkeys(match[1] for name in data if (match := names.match(name)))
    rows = []
    for index in indexes:
        raw = forms.posted([_placed(field, lines, index) for field in fields], data)
        row = {key.split(".", 2)[2]: value for key, value in raw.items()}
        pk = data.get(f"{lines.key}.{index}.pk", "")
        if data.get(f"{lines.key}.{index}.remove") or not (pk or _filled(fields, row)):
            continue
        texts = {field.key: data.get(f"{lines.key}.{index}.{field.key}{forms.TEXT_SUFFIX}", "") for field in fields}
        rows.append({**row, **({"pk": pk} if pk else {}), TEXTS: texts})
    return rows


TEXTS = "__texts"
"""The typed texts of the look-ups of a row, for showing them again; taken out before saving."""


def _filled(fields: Sequence[FieldSpec], row: Mapping[str, Any]) -> bool:
    """Whether somebody wrote something: what a new row starts with does not count."""
    for field in fields:
        given = row.get(field.key)
        start = _start_text(field)
        if isinstance(given, Mapping):
            given = "".join(map(str, given.values()))
        if given not in (None, "", [], start) and field.kind.control_kind != "switch":
            return True
    return False


def _start_text(field: FieldSpec) -> str:
    """What stands in the cell of a new row, as it is posted."""
    if isinstance(field.default, bool):
        return "true" if field.default else "false"
    return "" if field.default is None else str(field.default)


def changes(rows: Rows) -> dict[str, list[dict[str, Any]]]:
    """The rows as `records.save` takes them."""
    return {key: [{name: row[name] for name in row if name != TEXTS} for row in given] for key, given in rows.items()}


def _placed(field: FieldSpec, lines: LinesSpec, index: str) -> FieldSpec:
    """The field under the name of its place in the form."""
    return replace(field, key=f"{lines.key}.{index}.{field.key}")


def tables(
    actor: Actor,
    spec: TypeSpec,
    entry: Entry | None = None,
    *,
    rows: Rows | None = None,
    errors: Mapping[str, tuple[str, ...]] | None = None,
    locks: Mapping[str, str] | None = None,
) -> tuple[LineForm, ...]:
    """The tables of a form: the rows that are there, or those posted, with what is wrong with them at each cell."""
    there = {table.lines.key: table.rows for table in line_tables(actor, entry)} if entry is not None else {}
    return tuple(
        _table(actor, lines, there.get(lines.key, ()), (rows or {}).get(lines.key), errors or {}, locks or {})
        for lines in spec.lines
    )


def _table(
    actor: Actor,
    lines: LinesSpec,
    entries: Sequence[Entry],
    given: Sequence[Mapping[str, Any]] | None,
    errors: Mapping[str, tuple[str, ...]],
    locks: Mapping[str, str],
) -> LineForm:
    fields = writable(actor, lines)
    by_pk = {str(entry.pk): entry for entry in entries}
    fmt = entries[0].fmt if entries else formatting()
    if given is None:
        rows = [_row(lines, fields, str(n), entry=entry, fmt=fmt) for n, entry in enumerate(entries)]
    else:
        rows = [
            _row(lines, fields, str(n), entry=by_pk.get(str(row.get("pk"))), fmt=fmt, raw=row, errors=errors)
            for n, row in enumerate(given)
        ]
    spare = [_row(lines, fields, str(len(rows) + n), fmt=fmt) for n in range(SPARE)]
    return LineForm(
        lines,
        fields,
        tuple(rows),
        _row(lines, fields, PLACE, fmt=fmt),
        tuple(spare),
        errors.get(lines.key, ()),
        locks.get(lines.key, ""),
    )


def _row(
    lines: LinesSpec,
    fields: Sequence[FieldSpec],
    index: str,
    *,
    fmt: Format,
    entry: Entry | None = None,
    raw: Mapping[str, Any] | None = None,
    errors: Mapping[str, tuple[str, ...]] | None = None,
) -> LineRow:
    placed = {f"{lines.key}.{index}.{field.key}": field for field in fields}
    texts = raw.get(TEXTS, {}) if raw else {}
    cells = []
    for name, field in placed.items():
        value = entry.values.get(field.key) if entry is not None else _start(field)
        typed = {name: raw[field.key]} if raw is not None and field.key in raw else None
        control = forms.control_of(replace(field, key=name), value, fmt, typed, {name: texts.get(field.key, "")})
        many = forms.many_url(lines.type, field.key, control)
        cells.append(FormField(control, replace(field, key=name), (errors or {}).get(name, ()), many=many))
    pk = str(raw.get("pk") or "") if raw is not None else str(entry.pk) if entry is not None else ""
    return LineRow(index, pk, tuple(cells), (errors or {}).get(f"{lines.key}.{index}", ()))


def _start(field: FieldSpec) -> Any:
    return None if field.default in (None, "") else field.kind.parse(field.default, field, context())


@dataclass(frozen=True, slots=True)
class LineClash:
    """Lines that I edited while somebody else saved: both tables in short, and what I posted, kept in hidden inputs."""

    key: str
    title: str
    theirs: str
    mine: str
    hidden: tuple[tuple[str, str], ...]
    picked: str = ""


def clashes(actor: Actor, entry: Entry, data: QueryDict, rows: Rows) -> tuple[LineClash, ...]:
    """The posted lines that are not what stands now: one of the two must be chosen, so that nothing is overwritten unseen."""
    found = []
    for table in line_tables(actor, entry) if rows else ():
        given = rows.get(table.lines.key)
        if given is None or _same(writable(actor, table.lines), table.rows, given):
            continue
        hidden = [(name, value) for name in data for value in data.getlist(name) if _belongs(name, table.lines)]
        mine = [str(row.get(table.type.title_field) or "—") for row in given]
        found.append(
            LineClash(
                table.lines.key,
                str(table.lines.title),
                in_short([row.title for row in table.rows]),
                in_short(mine),
                tuple(hidden),
                data.get(f"pick.{table.lines.key}", ""),
            )
        )
    return tuple(found)


def _belongs(name: str, lines: LinesSpec) -> bool:
    return name.startswith(f"{lines.key}.") or name == f"{lines.key}{forms.GIVEN_SUFFIX}"


def _same(fields: Sequence[FieldSpec], entries: Sequence[Entry], rows: Sequence[Mapping[str, Any]]) -> bool:
    if [str(entry.pk) for entry in entries] != [str(row.get("pk")) for row in rows]:
        return False
    return all(
        _shown(field, entry) == row[field.key]
        for entry, row in zip(entries, rows, strict=True)
        for field in fields
        if field.key in row
    )


def _shown(field: FieldSpec, entry: Entry) -> Any:
    value = entry.values.get(field.key)
    return "" if value is None else forms.control_of(field, value, entry.fmt, None, None).value


def in_short(titles: Sequence[str]) -> str:
    """Some rows by name, with their number."""
    named = "、".join(titles[:MOST_NAMED])
    return _("%(n)d 行：%(named)s") % {"n": len(titles), "named": named} if titles else _("没有行")


MOST_NAMED = 4
