"""From the rows of a sheet to the rows that are records: where the header is, what is a title, a total, a repeated header."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from kezhou.exchange.limits import Limits, too_many_rows
from kezhou.exchange.readers import Cells, Table
from kezhou.exchange.views import SkippedRow
from kezhou.records.fields.reading import clean_line, folded, is_blank, text_of

PROBED = 40
MOST_SKIPPED = 50
MOST_VALUES = 300
SAMPLES = 5
_TOTAL = re.compile(r"(本页|累计)?(合计|总计|小计|共计|汇总)([:：(（].*)?|(grand )?total|subtotal", re.IGNORECASE)


@dataclass(slots=True)
class Profile:
    """What one look over a whole sheet found. `seen` counts distinct texts per column, None where there are too many."""

    header_row: int
    titles: tuple[str, ...]
    candidates: tuple[tuple[int, tuple[str, ...]], ...]
    rows: int = 0
    skipped: list[SkippedRow] = field(default_factory=list)
    samples: list[list[str]] = field(default_factory=list)
    seen: list[dict[str, int] | None] = field(default_factory=list)


def shown(cell: Any) -> str:
    """A cell as one line of text; a midnight is its day, whole numbers have no point."""
    return "" if is_blank(cell) else clean_line(text_of(cell)).removesuffix("T00:00:00")


def head_of(table: Table, sheet: int) -> list[tuple[int, tuple[str, ...]]]:
    """The first rows that are not empty, as texts."""
    found = []
    for number, cells in table.rows(sheet):
        texts = tuple(map(shown, cells))
        if any(texts):
            found.append((number, texts))
        if number >= PROBED:
            break
    return found


def header_row(head: Sequence[tuple[int, tuple[str, ...]]], known: frozenset[str]) -> int:
    """The number of the row that names the columns; `known` are folded names of fields that a column may have.

    The row with the most known names wins; where no name is known, the first row of at least two different texts that is
    as wide as the widest. Merged titles and group heads above it lose on both counts. 0 when there is none.
    """
    best, row = 0, 0
    for number, texts in head:
        hits = len({folded(text) for text in texts} & known)
        if hits > best:
            best, row = hits, number
    if best >= 2 or (best == 1 and len(head[0][1]) <= 2):
        return row
    widest = max((_width(texts) for _number, texts in head), default=0)
    return next((number for number, texts in head if _width(texts) == widest and widest), 0)


def _width(texts: Sequence[str]) -> int:
    return len({text for text in texts if text})


def data_rows(
    table: Table, sheet: int, header: int, titles: Sequence[str], skipped: list[SkippedRow] | None = None
) -> Iterator[tuple[int, Cells]]:
    """The rows below the header that are records, with their numbers; what is left out is noted in `skipped`.

    Raises ExchangeError when there are more rows than one import may have.
    """
    notes: list[SkippedRow] = [] if skipped is None else skipped
    width, names, found = len(titles), tuple(titles), 0
    for number, cells in table.rows(sheet):
        if number <= header:
            if number < header:
                _note(notes, number, _("表头上方的标题"), cells)
            continue
        if len(cells) < width:
            cells = [*cells, *[""] * (width - len(cells))]
        filled = [cell for cell in cells if not is_blank(cell)]
        if not filled:
            continue
        if reason := _no_record(filled, cells, names):
            _note(notes, number, reason, cells)
            continue
        found += 1
        if found > table.limits.rows:
            raise too_many_rows(table.limits)
        yield number, cells


def _no_record(filled: Cells, cells: Cells, names: tuple[str, ...]) -> str:
    """Why a row is no record, or nothing."""
    first = filled[0]
    if isinstance(first, str):
        if _TOTAL.fullmatch(first.strip().replace(" ", "")) and _is_sum(filled, len(names)):
            return _("合计行")
        if first.strip() in names and tuple(map(shown, cells[: len(names)])) == names:
            return _("重复的表头")
    return ""


def _is_sum(filled: Cells, width: int) -> bool:
    """Few cells, or nothing but figures behind the word."""
    figures = all(any(mark.isdigit() for mark in shown(cell)) for cell in filled[1:])
    return figures or len(filled) * 2 <= width


def _note(notes: list[SkippedRow], number: int, reason: str, cells: Cells) -> None:
    texts = [text for text in map(shown, cells) if text]
    if texts and len(notes) < MOST_SKIPPED:
        notes.append(SkippedRow(number, reason, " ".join(texts)[:80]))


def profile(table: Table, sheet: int, known: frozenset[str], *, header: int | None = None) -> Profile:
    """Look over a whole sheet once: header, samples, distinct values, number of records, rows left out."""
    head = head_of(table, sheet)
    place = header if header is not None else header_row(head, known)
    titles = next((texts for number, texts in head if number == place), ())
    while titles and not titles[-1]:
        titles = titles[:-1]
    found = Profile(place, titles, tuple((number, texts) for number, texts in head[:12]))
    found.samples = [[] for _title in titles]
    found.seen = [{} for _title in titles]
    for _number, cells in data_rows(table, sheet, place, titles, found.skipped):
        found.rows += 1
        _count(found, cells)
    return found


def _count(found: Profile, cells: Cells) -> None:
    for place, counted in enumerate(found.seen):
        if counted is None:
            continue
        text = shown(cells[place])
        counted[text] = counted.get(text, 0) + 1
        if text and len(found.samples[place]) < SAMPLES and counted[text] == 1:
            found.samples[place].append(text[:60])
        if len(counted) > MOST_VALUES:
            found.seen[place] = None


def letter(index: int) -> str:
    """The name of a column as spreadsheet programs write it: 0 is A, 26 is AA."""
    name = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def check_limits(limits: Limits, rows: int) -> None:
    """Refuse a file whose sheets together have too many rows. Raises ExchangeError."""
    if rows > limits.rows:
        raise too_many_rows(limits)
