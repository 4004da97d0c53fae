"""Reading tables: workbooks and delimited text as numbered rows of cells, whatever program wrote them.

A cell is a text, a number, a boolean, a date, a date-time or a time. A formula counts with the value that a spreadsheet
program stored beside it; without one, and in delimited text, it is a text. Nothing is ever evaluated.
"""

from __future__ import annotations

import codecs
import csv
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from kezhou.exchange.limits import LIMITS, Formulas, Limits, check_size, check_workbook, too_many_rows
from kezhou.exchange.spool import spooled
from kezhou.exchange.views import ExchangeError

Cells = list[Any]

_FOREIGN = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"\x1f\x8b", "GZIP"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x7fELF", "ELF"),
    (b"MZ", "EXE"),
)
_SEPARATORS = (",", "\t", ";", "|")
_READ_APART = 1024 * 1024
_PROBE = 64 * 1024
_ENCODING_NAMES = {"utf-8-sig": "UTF-8（带 BOM）", "utf-8": "UTF-8", "gb18030": "GB18030", "utf-16": "UTF-16"}


@dataclass(frozen=True, slots=True)
class Table:
    """A file that was recognised: its sheets by title, and how its text is encoded (empty for workbooks)."""

    path: Path
    kind: str
    sheets: tuple[str, ...]
    encoding: str = ""
    separator: str = ","
    places: tuple[int, ...] = (0,)
    formulas: Mapping[int, Formulas] = field(default_factory=dict)
    limits: Limits = LIMITS

    @property
    def encoding_name(self) -> str:
        """The encoding as the user is told, such as GB18030."""
        return _ENCODING_NAMES.get(self.encoding, self.encoding.upper())

    def rows(self, sheet: int = 0) -> Iterator[tuple[int, Cells]]:
        """(row number as the spreadsheet program shows it, cells) of every row; raises ExchangeError beyond the limits."""
        source = self._delimited() if self.kind == "csv" else self._workbook(sheet)
        for number, cells in source:
            if number > self.limits.rows + 100:
                raise too_many_rows(self.limits)
            yield number, cells

    def _workbook(self, sheet: int) -> Iterator[tuple[int, Cells]]:
        from python_calamine import CalamineError, load_workbook

        place = self.places[sheet]
        formulas = self.formulas.get(place)
        try:
            if self.path.stat().st_size > _READ_APART:
                yield from _with_formulas(spooled(self.path, place), formulas)
                return
            with load_workbook(self.path) as book:
                yield from _with_formulas(book.get_sheet_by_index(place).iter_rows(), formulas)
        except (CalamineError, OSError, ValueError) as wrong:
            raise _broken() from wrong

    def _delimited(self) -> Iterator[tuple[int, Cells]]:
        with self.path.open(encoding=self.encoding, newline="") as text:
            lines = (line.replace("\x00", "") for line in text)
            try:
                for number, cells in enumerate(csv.reader(lines, delimiter=self.separator), 1):
                    yield number, [_unescaped(cell) for cell in cells]
            except csv.Error as wrong:
                raise ExchangeError(
                    _("文件里有一格超过 %(limit)s 个字，多半是引号没有成对：请检查后再导入。")
                    % {"limit": f"{_longest():,}"}
                ) from wrong


def _with_formulas(rows: Iterable[Cells], formulas: Formulas | None) -> Iterator[tuple[int, Cells]]:
    """Numbered rows; a formula that was stored without a value stands as its text."""
    if not formulas:
        yield from enumerate(rows, 1)
        return
    by_row: dict[int, dict[int, str]] = {}
    for (row, column), formula in formulas.items():
        by_row.setdefault(row, {})[column] = formula
    for number, cells in enumerate(rows, 1):
        for column, formula in by_row.get(number, {}).items():
            if column < len(cells) and cells[column] in ("", None):
                cells[column] = formula
        yield number, cells


def _unescaped(cell: str) -> str:
    """Without the apostrophe that our export puts before what a program could take for a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:2] in {"=", "+", "-", "@", "\t", "\r"} else cell


def open_table(path: Path, *, limits: Limits = LIMITS) -> Table:
    """Recognise a file by its content, not by its name. Raises ExchangeError with a sentence when it is no table."""
    check_size(path.stat().st_size, limits)
    with path.open("rb") as file:
        head = file.read(_PROBE)
    if not head.strip():
        raise ExchangeError(_("文件是空的，没有可以导入的内容。"))
    for magic, name in _FOREIGN:
        if head.startswith(magic):
            raise ExchangeError(
                _("这其实是 %(name)s 文件，不是表格：请导入 .xlsx、.xls 或 .csv 文件。") % {"name": name}
            )
    if head.startswith(b"PK\x03\x04"):
        return _open_workbook(path, limits, packed=True)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return _open_workbook(path, limits, packed=False)
    encoding = _encoding(path, head)
    return Table(path, "csv", (_("文件"),), encoding, _separator(head, encoding), limits=limits)


def _open_workbook(path: Path, limits: Limits, *, packed: bool) -> Table:
    from python_calamine import CalamineError, SheetTypeEnum, SheetVisibleEnum, load_workbook

    formulas = check_workbook(path, limits) if packed else {}
    try:
        with load_workbook(path) as book:
            shown = {
                place: each.name
                for place, each in enumerate(book.sheets_metadata)
                if each.typ == SheetTypeEnum.WorkSheet and each.visible == SheetVisibleEnum.Visible
            }
    except (CalamineError, OSError, ValueError) as wrong:
        raise _broken() from wrong
    if not shown:
        raise ExchangeError(_("文件里没有工作表，没有可以导入的内容。"))
    placed = _placed(path, formulas) if formulas else {}
    return Table(path, "workbook", tuple(shown.values()), places=tuple(shown), formulas=placed, limits=limits)


def _placed(path: Path, formulas: Mapping[str, Formulas]) -> dict[int, Formulas]:
    """The formulas by the sheet's place in the workbook instead of by its part."""
    with zipfile.ZipFile(path) as archive:
        book = archive.read("xl/workbook.xml").decode(errors="replace")
        links = archive.read("xl/_rels/workbook.xml.rels").decode(errors="replace")
    targets = {}
    for tag in re.findall(r"<Relationship\b[^>]*>", links):
        facts = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        targets[facts.get("Id")] = "xl/" + facts.get("Target", "").removeprefix("/xl/").removeprefix("/")
    parts = [targets.get(pk, "") for pk in re.findall(r'<sheet\b[^>]*?\br:id="([^"]*)"', book)]
    return {place: formulas[part] for place, part in enumerate(parts) if part in formulas}


def _broken() -> ExchangeError:
    return ExchangeError(_("文件已损坏或加了密码，打不开：请在表格软件里打开后另存为 .xlsx 再导入。"))


def _longest() -> int:
    return csv.field_size_limit()


def _encoding(path: Path, head: bytes) -> str:
    """The encoding in which the whole file reads without a fault: by its mark, else UTF-8, else GB18030."""
    if head.startswith(codecs.BOM_UTF8):
        tried = ["utf-8-sig"]
    elif head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        tried = ["utf-16"]
    elif b"\x00" in head:
        raise ExchangeError(_("文件不是文本也不是表格：请导入 .xlsx、.xls 或 .csv 文件。"))
    else:
        tried = ["utf-8", "gb18030", "big5"]
    for encoding in tried:
        if _reads(path, encoding):
            return encoding
    raise ExchangeError(_("认不出文件的文字编码：请用表格软件打开后另存为 .xlsx 或 UTF-8 的 .csv 再导入。"))


def _reads(path: Path, encoding: str) -> bool:
    try:
        with path.open(encoding=encoding, newline="") as text:
            while text.read(_PROBE):
                pass
    except UnicodeError:
        return False
    return True


def _separator(head: bytes, encoding: str) -> str:
    """The separator that the first line with any has most often, outside quotes."""
    text = codecs.getincrementaldecoder(encoding)(errors="ignore").decode(head)
    for line in text.splitlines()[:20]:
        bare = "".join(line.split('"')[::2])
        counts = {mark: bare.count(mark) for mark in _SEPARATORS}
        if best := max(counts.values()):
            return next(mark for mark in _SEPARATORS if counts[mark] == best)
    return ","
