"""From the cells of a row to a change that `records.save` takes, as the plan says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kezhou.access.actor import Actor
from kezhou.exchange import planning
from kezhou.exchange.matching import PEOPLE
from kezhou.exchange.models import ImportBatch
from kezhou.exchange.readers import Cells, Table, open_table
from kezhou.exchange.tables import data_rows, shown
from kezhou.files import storage as files
from kezhou.records.fields.reading import is_blank, narrow
from kezhou.records.spec import FieldSpec, TypeSpec

SIZE = 500
SKIP = "skip"
INVITE = "invite"

Change = dict[str, Any]


@contextmanager
def opened(actor: Actor, batch: ImportBatch) -> Iterator[Table]:
    """The uploaded file as a table, in a folder of its own that goes afterwards. Raises ExchangeError, FileNotFound."""
    with TemporaryDirectory(prefix="kezhou-import-") as folder:
        path = Path(folder) / "table"
        path.symlink_to(files.location(actor, batch.file_pk))
        yield open_table(path)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the file that is a record: its number there, its cells, and the change it means.

    `inside` holds the rows of other sheets that are its lines, by the key under which the record holds them.
    """

    number: int
    cells: Cells
    change: Change
    inside: Mapping[str, Sequence[Row]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """One mapped column: `values` maps texts to what they become, `replaced` texts to other texts."""

    place: int
    field: FieldSpec
    values: Mapping[str, Any]
    replaced: Mapping[str, str]

    @property
    def named(self) -> bool:
        """True when texts of the column mean options, members or linked records."""
        return bool(self.values) or self.field.target is not None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One imported sheet, ready to be read: `place` is its number among the imported sheets."""

    place: int
    spec: TypeSpec
    plan: Mapping[str, Any]
    columns: tuple[Column, ...]
    edits: Mapping[str, Mapping[str, str]]
    keep_blanks: bool

    def column_of(self, field: str) -> int | None:
        """The place of the column that fills a field."""
        return next((column.place for column in self.columns if column.field.key == field), None)

    def batches(self, table: Table, *, after: int = 0) -> Iterator[list[Row]]:
        """The rows in batches of at most 500, from behind row number `after`. Raises ExchangeError."""
        batch: list[Row] = []
        for number, cells in data_rows(table, self.plan["index"], self.plan["header_row"], self.plan["titles"]):
            if number <= after:
                continue
            batch.append(self._row(number, cells))
            if len(batch) == SIZE:
                yield batch
                batch = []
        if batch:
            yield batch

    def _row(self, number: int, cells: Cells) -> Row:
        if edits := self.edits.get(str(number)):
            cells = [edits.get(str(place), cell) for place, cell in enumerate(cells)]
        change: Change = {}
        for column in self.columns:
            cell = cells[column.place]
            if column.replaced:
                cell = column.replaced.get(shown(cell), cell)
            if column.named:
                cell = _meaning(column, cell)
            if not is_blank(cell):
                change[column.field.key] = cell
            elif not self.keep_blanks or column.field.required:
                change[column.field.key] = None
        return Row(number, cells, change)


def _meaning(column: Column, cell: Any) -> Any:
    text = shown(cell)
    target = column.values.get(text, text)
    if target == SKIP:
        return None
    return narrow(target) if isinstance(target, str) and column.field.target else target


def ready_sheets(actor: Actor, batch: ImportBatch, invited: Mapping[str, int] | None = None) -> list[Sheet]:
    """The imported sheets, those first to which others link. `invited` holds members made for names in the file."""
    return [_ready(actor, batch, place, plan, invited or {}) for place, plan in planning.in_order(actor, batch.plan)]


def _ready(actor: Actor, batch: ImportBatch, place: int, plan: Mapping[str, Any], invited: Mapping[str, int]) -> Sheet:
    fields = planning.fields_by_key(actor, plan["type"])
    columns = []
    for key, column in plan["columns"].items():
        if field := fields.get(column["field"]):
            values = {text: _target(text, to, field, invited) for text, to in plan["values"].get(key, {}).items()}
            columns.append(Column(int(key), field, values, plan["replaced"].get(key, {})))
    keep = batch.blank_keeps or batch.mode == "add"
    spec = planning.spec_of(actor, dict(plan))
    return Sheet(place, spec, plan, tuple(columns), batch.edits.get(str(place), {}), keep)


def _target(text: str, to: str, field: FieldSpec, invited: Mapping[str, int]) -> Any:
    if to == INVITE and field.target == PEOPLE:
        return invited.get(text, text)
    return int(to) if field.target and to.isdigit() else to


def to_invite(batch: ImportBatch) -> list[str]:
    """The names in the file for which members are made, who are not yet invited."""
    return sorted(
        {
            text
            for sheet in planning.imported(batch.plan)
            for values in sheet["values"].values()
            for text, target in values.items()
            if target == INVITE
        }
    )
