"""Where a link's key lies in SQL: in a column, or among the own fields of a row. Readers of links need not know which."""

from __future__ import annotations

from kezhou.records.spec import FieldSpec
from kezhou.records.sql import literal, quoted


def pointer(field: FieldSpec, ref: str) -> str:
    """The linked record's primary key, NULL where the link is empty."""
    if field.column is not None:
        return f"{ref}.{quoted(field.column)}"
    return f"(({ref}.{quoted('custom')}->>{literal(field.key)})::bigint)"


def meets(field: FieldSpec, ref: str, pk: str) -> str:
    """A condition that the row under `ref` points to `pk` (an SQL expression); own fields by the index of `custom`."""
    if field.column is not None:
        return f"{ref}.{quoted(field.column)} = {pk}"
    return f"{ref}.{quoted('custom')} @> jsonb_build_object({literal(field.key)}, {pk})"


def emptied(field: FieldSpec, ref: str) -> str:
    """The assignment of an UPDATE that empties the link."""
    if field.column is not None:
        return f"{quoted(field.column)} = NULL"
    return f"{quoted('custom')} = {ref}.{quoted('custom')} - {literal(field.key)}"
