"""How much one import may hold. Every limit is met with a sentence, before the memory is spent."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from kezhou.exchange.views import ExchangeError

MEGABYTE = 1024 * 1024
_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of the file and of its unpacked parts, rows, columns, and cells of one sheet's rectangle."""

    size: int = 50 * MEGABYTE
    rows: int = 200_000
    columns: int = 500
    cells: int = 4_200_000
    unpacked: int = 1024 * MEGABYTE
    texts: int = 200 * MEGABYTE
    ratio: int = 100
    cell_characters: int = 40_000


LIMITS = Limits()

_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d+)"')
_FORMULA = re.compile(
    rb'<c\b[^>]*?\br="([A-Z]+)(\d+)"[^>]*>\s*<f\b[^>]*>([^<]{1,2000})</f>\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>'
)
_TAIL = 4096
_MOST_FORMULAS = 100_000

Formulas = dict[tuple[int, int], str]
"""(row number, column index) → text of a formula, `=` included."""

_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]+)\d')


def check_size(size: int, limits: Limits = LIMITS) -> None:
    """Refuse a file that is too big. Raises ExchangeError."""
    if size > limits.size:
        raise ExchangeError(
            _("文件有 %(size)s MB，超过 %(limit)s MB 的上限，请拆成几个文件导入。")
            % {"size": -(-size // MEGABYTE), "limit": limits.size // MEGABYTE}
        )


def too_many_rows(limits: Limits = LIMITS) -> ExchangeError:
    """The refusal of a file with more rows than are taken at once."""
    return ExchangeError(_("文件超过 %(limit)s 行的上限，请拆成几个文件导入。") % {"limit": f"{limits.rows:,}"})


def check_workbook(path: Path, limits: Limits = LIMITS) -> Mapping[str, Formulas]:
    """Unpack a workbook's parts as a stream, keeping nothing, and refuse what would not fit into memory.

    The sizes that the archive itself states are not believed. Raises ExchangeError for a ratio above 100:1, more than
    1 GB unpacked, too many rows or columns, encrypted or broken archives. Answers, by the sheet's part, the formulas
    beside which no value is stored: they are texts to us, and the reader does not show them.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _check_parts(archive, path.stat().st_size, limits)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as wrong:
        raise ExchangeError(_("文件已损坏或加了密码，打不开：请在表格软件里打开后另存为 .xlsx 再导入。")) from wrong


def _check_parts(archive: zipfile.ZipFile, packed: int, limits: Limits) -> Mapping[str, Formulas]:
    unpacked = 0
    formulas: dict[str, Formulas] = {}
    for part in archive.infolist():
        sheet = _Extent(limits) if re.fullmatch(r"xl/worksheets/[^/]+\.xml", part.filename) else None
        own = 0
        # The stated size would end the reading early; a part that lies is read to its true end.
        part.file_size = limits.unpacked + 1
        with archive.open(part) as stream:
            for chunk in _chunks(stream):
                own += len(chunk)
                unpacked += len(chunk)
                _check_unpacked(unpacked, packed, limits)
                if sheet is not None:
                    sheet.read(chunk)
        if sheet is not None and sheet.formulas:
            formulas[part.filename] = sheet.formulas
        if part.filename == "xl/sharedStrings.xml" and own > limits.texts:
            raise ExchangeError(_("文件里的文字太多，超出可以处理的大小，请拆成几个文件导入。"))
    return formulas


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


def _check_unpacked(unpacked: int, packed: int, limits: Limits) -> None:
    if unpacked > limits.unpacked:
        raise ExchangeError(_("文件解压后超过 1 GB，不能导入，请拆成几个文件。"))
    if unpacked > 4 * MEGABYTE and unpacked > packed * limits.ratio:
        raise ExchangeError(_("文件的压缩比超过 %(ratio)s:1，不像正常的表格，不能导入。") % {"ratio": limits.ratio})


class _Extent:
    """How far a sheet reaches, read from its XML as it streams by: the reader allocates the whole rectangle."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.rows = 0
        self.columns = 0
        self.tail = b""
        self.formulas: Formulas = {}

    def read(self, chunk: bytes) -> None:
        """Look at the next piece. Raises ExchangeError when the rectangle grows too large."""
        text = self.tail + chunk
        self.tail = text[-_TAIL:]
        if b"<f" in text and len(self.formulas) < _MOST_FORMULAS:
            for letters, row, formula in _FORMULA.findall(text):
                self.formulas[int(row), _column_number(letters) - 1] = "=" + unescape(formula.decode(errors="replace"))
        rows = _ROW.findall(text)
        if rows:
            self.rows = max(self.rows, max(map(int, rows)))
        columns = set(_CELL.findall(text))
        if columns:
            self.columns = max(self.columns, max(map(_column_number, columns)))
        if self.rows > self.limits.rows + 100:
            raise too_many_rows(self.limits)
        if self.columns > self.limits.columns:
            raise ExchangeError(
                _("工作表用到了第 %(columns)s 列，超过 %(limit)s 列的上限，请删去右边多余的列。")
                % {"columns": self.columns, "limit": self.limits.columns}
            )
        if self.rows * self.columns > self.limits.cells:
            raise ExchangeError(
                _("工作表有 %(rows)s 行 × %(columns)s 列，太大，请拆成几个文件或删去多余的列。")
                % {"rows": f"{self.rows:,}", "columns": self.columns}
            )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters[:6]:
        number = number * 26 + letter - 64
    return number
