"""Values on their way into the database: one JSON parameter per statement, however many rows.

Every batch is written by one INSERT or UPDATE over `jsonb_to_recordset(%s)`: the text of the statement depends on the columns
alone, so one row and 500 rows use the same prepared plan, and every field type says its storage form only once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

import orjson
from django.contrib.postgres.fields import ArrayField
from django.db import connection

from kezhou.records.fields.base import dumps as slow_dump
from kezhou.records.spec import FieldSpec, TypeSpec
from kezhou.records.sql import Sql, quoted


def exact(value: Any) -> Any:
    """A storage form in which decimals are JSON numbers: integers and floats where these say every digit."""
    if isinstance(value, Decimal):
        if value == value.to_integral_value() and abs(value) < 2**53:
            return int(value)
        near = float(value)
        return near if Decimal(repr(near)) == value else value
    return [exact(item) for item in value] if isinstance(value, (list, tuple)) else value


def dump(value: Any) -> str:
    """JSON text. Decimals that no float says exactly are written digit by digit."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return slow_dump(orjson_ready(value))


def orjson_ready(value: Any) -> Any:
    """The same with everything but decimals in JSON's own types."""
    if isinstance(value, dict):
        return {key: orjson_ready(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [orjson_ready(item) for item in value]
    return value if isinstance(value, Decimal) else orjson.loads(orjson.dumps(value))


def stored(field: FieldSpec, value: Any) -> Any:
    """The storage form of a value in JSON; None for an empty one."""
    return None if value is None or value == () else exact(field.kind.to_json(value, field))


def stored_column(field: FieldSpec, value: Any) -> Any:
    """The storage form of a value for its own column; decimals as text."""
    if value is None or value == ():
        return None
    form = field.kind.to_json(value, field)
    return format(form, "f") if isinstance(form, Decimal) else form


@cache
def column_types(table: str, model: Any) -> Mapping[str, str]:
    """The SQL type of every column, without lengths (the column itself refuses what is too long)."""
    types = {}
    for field in model._meta.concrete_fields:
        name = str(field.db_type(connection)).partition(" COLLATE")[0]
        if field.get_internal_type() in {"BigAutoField", "AutoField"}:
            name = "bigint"
        types[field.column] = "text" if name.startswith(("varchar", "char")) else name
    return types


@cache
def not_null_texts(table: str, model: Any) -> frozenset[str]:
    """Text columns in which nothing is the empty text."""
    return frozenset(
        field.column
        for field in model._meta.concrete_fields
        if not field.null and field.get_internal_type() in {"CharField", "TextField", "EmailField"}
    )


@cache
def not_null_lists(table: str, model: Any) -> frozenset[str]:
    """Array columns in which nothing is the empty array."""
    fields = model._meta.concrete_fields
    return frozenset(field.column for field in fields if not field.null and isinstance(field, ArrayField))


def recordset(spec: TypeSpec, columns: Sequence[str]) -> str:
    """`jsonb_to_recordset` of the columns as the relation `x`, in the order of the JSON list."""
    types = column_types(spec.table, spec.model)
    shape = ", ".join(f"{quoted(name)} {types[name]}" for name in columns)
    names = ", ".join(quoted(name) for name in columns)
    return f"ROWS FROM (jsonb_to_recordset(%s::jsonb) AS ({shape})) WITH ORDINALITY AS x({names}, ord)"


def insert(spec: TypeSpec, columns: Sequence[str], rows: Sequence[Mapping[str, Any]], visible: Sql) -> Sql:
    """Insert rows in their order; answers id and whether the actor may have such a row."""
    names = ", ".join(quoted(name) for name in columns)
    values = ", ".join(f"x.{quoted(name)}" for name in columns)
    return Sql(
        f"INSERT INTO {quoted(spec.table)} AS t ({names}) SELECT {values} FROM {recordset(spec, columns)} ORDER BY x.ord "
        f"RETURNING t.id, {visible.text}",
        (dump([_blanked(spec, row) for row in rows]), *visible.params),
    )


def update(spec: TypeSpec, columns: Sequence[str], rows: Sequence[Mapping[str, Any]], visible: Sql) -> Sql:
    """Write rows by their id; answers id, new version and whether the actor may have such a row."""
    sets = ", ".join(f"{quoted(name)} = x.{quoted(name)}" for name in columns)
    return Sql(
        f"UPDATE {quoted(spec.table)} AS t SET {sets}, version = t.version + 1 "
        f"FROM {recordset(spec, ('id', *columns))} WHERE t.id = x.id RETURNING t.id, t.version, {visible.text}",
        (dump([_blanked(spec, row) for row in rows]), *visible.params),
    )


def _blanked(spec: TypeSpec, row: Mapping[str, Any]) -> dict[str, Any]:
    empties: dict[str, Any] = dict.fromkeys(not_null_texts(spec.table, spec.model), "")
    empties |= {name: [] for name in not_null_lists(spec.table, spec.model)}
    return {name: empties.get(name) if value is None else value for name, value in row.items()}
