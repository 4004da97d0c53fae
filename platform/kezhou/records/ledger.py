"""History and outbox: what every write leaves behind, in its own transaction, one statement each per batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kezhou.records.rows import execute
from kezhou.records.sql import Sql
from kezhou.records.storing import dump
from tenants import outbox

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

Changes = Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Step:
    """One record's part of an action: `changes` maps field keys to (old, new) in storage form."""

    type: str
    pk: int
    version: int
    kind: str
    changes: Changes


_COLUMNS = "type varchar, record bigint, version int, kind varchar, changes jsonb"


def note(actor: Actor, steps: Sequence[Step], *, action: str, source: str, at: datetime, history: bool = True) -> None:
    """Write history (unless a new definition made the values) and events of the steps, after their rows were locked and written."""
    if not steps:
        return
    if history:
        _tell(actor, steps, action=action, source=source, at=at)
    outbox.append([outbox.Event(type=step.type, pk=step.pk, kind=step.kind) for step in steps], action=action)


def _tell(actor: Actor, steps: Sequence[Step], *, action: str, source: str, at: datetime) -> None:
    rows = [
        {"type": step.type, "record": step.pk, "version": step.version, "kind": step.kind, "changes": step.changes}
        for step in steps
    ]
    execute(
        Sql(
            "INSERT INTO records_history (type, record, version, kind, at, actor, member, name, source, action, changes) "
            "SELECT x.type, x.record, x.version, x.kind, %s, %s, %s, %s, %s, %s, x.changes "
            f"FROM ROWS FROM (jsonb_to_recordset(%s::jsonb) AS ({_COLUMNS})) WITH ORDINALITY "
            "AS x(type, record, version, kind, changes, ord) ORDER BY x.ord",
            (at, actor.key[:80], actor.member_pk, actor.name[:120], source, action, dump(rows)),
        )
    )
