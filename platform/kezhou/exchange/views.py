"""What the wizard's pages are given: plain values, ready to show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kezhou.records.spec import RecordError

MODES: Mapping[str, str] = {"add": "新增", "update": "更新", "both": "新增并更新"}


class ExchangeError(RecordError):
    """An import or export that cannot go on; `str()` is a full sentence for the user: what, and what to do."""


@dataclass(frozen=True, slots=True)
class TargetView:
    """One field that a column can be mapped to. `kind` is the field type's key."""

    key: str
    label: str
    required: bool
    kind: str


@dataclass(frozen=True, slots=True)
class ValueView:
    """One distinct text of a mapped choice or member column.

    `target` is what it becomes (an option's key, a member's primary key as text, `invite` for a new member who is not yet
    invited, `skip` for leaving the cell empty) and `label` how that reads; None with `problem` when nothing is decided.
    `suggestion` is the nearest (key, label) that is close but not sure.
    """

    text: str
    rows: int
    target: str | None
    label: str = ""
    suggestion: tuple[str, str] | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class ColumnView:
    """One column of a sheet. `field` is the mapped field's key, None when it is left out.

    `confidence` is exact, similar, history, chosen or none; `why` says it in a few words. `values` is filled for choices
    and members; `options` are the (key, label) pairs that such a value may become.
    """

    index: int
    letter: str
    title: str
    samples: tuple[str, ...]
    field: str | None
    field_label: str
    confidence: str
    why: str
    values: tuple[ValueView, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    people: bool = False


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """A row that is no record, and why: a title above the header, a total, an empty row is not even listed."""

    row: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class SheetView:
    """One sheet as the plan reads it. `type_key` None leaves the whole sheet out."""

    index: int
    title: str
    header_row: int
    header_candidates: tuple[tuple[int, tuple[str, ...]], ...]
    type_key: str | None
    type_label: str
    rows: int
    skipped: tuple[SkippedRow, ...]
    columns: tuple[ColumnView, ...]
    missing: tuple[str, ...] = ()

    @property
    def ready(self) -> bool:
        """True when every required field has a column and every value a target."""
        undecided = any(value.problem for column in self.columns for value in column.values)
        return self.type_key is None or (not self.missing and not undecided)


@dataclass(frozen=True, slots=True)
class CellView:
    """One cell of a checked row; `state` is ok, wrong, edited or fixed (edited and right now)."""

    column: int
    title: str
    text: str
    field: str | None
    state: str
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class AdviceView:
    """A replacement that would mend rows: the button says how many."""

    label: str
    column: int
    old: str
    new: str
    rows: int


@dataclass(frozen=True, slots=True)
class RowView:
    """One row of the file, by its number there."""

    number: int
    cells: tuple[CellView, ...]
    kind: str
    sentence: str = ""
    advice: AdviceView | None = None


@dataclass(frozen=True, slots=True)
class ProblemPage:
    """One page of rows of one kind (new, update, twin, wrong or noted)."""

    rows: tuple[RowView, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class ErrorGroup:
    """How many rows have the same kind of error; `key` is given back to `problems(error=…)`."""

    key: str
    title: str
    rows: int


@dataclass(frozen=True, slots=True)
class SheetCounts:
    """What the dry run or the import found in one sheet: 新增, 更新, 重复, 错误; `noted` rows came in with a remark."""

    title: str
    type_key: str
    index: int = 0
    new: int = 0
    update: int = 0
    same: int = 0
    twin: int = 0
    wrong: int = 0
    noted: int = 0

    @property
    def rows(self) -> int:
        """All rows that are records."""
        return self.new + self.update + self.same + self.twin + self.wrong
