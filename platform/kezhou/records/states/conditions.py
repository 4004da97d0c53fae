"""Filter trees over values that are not saved yet: PostgreSQL evaluates the very condition of lists over the rows as they would be,
so that there is one condition language and one truth about empty values, texts and dates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kezhou.access.actor import System
from kezhou.records import filters, storing
from kezhou.records.fields import Context
from kezhou.records.rows import run
from kezhou.records.spec import TypeSpec
from kezhou.records.sql import Sql

JUDGE = System("conditions of states and actions see every field")


def fitting(
    spec: TypeSpec, tree: Sequence[Any], rows: Sequence[tuple[int | None, Mapping[str, Any]]], context: Context
) -> list[bool]:
    """For each (primary key or None, values by field key) whether the tree holds: one statement. Raises FilterError."""
    condition = filters.Compiler(JUDGE, context).sql(filters.parse(tree), spec, "t")
    given = storing.unsaved(spec, rows)
    text = f"SELECT COALESCE({condition.text}, FALSE) FROM {given.text} ORDER BY t.ord"
    found = run(Sql(text, (*condition.params, *given.params)))
    return [bool(row[0]) for row in found]
