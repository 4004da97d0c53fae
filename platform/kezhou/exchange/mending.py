"""Changing the plan, looking at the rows of a check, mending cells, and the file of wrong rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from io import BytesIO
from itertools import islice
from typing import Any

from django.db.models import Count, Min
from django.utils.translation import gettext as _

from kezhou.access.actor import Actor
from kezhou.exchange import matching, planning
from kezhou.exchange.mapping import nearest, people
from kezhou.exchange.matching import PEOPLE
from kezhou.exchange.models import ImportBatch, ImportRow
from kezhou.exchange.rows import INVITE, SKIP, Sheet, opened, ready_sheets
from kezhou.exchange.sheets import write_workbook
from kezhou.exchange.tables import shown
from kezhou.exchange.views import AdviceView, CellView, ErrorGroup, ExchangeError, ProblemPage, RowView
from kezhou.files import storage as files
from kezhou.files.models import File
from kezhou.records.spec import FieldSpec

PAGE = 20
_STORED = {"wrong", "twin", "update", "noted"}


def change_sheet(actor: Actor, batch: ImportBatch, sheet: dict[str, Any], change: Mapping[str, Any]) -> None:
    """Apply one sheet's part of `imports.set_plan`. Raises ExchangeError."""
    if unknown := set(change) - {"type_key", "header_row", "columns", "values"}:
        raise ExchangeError(_("导入设置里没有“%(name)s”。") % {"name": sorted(unknown)[0]})
    if "header_row" in change:
        _move_header(actor, batch, sheet, int(change["header_row"]))
    if "type_key" in change:
        key = change["type_key"] or None
        if key is not None and key not in matching.importable(actor):
            raise ExchangeError(_("没有可以导入的记录类型“%(type)s”。") % {"type": key})
        planning.assign_type(actor, sheet, key)
    for place, field in (change.get("columns") or {}).items():
        _map_column(actor, sheet, int(place), field)
    for place, values in (change.get("values") or {}).items():
        _map_values(actor, sheet, int(place), values)


def _move_header(actor: Actor, batch: ImportBatch, sheet: dict[str, Any], row: int) -> None:
    known = matching.known_names(actor)
    with opened(actor, batch) as table:
        fresh = planning.read_sheet(actor, table, sheet["index"], known, wanted=batch.type_key, header=row)
    if not fresh["titles"]:
        raise ExchangeError(_("第 %(row)s 行是空的，不能作表头。") % {"row": row})
    kept = sheet["type"]
    sheet.update(fresh)
    if kept != sheet["type"]:
        planning.assign_type(actor, sheet, kept)


def _map_column(actor: Actor, sheet: dict[str, Any], place: int, field: str | None) -> None:
    if not 0 <= place < len(sheet["titles"]) or sheet["type"] is None:
        raise ExchangeError(_("表“%(sheet)s”没有第 %(column)s 列。") % {"sheet": sheet["title"], "column": place + 1})
    before = sheet["columns"].get(str(place), {}).get("field")
    if (field or None) == before:
        return
    sheet["values"].pop(str(place), None)
    sheet["columns"].pop(str(place), None)
    if not field:
        return
    if field not in planning.fields_by_key(actor, sheet["type"]):
        raise ExchangeError(_("没有可以导入的字段“%(field)s”。") % {"field": field})
    # One field is filled by one column: the latest choice wins.
    sheet["columns"] = {key: column for key, column in sheet["columns"].items() if column["field"] != field}
    sheet["columns"][str(place)] = {"field": field, "confidence": "chosen", "why": _("你选的")}


def _map_values(actor: Actor, sheet: dict[str, Any], place: int, values: Mapping[str, str]) -> None:
    column = sheet["columns"].get(str(place))
    if column is None:
        raise ExchangeError(_("第 %(column)s 列还没有对应的字段。") % {"column": place + 1})
    allowed = _allowed(actor, planning.fields_by_key(actor, sheet["type"])[column["field"]])
    for text, target in values.items():
        if str(target) not in allowed:
            raise ExchangeError(_("“%(text)s”不能对应到“%(target)s”。") % {"text": text, "target": target})
    sheet["values"][str(place)] = {**sheet["values"].get(str(place), {}), **{t: str(v) for t, v in values.items()}}


def _allowed(actor: Actor, field: FieldSpec) -> dict[str, str]:
    """What a value of this column may become, with labels."""
    if field.target == PEOPLE:
        return dict(people(actor)) | {INVITE: "", SKIP: ""}
    return {option.key: str(option.label) for option in field.options} | {SKIP: ""}


# --- rows of the check ---------------------------------------------------------------------------------------------


def problems(
    actor: Actor, batch: ImportBatch, *, sheet: int, kind: str, error: str | None = None, page: int = 1
) -> ProblemPage:
    """One page of rows of a kind (new, update, twin, wrong, noted) of the sheet at this place; `error` is a group's key."""
    ready = next(each for each in ready_sheets(actor, batch) if each.place == sheet)
    found = ImportRow.objects.filter(batch=batch, sheet=sheet, kind=kind)
    if error:
        found = found.filter(column=None) if error == "row" else found.filter(column=int(error))
    if kind not in _STORED:
        return _unremarkable(actor, batch, ready, page)
    total = found.count()
    page = min(max(page, 1), max(1, math.ceil(total / PAGE)))
    rows = [_row_view(actor, ready, row) for row in found[(page - 1) * PAGE : page * PAGE]]
    return ProblemPage(tuple(rows), total, page, math.ceil(total / PAGE))


def _unremarkable(actor: Actor, batch: ImportBatch, sheet: Sheet, page: int) -> ProblemPage:
    """Rows that are simply new are not stored: they are read from the file again."""
    others = set(
        ImportRow.objects.filter(batch=batch, sheet=sheet.place).exclude(kind="noted").values_list("row", flat=True)
    )
    total = batch.sheet_counts[sheet.place].new
    page = min(max(page, 1), max(1, math.ceil(total / PAGE)))
    with opened(actor, batch) as table:
        new = (row for rows in sheet.batches(table) for row in rows if row.number not in others)
        shown_rows = list(islice(new, (page - 1) * PAGE, page * PAGE))
    views = tuple(
        RowView(row.number, _cells(sheet, row.number, [shown(cell) for cell in row.cells], {}), "new")
        for row in shown_rows
    )
    return ProblemPage(views, total, page, math.ceil(total / PAGE))


def _row_view(actor: Actor, sheet: Sheet, row: ImportRow) -> RowView:
    wrong = {place: sentence for place, sentence in reversed(row.problems) if place is not None}
    bad = wrong if row.kind == "wrong" else {}
    return RowView(
        number=row.row,
        cells=_cells(sheet, row.row, row.cells, bad),
        kind=row.kind,
        sentence="".join(sentence for _place, sentence in row.problems),
        advice=_advice(actor, sheet, row),
    )


def _cells(sheet: Sheet, number: int, texts: list[str], wrong: Mapping[int, str]) -> tuple[CellView, ...]:
    edits = sheet.edits.get(str(number), {})
    fields = {column.place: column.field.key for column in sheet.columns}
    found = []
    for place, title in enumerate(sheet.plan["titles"]):
        edited = edits.get(str(place))
        text = edited if edited is not None else texts[place] if place < len(texts) else ""
        changed = edited is not None and place < len(texts) and edited != texts[place]
        state = "edited" if changed else "wrong" if place in wrong else "fixed" if edited is not None else "ok"
        found.append(CellView(place, title, text, fields.get(place), state, wrong.get(place, "")))
    return tuple(found)


def _advice(actor: Actor, sheet: Sheet, row: ImportRow) -> AdviceView | None:
    """The nearest option or member for a wrong choice or name, and how many rows have the same text."""
    column = next((each for each in sheet.columns if each.place == row.column), None)
    if row.kind != "wrong" or column is None or not (column.field.options or column.field.target == PEOPLE):
        return None
    old = row.cells[column.place]
    close = nearest(old, _allowed(actor, column.field)) if old else None
    if close is None:
        return None
    rows = (sheet.plan["seen"][column.place] or {}).get(old, 1)
    return AdviceView(_("换成 %(label)s") % {"label": close[1]}, column.place, old, close[1], rows)


def error_groups(actor: Actor, batch: ImportBatch, sheet: int) -> tuple[ErrorGroup, ...]:
    """Wrong rows by the column at fault, most rows first."""
    rows = ImportRow.objects.filter(batch=batch, sheet=sheet, kind="wrong").order_by()
    counted = rows.values("column").annotate(rows=Count("id"), first=Min("sentence")).order_by("-rows")
    titles = planning.imported(batch.plan)[sheet]["titles"]
    return tuple(
        ErrorGroup(
            "row" if each["column"] is None else str(each["column"]),
            each["first"] if each["column"] is None else titles[each["column"]],
            each["rows"],
        )
        for each in counted
    )


def fix(actor: Actor, batch: ImportBatch, *, sheet: int, row: int, column: int, text: str) -> None:
    """Put another text into one cell; the next check or import reads it. The file itself stays as it is."""
    _demand_mendable(batch, sheet, column)
    batch.edits.setdefault(str(sheet), {}).setdefault(str(row), {})[str(column)] = text[:20_000]
    batch.save(update_fields=["edits"])


def replace(actor: Actor, batch: ImportBatch, *, sheet: int, column: int, old: str, new: str) -> int:
    """Read every cell of a column that holds `old` as `new`; how many rows that concerns."""
    _demand_mendable(batch, sheet, column)
    plan = planning.imported(batch.plan)[sheet]
    plan["replaced"].setdefault(str(column), {})[old] = new
    plan["values"].get(str(column), {}).pop(old, None)
    batch.save(update_fields=["plan"])
    seen = (plan["seen"][column] or {}).get(old)
    stored = ImportRow.objects.filter(batch=batch, sheet=sheet, kind="wrong", column=column)
    return (
        seen if seen is not None else sum(1 for cells in stored.values_list("cells", flat=True) if cells[column] == old)
    )


def _demand_mendable(batch: ImportBatch, sheet: int, column: int) -> None:
    used = planning.imported(batch.plan)
    if batch.position or batch.state in {ImportBatch.State.CHECKING, ImportBatch.State.RUNNING}:
        raise ExchangeError(_("这次导入已经开始，不能再改。请下载错误行，改好后重新导入。"))
    if not 0 <= sheet < len(used) or not 0 <= column < len(used[sheet]["titles"]):
        raise ExchangeError(_("文件里没有这一格。"))


def error_file(actor: Actor, batch: ImportBatch) -> File:
    """The rows that did not come in, sheet by sheet as they were, with their row, the columns at fault and the reasons.

    Mended, the file can be imported again: the three columns at its right are no fields. Twins stand on sheets of their own.
    """
    if batch.error_file_pk and batch.state in {ImportBatch.State.DONE, ImportBatch.State.UNDONE}:
        return files.get(actor, batch.error_file_pk)
    sheets = [
        (f"{sheet['title'][:20]}{suffix}", _error_rows(batch, place, sheet, kind))
        for kind, suffix in (("wrong", ""), ("twin", _("（重复）")))
        for place, sheet in enumerate(planning.imported(batch.plan))
        if ImportRow.objects.filter(batch=batch, sheet=place, kind=kind).exists()
    ]
    if not sheets:
        raise ExchangeError(_("没有错误行可以下载。"))
    target = BytesIO()
    write_workbook(target, sheets)
    target.seek(0)
    stem = batch.file_name.rpartition(".")[0] or batch.file_name
    file = files.store(actor, _("%(name)s 错误行.xlsx") % {"name": stem}, target, purpose="error_list")
    batch.error_file_pk = file.pk
    batch.save(update_fields=["error_file_pk"])
    return file


def _error_rows(batch: ImportBatch, place: int, sheet: Mapping[str, Any], kind: str) -> Any:
    titles = sheet["titles"]
    yield [*titles, _("原行号"), _("出错的列"), _("错误原因")]
    for row in ImportRow.objects.filter(batch=batch, sheet=place, kind=kind).iterator(chunk_size=1000):
        cells = (row.cells + [""] * len(titles))[: len(titles)]
        columns = "、".join(titles[column] for column, _sentence in row.problems if column is not None)
        yield [*cells, row.row, columns, "".join(sentence for _column, sentence in row.problems)]
