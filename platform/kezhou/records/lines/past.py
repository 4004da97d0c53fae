"""What happened to the lines of a record: read from the lines' own history, told in the parent's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from kezhou.records.rows import run
from kezhou.records.spec import TypeSpec
from kezhou.records.sql import Sql, quoted
from kezhou.records.structure import LinesSpec
from kezhou.records.structuring import POSITION


@dataclass(frozen=True, slots=True)
class RowStep:
    """One row's part of one act, as stored."""

    lines: LinesSpec
    type: TypeSpec
    pk: int
    title: str
    kind: str
    changes: Mapping[str, Any]


def row_steps(
    spec: TypeSpec, present: Mapping[str, TypeSpec], pk: int, actions: Iterable[str]
) -> Mapping[str, Sequence[RowStep]]:
    """The steps of the rows of one record by act: one statement per kind of lines; none for types without lines."""
    wanted = sorted(set(actions))
    found: dict[str, list[RowStep]] = defaultdict(list)
    for lines in spec.lines if wanted else ():
        inner = present[lines.type]
        title = quoted(str(inner.by_key[inner.title_field].column or "number"))
        rows = run(
            Sql(
                f"SELECT h.action::text, h.record, t.{title}::text, h.kind, h.changes FROM records_history h "
                f"JOIN {inner.rows} t ON t.id = h.record WHERE h.type = %s AND h.action = ANY(%s::uuid[]) "
                f"AND t.{quoted(str(inner.by_key[lines.link].column))} = %s ORDER BY t.position, h.id",
                (inner.key, wanted, pk),
            )
        )
        for action, record, name, kind, raw in rows:
            changes = {key: pair for key, pair in orjson.loads(raw).items() if key not in {lines.link, POSITION}}
            found[action].append(RowStep(lines, inner, record, name or "", kind, changes))
    return found


def moved_only(step: RowStep) -> bool:
    """True when a row only changed its place: that is told once for the table, not row by row."""
    return step.kind == "changed" and not step.changes
