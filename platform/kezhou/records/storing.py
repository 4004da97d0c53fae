"""Values on their way into the database: one JSON parameter per statement, however many rows.

Every batch is written by one INSERT or UPDATE over `jsonb_to_recordset(%s)`: the text of the statement depends on the columns
alone, so one row and 500 rows use the same prepared plan, and every field type says its storage form only once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

import orjson
from django.contrib.postgres.fields import ArrayField
from django.db import connection

from kezhou.records.fields.base import dumps as slow_dump
from kezhou.records.spec import FieldSpec, TypeSpec
from kezhou.records.sql import Sql, literal, quoted


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


_NOTHING = {"text": "''", "boolean": "FALSE", "jsonb": "'{}'::jsonb"}


@cache
def empties(table: str, model: Any) -> Mapping[str, str]:
    """What stands for nothing in columns that are never NULL, as SQL; columns not named must be given or may be NULL."""
    types = column_types(table, model)
    required: list[Any] = [field for field in model._meta.concrete_fields if not field.null]
    found = {str(field.column): _NOTHING.get(types[str(field.column)], "") for field in required}
    arrays = [str(field.column) for field in required if isinstance(field, ArrayField)]
    found |= {column: f"'{{}}'::{types[column]}" for column in arrays}
    return {column: text for column, text in found.items() if text}


def recordset(table: str, model: Any, columns: Sequence[str]) -> str:
    """`jsonb_to_recordset` of the columns as the relation `x`, in the order of the JSON list."""
    types = column_types(table, model)
    shape = ", ".join(f"{quoted(name)} {types[name]}" for name in columns)
    names = ", ".join(quoted(name) for name in columns)
    return f"ROWS FROM (jsonb_to_recordset(%s::jsonb) AS ({shape})) WITH ORDINALITY AS x({names}, ord)"


def given(table: str, model: Any, name: str) -> str:
    """A column of `x`, with what stands for nothing where it may not be NULL."""
    nothing = empties(table, model).get(name)
    return f"COALESCE(x.{quoted(name)}, {nothing})" if nothing else f"x.{quoted(name)}"


@cache
def _insert_text(table: str, model: Any, columns: tuple[str, ...], visible: str) -> str:
    names = ", ".join(quoted(name) for name in columns)
    values = ", ".join(_numbered(table, model, name) for name in columns)
    return (
        f"WITH fresh AS (INSERT INTO {quoted(table)} AS t (id, {names}) SELECT x.id, {values} FROM (SELECT nextval("
        f"(SELECT pg_get_serial_sequence({literal(quoted(table))}, 'id'))) AS id, x.* "
        f"FROM {recordset(table, model, columns)} ORDER BY x.ord) x CROSS JOIN (SELECT %s::text AS prefix, %s::text AS type) p "
        f"RETURNING t.id, t.number, {visible} AS may), "
        "told AS (INSERT INTO records_numbertaken (type, number, record) SELECT %s, f.number, f.id FROM fresh f "
        "WHERE f.number <> '' ON CONFLICT DO NOTHING RETURNING number) "
        "SELECT f.id, f.number, f.may, f.number = '' OR EXISTS (SELECT FROM told WHERE told.number = f.number) "
        "FROM fresh f ORDER BY f.id"
    )


_SERIAL = "p.prefix || lpad(x.id::text, greatest(6, length(x.id::text)), '0')"


def _numbered(table: str, model: Any, name: str) -> str:
    """The number that was given, or the prefix (a parameter; NULL for types without numbers) with the row's own serial."""
    if name != "number":
        return given(table, model, name)
    return (
        f"COALESCE(x.number, {_SERIAL} || CASE WHEN EXISTS (SELECT FROM records_numbertaken k "
        f"WHERE k.type = p.type AND k.number = {_SERIAL}) THEN '-' || x.id ELSE '' END, '')"
    )


def insert(spec: TypeSpec, rows: Sequence[Mapping[str, Any]], visible: Sql) -> Sql:
    """Insert rows in their order; answers id, number, whether the actor may have such a row, and whether the number was free.

    A column not named is empty. Where no number is given, it is made from the serial of the row: unique under any number of
    simultaneous creations, which do not wait for each other. Every number is noted for ever, so none is given twice (NUM-03).
    """
    columns = ("number", *(n for n in column_types(spec.table, spec.model) if n not in {"id", "deleted_at", "number"}))
    prefix = spec.declaration.number or None
    if spec.discriminator is not None:
        rows = [{**row, spec.discriminator[0]: spec.discriminator[1]} for row in rows]
    return Sql(
        _insert_text(spec.table, spec.model, columns, visible.text),
        (dump(rows), prefix, spec.key, *visible.params, spec.key),
    )


@lru_cache(maxsize=1024)
def _update_text(table: str, model: Any, columns: tuple[str, ...], only: str, visible: str) -> str:
    sets = ", ".join(f"{quoted(name)} = {given(table, model, name)}" for name in columns)
    return (
        f"UPDATE {quoted(table)} AS t SET {sets}, version = t.version + 1 "
        f"FROM {recordset(table, model, ('id', *columns))} WHERE t.id = x.id{only} RETURNING t.id, t.version, {visible}"
    )


def update(spec: TypeSpec, columns: Sequence[str], rows: Sequence[Mapping[str, Any]], visible: Sql) -> Sql:
    """Write these columns of rows by their id; answers id, new version and whether the actor may have such a row."""
    text = _update_text(spec.table, spec.model, tuple(columns), spec.only("t"), visible.text)
    return Sql(text, (dump(rows), *visible.params))


def put(spec: TypeSpec, columns: Sequence[str], own: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Sql:
    """Write computed values of rows by their id, which is no edit: columns, and own fields in `custom`, whose empties drop their key."""
    sets = [f"{quoted(name)} = {given(spec.table, spec.model, name)}" for name in columns]
    if own:
        gone = ", ".join(literal(key) for key in own)
        sets.append(f"custom = (t.custom - ARRAY[{gone}]::text[]) || x.custom")
    shape = ("id", *columns, *(("custom",) if own else ()))
    return Sql(
        f"UPDATE {quoted(spec.table)} AS t SET {', '.join(sets)} "
        f"FROM {recordset(spec.table, spec.model, shape)} WHERE t.id = x.id{spec.only('t')} RETURNING t.id",
        (dump(rows),),
    )


def mark(spec: TypeSpec, pks: Sequence[int], *, deleted_at: Any, action: str, at: Any, by: int | None) -> Sql:
    """Into the bin (`deleted_at` a moment) or out of it (None); answers id and new version."""
    return Sql(
        f"UPDATE {quoted(spec.table)} AS t SET deleted_at = %s, version = t.version + 1, action = %s, changed_at = %s, "
        f"changed_by_id = %s WHERE t.id = ANY(%s){spec.only('t')} RETURNING t.id, t.version",
        (deleted_at, action, at, by, list(pks)),
    )


def count_up(spec: TypeSpec, pks: Sequence[int], *, action: str, at: Any, by: int | None) -> Sql:
    """Another version of rows whose lines were changed; rows in the bin are left alone. Answers id and new version."""
    return Sql(
        f"UPDATE {quoted(spec.table)} AS t SET version = t.version + 1, action = %s, changed_at = %s, changed_by_id = %s "
        f"WHERE t.id = ANY(%s) AND t.deleted_at IS NULL{spec.only('t')} RETURNING t.id, t.version",
        (action, at, by, list(pks)),
    )


def unsaved(spec: TypeSpec, rows: Sequence[tuple[int | None, Mapping[str, Any]]]) -> Sql:
    """Rows as they would be stored, as the relation `t` with their place in `t.ord`: (primary key or None, values by field key)."""
    types = column_types(spec.table, spec.model)
    shape = ", ".join(f"{quoted(name)} {kind}" for name, kind in types.items())
    text = f"ROWS FROM (jsonb_to_recordset(%s::jsonb) AS ({shape})) WITH ORDINALITY AS t({', '.join(map(quoted, types))}, ord)"
    return Sql(text, (dump([_unsaved(spec, pk, values) for pk, values in rows]),))


def _unsaved(spec: TypeSpec, pk: int | None, values: Mapping[str, Any]) -> dict[str, Any]:
    texts = {name: "" for name, nothing in empties(spec.table, spec.model).items() if nothing == "''"}
    row: dict[str, Any] = {**texts, "id": pk, "custom": {}}
    for field in spec.fields:
        value = values.get(field.key)
        if value is None:
            continue
        if field.column is not None:
            row[field.column] = stored_column(field, value)
        else:
            row["custom"][field.key] = stored(field, value)
    return row


def drop_own(spec: TypeSpec, key: str, *, limit: int) -> Sql:
    """Take an own field's values from so many rows that hold one, those in the bin included; neither version nor history changes."""
    name, held = quoted("custom"), literal(key)
    return Sql(
        f"UPDATE {quoted(spec.table)} u SET {name} = u.{name} - {held} WHERE u.id IN "
        f"(SELECT t.id FROM {spec.rows} t WHERE t.{name} ? {held} LIMIT {limit:d})"
    )
