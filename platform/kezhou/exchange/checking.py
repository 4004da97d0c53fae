"""The dry run: every row is read and checked with the rules of the form, twins are looked for, nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from time import monotonic
from typing import Any

from django.utils.translation import gettext as _

from kezhou.access.actor import Actor
from kezhou.exchange import nesting, planning
from kezhou.exchange.models import ImportBatch, ImportRow
from kezhou.exchange.outcomes import Outcome, counted, same_row_sentence, stored, twin_sentence
from kezhou.exchange.rows import Change, Row, Sheet, opened, ready_sheets, to_invite
from kezhou.exchange.tables import shown
from kezhou.exchange.views import SheetCounts
from kezhou.records import dependents, drafting
from kezhou.records.catalogue import shaped
from kezhou.records.drafting import Batch, Work
from kezhou.records.fields.reading import clean_line, narrow
from kezhou.records.lines.drafts import open_rows, report
from kezhou.records.linking import by_number
from kezhou.records.reading import context
from kezhou.records.saved import Twin
from kezhou.records.saving import demand_operations
from kezhou.records.spec import TypeSpec
from kezhou.records.twins import find_in, twin_keys

Tell = Callable[[int, int, str], None]
KEPT = ("wrong", "twin", "update")


class Promises:
    """Titles of records that an earlier sheet of the same file will make, by type: links to them will hold."""

    def __init__(self, invited: Sequence[str]) -> None:
        self.titles: dict[str, set[str]] = {"core.member": set(invited)}

    def add(self, sheet: Sheet, rows: Sequence[Row], outcomes: Sequence[Outcome]) -> None:
        """Remember the titles of the rows that will come in."""
        kept = self.titles.setdefault(sheet.spec.key, set())
        for row, outcome in zip(rows, outcomes, strict=True):
            if outcome.kind != "wrong" and (title := row.change.get(sheet.spec.title_field)):
                kept.add(narrow(clean_line(str(title))))

    def forgive(self, spec: TypeSpec, row: Row, work: Work) -> set[str]:
        """Take back the complaints about links to records that the same file makes; the fields concerned."""
        held = {p.field for p in work.problems if p.field in spec.by_key and self._hold(spec, row, p.field)}
        work.problems[:] = [problem for problem in work.problems if problem.field not in held]
        return held

    def _hold(self, spec: TypeSpec, row: Row, field: str) -> bool:
        target = spec.by_key[field].target
        return bool(target) and str(row.change.get(field) or "") in self.titles.get(target or "", ())


def run_check(actor: Actor, batch: ImportBatch, tell: Tell) -> None:
    """Check the whole file, keep the counts and the rows that are not simply new. Raises ExchangeError, NotAllowed."""
    started = monotonic()
    ImportRow.objects.filter(batch=batch).delete()
    noted = _Noted(batch, tell)
    promises = Promises(to_invite(batch))
    with opened(actor, batch) as table:
        sheets = ready_sheets(actor, batch)
        nest = nesting.gathered(actor, table, sheets)
        for sheet in nesting.outer(sheets):
            seen: dict[str, int] = {}
            for rows in sheet.batches(table):
                for part in nesting.portions(nest.filled(sheet, rows)):
                    outcomes = check_rows(actor, batch, sheet, part, promises, seen)
                    inside = list(nesting.spread(nest, sheet, part, outcomes))
                    promises.add(sheet, part, outcomes)
                    noted.add([(sheet, part, outcomes), *inside])
        for spec in nest.parents:
            left = nesting.strays(actor, nest, spec)
            for part in nesting.portions(left.rows):
                changes = left.changes(actor, nest, part, append=batch.mode == "add")
                outcomes = _check_strays(actor, left, part, changes)
                noted.add(nesting.spread(nest, left.sheet, part, outcomes, changes))
    batch.result = {
        "kind": "check",
        "sheets": [asdict(each) for each in noted.counts],
        "seconds": round(monotonic() - started, 2),
    }
    batch.state = ImportBatch.State.CHECKED
    batch.save(update_fields=["result", "state"])


class _Noted:
    """The counts of a check and the rows that it keeps."""

    def __init__(self, batch: ImportBatch, tell: Tell) -> None:
        self.batch, self.tell, self.done = batch, tell, 0
        sheets = planning.imported(batch.plan)
        self.total = sum(sheet["rows"] for sheet in sheets)
        self.counts = [
            SheetCounts(title=sheet["title"], type_key=sheet["type"], index=sheet["index"]) for sheet in sheets
        ]

    def add(self, parts: Iterable[tuple[Sheet, Sequence[Row], Sequence[Outcome]]]) -> None:
        """Count rows and keep those that are not simply new."""
        for sheet, rows, outcomes in parts:
            self.counts[sheet.place] = counted(self.counts[sheet.place], sheet, rows, outcomes)
            ImportRow.objects.bulk_create(stored(self.batch, sheet, rows, outcomes, keep=KEPT))
            self.done += len(rows)
        said = {"done": self.done, "total": self.total}
        self.tell(self.done, self.total, _("已试算 %(done)s 行，共 %(total)s 行") % said)


def check_rows(
    actor: Actor, batch: ImportBatch, sheet: Sheet, rows: Sequence[Row], promises: Promises, seen: dict[str, int]
) -> list[Outcome]:
    """What would become of these rows; `seen` holds the twin keys of new rows so far with their row numbers."""
    held = _read(actor, sheet, rows)
    promised = [promises.forgive(sheet.spec, row, work) for row, work in zip(rows, held.works, strict=True)]
    standing: dict[int, Twin] = {}
    for work, twin in find_in(held):
        if twin.same_as is None:
            standing.setdefault(work.position, twin)
    numbered = set() if batch.mode == "add" else set(by_numbers(actor, sheet, rows))
    fresh = {place for place in range(len(rows)) if place not in standing and place not in numbered}
    for place in sorted(fresh):
        _fill(held, held.works[place], promised[place])
    _fill_lines(held, rows, promises, fresh)
    return [
        Outcome("update")
        if place in numbered and not held.works[place].problems
        else _outcome(batch, sheet, rows, place, held, standing.get(place), promised[place], seen)
        for place in range(len(rows))
    ]


def _fill(held: Batch, work: Work, promised: set[str]) -> None:
    """What a new record would start with, so that what is missing is told."""
    if work.alive:
        drafting.fill_new(held, work)
        dependents.settle_one(held, work)
        work.problems[:] = [problem for problem in work.problems if problem.field not in promised]


def _fill_lines(held: Batch, rows: Sequence[Row], promises: Promises, fresh: Container[int]) -> None:
    """The same for the lines given inside; their problems become their record's."""
    for nested in held.nested:
        for work in nested.batch.works:
            parent, index = nested.places[work.position]
            row = rows[parent.position].inside[nested.lines.key][index]
            link = promises.forgive(nested.batch.spec, row, work)
            if parent.position in fresh and work.alive:
                work.given[nested.lines.link] = 0
                _fill(nested.batch, work, link)
    report(held)


def _check_strays(
    actor: Actor, left: nesting.Strays, rows: Sequence[Row], changes: Mapping[int, Change]
) -> list[Outcome]:
    """What would become of lines whose records the file does not list: they go to records that are there."""
    outcomes = [Outcome("update") if place in changes else left.unknown(row) for place, row in enumerate(rows)]
    known = sorted(changes)
    if known:
        held = _read(actor, left.sheet, [replace(rows[place], change=changes[place]) for place in known])
        report(held)
        for place, work in zip(known, held.works, strict=True):
            for problem in work.problems:
                outcomes[place].kind = "wrong"
                outcomes[place].tell(left.sheet, problem.field, problem.sentence)
    return outcomes


def _read(actor: Actor, sheet: Sheet, rows: Sequence[Row]) -> Batch:
    spec = shaped(actor).types[sheet.spec.key]
    changes = [row.change for row in rows]
    demand_operations(actor, spec, changes, source="import")
    reading = context()
    held = drafting.open_batch(actor, spec, changes, source="import", context=reading)
    open_rows(held, reading)
    return held


def _outcome(
    batch: ImportBatch,
    sheet: Sheet,
    rows: Sequence[Row],
    place: int,
    held: Batch,
    twin: Twin | None,
    promised: set[str],
    seen: dict[str, int],
) -> Outcome:
    work, row = held.works[place], rows[place]
    if work.problems:
        refused = Outcome("wrong")
        for problem in work.problems:
            refused.tell(sheet, problem.field, problem.sentence)
        return refused
    if twin is not None:
        if batch.mode == "add" or twin.title is None:
            return Outcome("twin", [(sheet.column_of(twin.fields[0]), twin_sentence(sheet, rows, twin))])
        return Outcome("update")
    if batch.mode == "update":
        return Outcome("wrong", [(None, _("没有找到要更新的%(type)s。") % {"type": sheet.spec.title})])
    return _new_or_twin_in_file(batch, sheet, row, work, held, promised, seen)


def _new_or_twin_in_file(
    batch: ImportBatch, sheet: Sheet, row: Row, work: Work, held: Batch, promised: set[str], seen: dict[str, int]
) -> Outcome:
    # A link that is only promised counts by its text.
    values: dict[str, Any] = work.given | {key: str(row.change[key]) for key in promised}
    fields = {key: field for key, field in held.fields.items() if key not in promised}
    keys = twin_keys(held.spec, fields, values)
    if promised:
        keys += [
            f"{'+'.join(group)}:" + "|".join(shown(values.get(key)) for key in group)
            for group in held.spec.twins
            if promised & set(group)
        ]
    first = next((key for key in keys if key in seen), None)
    for key in keys:
        seen.setdefault(key, row.number)
    if first is None:
        return Outcome("new")
    if batch.mode == "both":
        return Outcome("update")
    group = first.partition(":")[0].split("+")
    labels = "、".join(str(held.fields[key].label) for key in group)
    return Outcome("twin", [(sheet.column_of(group[0]), same_row_sentence(sheet, labels, seen[first]))])


def by_numbers(actor: Actor, sheet: Sheet, rows: Sequence[Row]) -> dict[int, int]:
    """Place among the rows → primary key of the record that has the row's number already."""
    given = {place: nesting.name_of(row.change["number"]) for place, row in enumerate(rows) if row.change.get("number")}
    found = by_number(actor, sheet.spec, given.values())
    return {place: found[number] for place, number in given.items() if number in found}


def found_twins(actor: Actor, sheet: Sheet, rows: Sequence[Row]) -> dict[int, int]:
    """Place among the rows → primary key of the standing record that is the same, where the actor may see it."""
    found: dict[int, int] = {}
    for work, twin in find_in(_read(actor, sheet, rows)):
        if twin.same_as is None and twin.title is not None:
            found.setdefault(work.position, twin.pk)
    return found
