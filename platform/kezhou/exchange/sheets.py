"""Writing workbooks and delimited text: values typed, texts as texts whatever they begin with."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
_LONGEST_CELL = 32_767
_FORMATS = ((datetime, "yyyy-mm-dd hh:mm"), (date, "yyyy-mm-dd"))


def write_workbook(target: IO[bytes], sheets: Iterable[tuple[str, Iterable[Sequence[Any]]]]) -> None:
    """Write sheets of (title, rows), the first row being the bold, fixed header; rows are streamed, not held.

    A text stays a text even when it begins with `=`: the cell says so, no program evaluates it.
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    for title, rows in sheets:
        sheet = book.create_sheet(_sheet_title(title))
        sheet.freeze_panes = "A2"
        bold: Font | None = Font(bold=True)
        for row in rows:
            cells = []
            for value in row:
                cell = WriteOnlyCell(sheet, value=_plain(value))
                if isinstance(value, str):
                    cell.data_type = "s"
                for kind, shown in _FORMATS:
                    if isinstance(value, kind):
                        cell.number_format = shown
                        break
                if bold is not None:
                    cell.font = bold
                cells.append(cell)
            sheet.append(cells)
            bold = None
    book.save(target)


def _plain(value: Any) -> Any:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if isinstance(value, str):
        return ILLEGAL_CHARACTERS_RE.sub("", value)[:_LONGEST_CELL]
    return int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else value


def _sheet_title(title: str) -> str:
    return "".join("_" if mark in "[]:*?/\\" else mark for mark in title)[:31] or "Sheet"


def write_delimited(target: IO[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows as comma separated text; a text that a program could take for a formula gets an apostrophe before it."""
    writer = csv.writer(target)
    for row in rows:
        writer.writerow([_escaped(value) for value in row])


def _escaped(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, Decimal):
        return format(value, "f")
    return f"'{value}" if isinstance(value, str) and value.startswith(_DANGEROUS) else value
