"""Sheets of lines: the rows of a record stand on a sheet of their own and name the record by its number (or title).

A record comes in with all its rows, or neither it nor any of them does: the rows are given inside the record's change, so that
the engine checks, writes and takes back both together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from kezhou.access.actor import Actor
from kezhou.exchange.matching import naming_field
from kezhou.exchange.outcomes import Outcome
from kezhou.exchange.readers import Table
from kezhou.exchange.rows import Change, Row, Sheet
from kezhou.exchange.tables import shown
from kezhou.exchange.views import ExchangeError
from kezhou.records import types
from kezhou.records.fields.reading import clean_line, narrow
from kezhou.records.lines.reading import line_keys
from kezhou.records.linking import by_number, by_title
from kezhou.records.spec import TypeSpec
from kezhou.records.structure import LinesSpec

MOST = 50_000
"""Rows of lines in one file: they are held until their records come by."""
AT_ONCE = 2_000
"""Rows of lines in one transaction, as long as there is more than one record."""
TOLD = 3


@dataclass(slots=True)
class Inner:
    """A sheet of lines: its rows by the name of their record, in the order of the file."""

    sheet: Sheet
    lines: LinesSpec
    parent: TypeSpec
    rows: dict[str, list[Row]] = field(default_factory=dict)


@dataclass(slots=True)
class Nest:
    """The sheets of lines of a file; records take their rows from here."""

    inner: tuple[Inner, ...] = ()

    def of(self, type_key: str) -> tuple[Inner, ...]:
        """The sheets whose rows belong to records of this type."""
        return tuple(inner for inner in self.inner if inner.parent.key == type_key)

    def filled(self, sheet: Sheet, rows: Iterable[Row]) -> list[Row]:
        """Rows with their lines inside, which are then gone from here."""
        return [self._filled(sheet, row) for row in rows] if self.of(sheet.spec.key) else list(rows)

    def _filled(self, sheet: Sheet, row: Row) -> Row:
        names = [name for key in ("number", sheet.spec.title_field) if (name := name_of(row.change.get(key)))]
        inside: dict[str, list[Row]] = {}
        for inner in self.of(sheet.spec.key):
            found = next((name for name in names if name in inner.rows), None)
            if found is not None:
                inside[inner.lines.key] = inner.rows.pop(found)
        return with_lines(self, sheet.spec, replace(row, inside=inside)) if inside else row

    @property
    def parents(self) -> tuple[TypeSpec, ...]:
        """The types whose lines the file has."""
        return tuple({inner.parent.key: inner.parent for inner in self.inner}.values())

    def left(self, type_key: str) -> dict[str, dict[str, list[Row]]]:
        """Rows whose records stand on no sheet of the file, by the record's name and the key of the lines."""
        found: dict[str, dict[str, list[Row]]] = {}
        for inner in self.of(type_key):
            for name, rows in inner.rows.items():
                found.setdefault(name, {})[inner.lines.key] = rows
        return found


NOTHING = Nest()
"""A file without lines."""


def name_of(cell: Any) -> str:
    """A record's name as sheets are compared by it."""
    return narrow(clean_line(shown(cell))) if cell is not None else ""


def gathered(actor: Actor, table: Table, sheets: Iterable[Sheet]) -> Nest:
    """Read the sheets of lines of a file. Raises ExchangeError for more rows than can be held."""
    found, count = [], 0
    for sheet in sheets:
        parent = sheet.spec.parent
        above = types(actor).get(parent.type) if parent else None
        if not parent or not parent.key or above is None:
            continue
        inner = Inner(sheet, next(lines for lines in above.lines if lines.key == parent.key), above)
        for rows in sheet.batches(table):
            count += len(rows)
            if count > MOST:
                sentence = _("明细超过 %(limit)s 行，请把文件按%(type)s拆成几个再导入。")
                raise ExchangeError(sentence % {"limit": f"{MOST:,}", "type": above.title})
            for row in rows:
                inner.rows.setdefault(name_of(row.change.get(parent.link)), []).append(row)
        found.append(inner)
    return Nest(tuple(found))


def outer(sheets: Iterable[Sheet]) -> list[Sheet]:
    """The sheets that are records of their own."""
    return [sheet for sheet in sheets if sheet.spec.parent is None or not sheet.spec.parent.key]


def portions(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """The rows of a batch in portions whose lines one transaction can hold."""
    held: list[Row] = []
    count = 0
    for row in rows:
        more = sum(len(lines) for lines in row.inside.values())
        if held and count + more > AT_ONCE:
            yield held
            held, count = [], 0
        held.append(row)
        count += more
    if held:
        yield held


# -- changes -----------------------------------------------------------------------------------------------------------


def with_lines(nest: Nest, spec: TypeSpec, row: Row, keys: Mapping[str, Sequence[int]] | None = None) -> Row:
    """The row whose change holds its lines; `keys` are those that the record has now, matched in order."""
    links = {inner.lines.key: inner.lines.link for inner in nest.of(spec.key)}
    change: Change = dict(row.change)
    for key, lines in row.inside.items():
        there = list((keys or {}).get(key, ()))
        change[key] = [
            ({"pk": there[place]} if place < len(there) else {}) | _without(line.change, links[key])
            for place, line in enumerate(lines)
        ]
    return replace(row, change=change)


def _without(change: Change, link: str) -> Change:
    return {key: value for key, value in change.items() if key != link}


def standing_lines(
    actor: Actor, nest: Nest, sheet: Sheet, rows: Sequence[Row], pks: Mapping[int, int], *, append: bool
) -> dict[int, Change]:
    """The changes of records that are there, by their place among the rows.

    The file says all rows of such a record, matched with those it has in their order; with `append` it says further ones.
    """
    known = {
        inner.lines.key: line_keys(
            actor, inner.lines, [pks[place] for place in pks if inner.lines.key in rows[place].inside]
        )
        for inner in nest.of(sheet.spec.key)
    }
    found = {}
    for place, pk in pks.items():
        there = {key: known[key].get(pk, []) for key in rows[place].inside}
        row = with_lines(nest, sheet.spec, rows[place], {} if append else there)
        change = {**row.change, "pk": pk}
        if append:
            change |= {key: [*({"pk": line} for line in there[key]), *row.change[key]] for key in there}
        found[place] = change
    return found


@dataclass(frozen=True, slots=True)
class Strays:
    """Records that stand on no sheet but have lines in the file, as rows in the file's order; `pks` by their names."""

    sheet: Sheet
    rows: list[Row]
    pks: Mapping[str, int]

    def name(self, row: Row) -> str:
        """How the file calls the record."""
        return str(row.change[naming_field(self.sheet.spec)])

    def changes(self, actor: Actor, nest: Nest, rows: Sequence[Row], *, append: bool) -> dict[int, Change]:
        """The changes of those that are there, by their place among these rows."""
        pks = {place: self.pks[name] for place, row in enumerate(rows) if (name := self.name(row)) in self.pks}
        found = standing_lines(actor, nest, self.sheet, rows, pks, append=append)
        return {place: _without(change, naming_field(self.sheet.spec)) for place, change in found.items()}

    def unknown(self, row: Row) -> Outcome:
        """The outcome of lines whose record is nowhere."""
        told = {"type": self.sheet.spec.title, "name": self.name(row)}
        sentence = _("没有找到%(type)s“%(name)s”：文件的表里没有，系统里也没有，或者你无权查看。")
        return Outcome("wrong", [(None, (sentence if self.name(row) else _("请填写这一行属于哪条%(type)s。")) % told)])


def strays(actor: Actor, nest: Nest, spec: TypeSpec) -> Strays:
    """What is left when every sheet of records of this type has taken its lines."""
    left = nest.left(spec.key)
    first = {name: min(row.number for rows in held.values() for row in rows) for name, held in left.items()}
    names = sorted(left, key=lambda name: (first[name], name))
    numbers = by_number(actor, spec, names)
    titles = by_title(actor, {spec.key: rest}) if (rest := [name for name in names if name not in numbers]) else {}
    rows = [with_lines(nest, spec, Row(first[n], [], {naming_field(spec): n}, inside=left[n])) for n in names]
    # What stands for the sheet that these records do not have.
    sheet = Sheet(-1, spec, {"titles": ()}, (), {}, keep_blanks=True)
    return Strays(sheet, rows, numbers | {name: pk for (_key, name), pk in titles.items()})


# -- outcomes ----------------------------------------------------------------------------------------------------------


def spread(
    nest: Nest,
    sheet: Sheet,
    rows: Sequence[Row],
    outcomes: Sequence[Outcome],
    changes: Mapping[int, Change] | None = None,
) -> Iterator[tuple[Sheet, list[Row], list[Outcome]]]:
    """What became of the lines of these rows, sheet by sheet; a record is told which of its lines are wrong.

    `changes` are those that were saved instead of the rows' own.
    """
    for inner in nest.of(sheet.spec.key):
        key = inner.lines.key
        mine: list[Row] = []
        said: list[Outcome] = []
        for place, (row, outcome) in enumerate(zip(rows, outcomes, strict=True)):
            lines = row.inside.get(key, ())
            given = (changes or {}).get(place, row.change).get(key, ())
            mine += lines
            said += _said(inner, sheet, row, outcome, len(given) - len(lines))
        if mine:
            yield inner.sheet, mine, said
    for outcome in outcomes:
        if outcome.inside:
            outcome.kind = "wrong"


def _said(inner: Inner, sheet: Sheet, row: Row, outcome: Outcome, offset: int) -> list[Outcome]:
    """The outcomes of one record's lines of one kind; `offset` rows that it had before were given before them."""
    lines = row.inside.get(inner.lines.key, ())
    wrong: dict[int, list[tuple[int | None, str]]] = {}
    for key, index, name, sentence in outcome.inside:
        if key == inner.lines.key:
            wrong.setdefault(index - offset, []).append((inner.sheet.column_of(name), sentence))
    for place in sorted(wrong)[:TOLD]:
        shown_row = lines[place].number if 0 <= place < len(lines) else "—"
        sentence = "".join(each for _column, each in wrong[place])
        told = _("%(lines)s第 %(row)s 行：%(why)s") % {"lines": inner.lines.title, "row": shown_row, "why": sentence}
        outcome.problems.append((None, told))
    refused = bool(outcome.inside) or outcome.kind == "wrong"
    return [_line(inner, sheet, row, outcome, wrong.get(place), refused=refused) for place in range(len(lines))]


def _line(
    inner: Inner,
    sheet: Sheet,
    row: Row,
    outcome: Outcome,
    wrong: list[tuple[int | None, str]] | None,
    *,
    refused: bool,
) -> Outcome:
    if wrong:
        return Outcome("wrong", wrong)
    link = inner.sheet.column_of(inner.lines.link)
    if sheet.place < 0 and outcome.kind == "wrong" and outcome.problems and not outcome.inside:
        return Outcome("wrong", [(link, "".join(sentence for _column, sentence in outcome.problems))])
    name = row.change.get(naming_field(sheet.spec)) or row.change.get(sheet.spec.title_field) or ""
    told = {"type": sheet.spec.title, "name": shown(name)}
    if refused:
        return Outcome("wrong", [(link, _("所属的%(type)s“%(name)s”没有导入，这一行也就没有导入。") % told)])
    if outcome.kind == "twin":
        return Outcome("twin", [(link, _("所属的%(type)s“%(name)s”已经有了，按“新增”跳过。") % told)])
    return Outcome(outcome.kind)
