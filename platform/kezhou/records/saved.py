"""What `kezhou.records.save` answers: what was written, and for everything that was not, where and why."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kezhou.records.spec import RecordError


class SaveRefused(RecordError):
    """Raised by `SaveResult.demand`: the first problem's sentence; `result` holds them all."""

    def __init__(self, result: SaveResult) -> None:
        self.result = result
        super().__init__(result.sentence)


def new_action() -> str:
    """The id of a new user action; everything saved with it is one step in history, undo and rollback."""
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Saved:
    """A change that stands: `kind` is created, changed or same (nothing differed, nothing was written)."""

    position: int
    pk: int
    version: int
    kind: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the change at `position` was not written. `field` is "" when it concerns the whole record.

    `code` is invalid, not_allowed, not_found, conflict, twin, refused or constraint.
    """

    position: int
    field: str
    sentence: str
    code: str = "invalid"


@dataclass(frozen=True, slots=True)
class Twin:
    """An existing record that looks the same. `title` and `owner` are None when the actor may not see it.

    `same_as` is the position of an earlier change of the same batch (then `pk` is 0).
    """

    position: int
    pk: int
    fields: tuple[str, ...]
    title: str | None
    owner: str | None = None
    same_as: int | None = None


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """One field that both changed: the value both began with, the other's and mine."""

    field: str
    original: Any
    theirs: Any
    mine: Any


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody saved in between (PLT-15). `fields` are those where mine differs from theirs; `version` is the present one."""

    position: int
    pk: int
    version: int
    changed_by: str
    fields: tuple[FieldConflict, ...]
    others: tuple[FieldConflict, ...] = ()


@dataclass(frozen=True, slots=True)
class SaveResult:
    """The outcome of one batch. With on_error="stop" either everything stands or nothing does."""

    action: str
    saved: tuple[Saved, ...] = ()
    problems: tuple[Problem, ...] = ()
    twins: tuple[Twin, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    skipped: tuple[int, ...] = ()

    @property
    def ok(self) -> bool:
        """True when every change stands or was skipped as a twin by request."""
        return not self.problems

    @property
    def pk(self) -> int:
        """The key of the only record of a batch of one."""
        (only,) = self.demand().saved
        return only.pk

    @property
    def pks(self) -> tuple[int, ...]:
        """Keys of all that stand, by position."""
        return tuple(item.pk for item in self.saved)

    @property
    def sentence(self) -> str:
        """The first problem's sentence, or nothing."""
        return self.problems[0].sentence if self.problems else ""

    def errors(self, position: int = 0) -> Mapping[str, tuple[str, ...]]:
        """Sentences by field of one record, for its form; "" holds those of the whole record."""
        found: dict[str, tuple[str, ...]] = {}
        for problem in self.problems:
            if problem.position == position:
                found[problem.field] = (*found.get(problem.field, ()), problem.sentence)
        return found

    def demand(self) -> SaveResult:
        """This result, or SaveRefused when something was not written."""
        if not self.ok:
            raise SaveRefused(self)
        return self
