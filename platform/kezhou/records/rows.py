"""Reading rows: which columns a set of fields needs, and how a tuple from the cursor becomes values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection

from kezhou.records.spec import FieldSpec
from kezhou.records.sql import Sql, quoted

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """The select list of some fields under the alias `t`, after the columns named in `extra`.

    `read` turns a row into the fields' Python values, in their order.
    """

    fields: tuple[FieldSpec, ...]
    text: str
    extra: int
    custom: int | None
    readers: tuple[tuple[Callable[[Any, FieldSpec], Any], FieldSpec, int | None], ...]

    def read(self, row: Sequence[Any]) -> Values:
        """The values of one row."""
        custom = load_custom(row[self.custom]) if self.custom is not None else {}
        return tuple(
            [
                reader(row[place] if place is not None else custom.get(field.key), field)
                for reader, field, place in self.readers
            ]
        )


def selection(
    fields: Sequence[FieldSpec], extra: Sequence[str] = ("id", "version"), *, custom: bool = False
) -> Selection:
    """Select `extra` columns and the fields' columns; `custom` is selected once when a field (or the caller) needs it."""
    columns = list(extra)
    places: dict[str, int] = {name: place for place, name in enumerate(columns)}
    for field in fields:
        if field.column is not None and field.column not in places:
            places[field.column] = len(columns)
            columns.append(field.column)
    whole = None
    if custom or any(field.custom for field in fields):
        whole = len(columns)
        columns.append("custom")
    readers = tuple(
        (field.kind.from_db, field, places[field.column] if field.column is not None else None) for field in fields
    )
    return Selection(tuple(fields), ", ".join(f"t.{quoted(name)}" for name in columns), len(extra), whole, readers)


def load_custom(raw: Any) -> dict[str, Any]:
    """The own fields' storage forms of a row; the driver hands JSONB over as text."""
    if isinstance(raw, (str, bytes)):
        return dict(orjson.loads(raw)) if raw not in {"{}", b"{}"} else {}
    return raw or {}


def run(statement: Sql) -> list[tuple[Any, ...]]:
    """The rows of one statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        return list(cursor.fetchall())


def run_one(statement: Sql) -> tuple[Any, ...]:
    """The only row of one statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        return tuple(cursor.fetchone())


def execute(statement: Sql) -> int:
    """Run one statement; the number of rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        return int(cursor.rowcount)
