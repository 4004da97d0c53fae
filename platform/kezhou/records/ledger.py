"""History and outbox: what every write leaves behind, in its own transaction, one statement each per batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kezhou.records.rows import execute
from kezhou.records.sql import Sql
from kezhou.records.storing import dump
from kezhou.standing import demand_writing
from tenants import outbox

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

Changes = Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Step:
    """One record's part of an action: `changes` maps field keys to (old, new) in storage form; of lines the numbers of rows.

    `verb` names the domain verb that did it, where one did.
    """

    type: str
    pk: int
    version: int
    kind: str
    changes: Changes
    verb: str = ""


_COLUMNS = "type varchar, record bigint, version int, kind varchar, verb varchar, changes jsonb"
_TOLD = {"moved": "changed", "acted": "changed"}
"""What consumers of events are told: a move and a domain verb are changes to them."""


def note(actor: Actor, steps: Sequence[Step], *, action: str, source: str, at: datetime, history: bool = True) -> None:
    """Write history (unless a new definition made the values) and events of the steps, after their rows were locked and written."""
    if not steps:
        return
    demand_writing(actor)
    if history:
        _tell(actor, steps, action=action, source=source, at=at)
    events = [outbox.Event(type=step.type, pk=step.pk, kind=_TOLD.get(step.kind, step.kind)) for step in steps]
    outbox.append(events, action=action)


def _tell(actor: Actor, steps: Sequence[Step], *, action: str, source: str, at: datetime) -> None:
    rows = [
        {
            "type": step.type,
            "record": step.pk,
            "version": step.version,
            "kind": step.kind,
            "verb": step.verb,
            "changes": step.changes,
        }
        for step in steps
    ]
    execute(
        Sql(
            "INSERT INTO records_history "
            "(type, record, version, kind, verb, at, actor, member, name, source, action, changes) "
            "SELECT x.type, x.record, x.version, x.kind, x.verb, %s, %s, %s, %s, %s, %s, x.changes "
            f"FROM ROWS FROM (jsonb_to_recordset(%s::jsonb) AS ({_COLUMNS})) WITH ORDINALITY "
            "AS x(type, record, version, kind, verb, changes, ord) ORDER BY x.ord",
            (at, actor.key[:80], actor.member_pk, actor.name[:120], source, action, dump(rows)),
        )
    )
