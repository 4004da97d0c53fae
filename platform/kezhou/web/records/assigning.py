"""What the record page says of its open assignments."""

from __future__ import annotations

from dataclasses import dataclass

from kezhou import assignments
from kezhou.access.actor import MemberActor
from kezhou.assignments import Assignment
from kezhou.assignments.closing import may_answer, may_withdraw
from kezhou.records import Entry
from kezhou.web.inbox.lines import due_of, is_late


@dataclass(frozen=True, slots=True)
class Band:
    """One open assignment: what this person may do with it, and how it stands with its day."""

    row: Assignment
    mine: bool
    withdraws: bool
    due: str
    late: bool


def band(actor: MemberActor, entry: Entry) -> tuple[Band, ...]:
    """The open assignments of a record: one statement, none for types that cannot be assigned."""
    if not assignments.assignable(entry.type):
        return ()
    return tuple(
        Band(row, may_answer(actor, row), may_withdraw(actor, row), due_of(row.due_on), is_late(row.due_on))
        for row in assignments.of(entry)
    )
