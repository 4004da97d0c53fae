"""What became of each row, in words for the person who sent the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from kezhou.exchange.models import ImportBatch, ImportRow
from kezhou.exchange.rows import Row, Sheet
from kezhou.exchange.tables import shown
from kezhou.exchange.views import SheetCounts
from kezhou.records.fields.text import Text
from kezhou.records.saved import SaveResult, Twin


@dataclass(slots=True)
class Outcome:
    """One row's: `kind` is new, update, same, twin or wrong; problems are (column or None, sentence).

    `inside` are problems of its lines: (key of the lines, place among those given, field, sentence).
    """

    kind: str
    problems: list[tuple[int | None, str]] = field(default_factory=list)
    inside: list[tuple[str, int, str, str]] = field(default_factory=list)

    def tell(self, sheet: Sheet, field: str, sentence: str) -> None:
        """Note a problem at its column, or with the line that it belongs to."""
        key, _dot, rest = field.partition(".")
        index, _dot, inner = rest.partition(".")
        if index.isdigit() and any(lines.key == key for lines in sheet.spec.lines):
            self.inside.append((key, int(index), inner, sentence))
        else:
            self.problems.append((sheet.column_of(field), sentence))


def messages(sheet: Sheet, rows: Sequence[Row], result: SaveResult) -> list[Outcome]:
    """The outcomes of saving these rows."""
    outcomes = [Outcome("wrong") for _row in rows]
    for item in result.saved:
        outcomes[item.position].kind = {"created": "new", "changed": "update"}.get(item.kind, "same")
    for position in result.skipped:
        outcomes[position].kind = "twin"
    for problem in result.problems:
        outcome = outcomes[problem.position]
        outcome.kind = "twin" if problem.code == "twin" else "wrong"
        outcome.tell(sheet, problem.field, problem.sentence)
    for conflict in result.conflicts:
        sentence = _("同时有人（%(who)s）修改了这条记录，请稍后重新导入这一行。") % {"who": conflict.changed_by}
        outcomes[conflict.position] = Outcome("wrong", [(None, sentence)])
    for twin in result.twins:
        outcome = outcomes[twin.position]
        if outcome.kind == "twin" and not outcome.problems:
            outcome.problems.append((sheet.column_of(twin.fields[0]), twin_sentence(sheet, rows, twin)))
    return outcomes


def twin_sentence(sheet: Sheet, rows: Sequence[Row], twin: Twin) -> str:
    """Why a row is skipped as a twin."""
    labels = "、".join(str(sheet.spec.by_key[key].label) for key in twin.fields)
    if twin.same_as is not None:
        return same_row_sentence(sheet, labels, rows[twin.same_as].number)
    known = f"“{twin.title}”" if twin.title else _("（你无权查看）")
    return _("%(labels)s与已有的%(type)s%(title)s相同。") % {"labels": labels, "type": sheet.spec.title, "title": known}


def same_row_sentence(sheet: Sheet, labels: str, row: int) -> str:
    """Why a row is a twin of another row of the same file."""
    return _("%(labels)s与文件第 %(row)s 行相同。") % {"labels": labels, "row": row}


def noted(sheet: Sheet, row: Row) -> list[tuple[int, str]]:
    """Remarks on a row that comes in: contents that look like formulas are kept as text."""
    if not any(isinstance(cell, str) and ("=" in cell or "＝" in cell) for cell in row.cells):
        return []
    return [
        (column.place, _("以“=”开头的内容按文字保存，不会计算。"))
        for column in sheet.columns
        if isinstance(column.field.kind, Text)
        and isinstance(cell := row.cells[column.place], str)
        and cell.lstrip().startswith(("=", "＝"))
    ]


def stored(
    batch: ImportBatch, sheet: Sheet, rows: Sequence[Row], outcomes: Sequence[Outcome], *, keep: tuple[str, ...]
) -> Iterator[ImportRow]:
    """The rows to be remembered: those whose kind is in `keep`, and those with a remark."""
    for row, outcome in zip(rows, outcomes, strict=True):
        if outcome.kind in keep:
            yield _stored(batch, sheet, row, outcome.kind, outcome.problems)
        if outcome.kind not in {"wrong", "twin"} and (remarks := noted(sheet, row)):
            yield _stored(batch, sheet, row, "noted", remarks)


def _stored(
    batch: ImportBatch, sheet: Sheet, row: Row, kind: str, problems: Sequence[tuple[int | None, str]]
) -> ImportRow:
    first = problems[0] if problems else (None, "")
    return ImportRow(
        batch=batch,
        sheet=sheet.place,
        row=row.number,
        kind=kind,
        column=first[0],
        sentence=first[1],
        problems=[list(problem) for problem in problems],
        cells=[shown(cell) for cell in row.cells],
    )


def counted(counts: SheetCounts, sheet: Sheet, rows: Sequence[Row], outcomes: Sequence[Outcome]) -> SheetCounts:
    """The counts with those of one more batch."""
    kinds = [outcome.kind for outcome in outcomes]
    more = {name: getattr(counts, name) + kinds.count(name) for name in ("new", "update", "same", "twin", "wrong")}
    remarks = sum(
        1 for row, kind in zip(rows, kinds, strict=True) if kind not in {"twin", "wrong"} and noted(sheet, row)
    )
    return replace(counts, **more, noted=counts.noted + remarks)
