"""Since when records are in their state: the last move, or the making of a record that has not moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from kezhou.records.rows import run
from kezhou.records.spec import TypeSpec
from kezhou.records.sql import Sql


def entered(spec: TypeSpec, pks: Iterable[int]) -> Mapping[int, datetime]:
    """By primary key when the present state began, in one statement: for 停留 N 天. Pass keys that the actor has read."""
    rows = run(
        Sql(
            "SELECT record, max(at) FROM records_history WHERE type = %s AND record = ANY(%s) "
            "AND kind IN ('created', 'moved') GROUP BY record",
            (spec.key, sorted(set(pks))),
        )
    )
    return {row[0]: row[1] for row in rows}
