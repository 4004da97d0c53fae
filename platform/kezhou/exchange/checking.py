"""The dry run: every row is read and checked with the rules of the form, twins are looked for, nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from time import monotonic
from typing import Any

from django.utils.translation import gettext as _

from kezhou.access.actor import Actor
from kezhou.exchange import planning
from kezhou.exchange.models import ImportBatch, ImportRow
from kezhou.exchange.outcomes import Outcome, counted, same_row_sentence, stored, twin_sentence
from kezhou.exchange.rows import Row, Sheet, opened, ready_sheets, to_invite
from kezhou.exchange.tables import shown
from kezhou.exchange.views import SheetCounts
from kezhou.records import dependents, drafting
from kezhou.records.catalogue import shaped
from kezhou.records.drafting import Batch, Work
from kezhou.records.fields.reading import clean_line, narrow
from kezhou.records.reading import context
from kezhou.records.saved import Twin
from kezhou.records.saving import demand_operations
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

    def hold(self, sheet: Sheet, row: Row, field: str) -> bool:
        """True when this link of the row names a promised record."""
        target = sheet.spec.by_key[field].target
        return bool(target) and str(row.change.get(field) or "") in self.titles.get(target or "", ())


def run_check(actor: Actor, batch: ImportBatch, tell: Tell) -> None:
    """Check the whole file, keep the counts and the rows that are not simply new. Raises ExchangeError, NotAllowed."""
    started, done = monotonic(), 0
    total = sum(sheet["rows"] for sheet in planning.imported(batch.plan))
    counts = [
        SheetCounts(title=sheet["title"], type_key=sheet["type"], index=sheet["index"])
        for sheet in planning.imported(batch.plan)
    ]
    ImportRow.objects.filter(batch=batch).delete()
    promises = Promises(to_invite(batch))
    with opened(actor, batch) as table:
        for sheet in ready_sheets(actor, batch):
            seen: dict[str, int] = {}
            for rows in sheet.batches(table):
                outcomes = check_rows(actor, batch, sheet, rows, promises, seen)
                promises.add(sheet, rows, outcomes)
                counts[sheet.place] = counted(counts[sheet.place], sheet, rows, outcomes)
                ImportRow.objects.bulk_create(stored(batch, sheet, rows, outcomes, keep=KEPT))
                done += len(rows)
                tell(done, total, _("已试算 %(done)s 行，共 %(total)s 行") % {"done": done, "total": total})
    batch.result = {
        "kind": "check",
        "sheets": [asdict(each) for each in counts],
        "seconds": round(monotonic() - started, 2),
    }
    batch.state = ImportBatch.State.CHECKED
    batch.save(update_fields=["result", "state"])


def check_rows(
    actor: Actor, batch: ImportBatch, sheet: Sheet, rows: Sequence[Row], promises: Promises, seen: dict[str, int]
) -> list[Outcome]:
    """What would become of these rows; `seen` holds the twin keys of new rows so far with their row numbers."""
    held = _read(actor, sheet, rows)
    promised = [_forgive(sheet, row, work, promises) for row, work in zip(rows, held.works, strict=True)]
    standing: dict[int, Twin] = {}
    for work, twin in find_in(held):
        if twin.same_as is None:
            standing.setdefault(work.position, twin)
    return [
        _outcome(batch, sheet, rows, place, held, standing.get(place), promised[place], seen)
        for place in range(len(rows))
    ]


def _read(actor: Actor, sheet: Sheet, rows: Sequence[Row]) -> Batch:
    spec = shaped(actor).types[sheet.spec.key]
    changes = [row.change for row in rows]
    demand_operations(actor, spec, changes, source="import")
    return drafting.open_batch(actor, spec, changes, source="import", context=context())


def _forgive(sheet: Sheet, row: Row, work: Work, promises: Promises) -> set[str]:
    """Take back the complaints about links to records that the same file makes; the fields concerned."""
    held = {p.field for p in work.problems if p.field in sheet.spec.by_key and promises.hold(sheet, row, p.field)}
    work.problems[:] = [problem for problem in work.problems if problem.field not in held]
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
    if twin is None and work.alive:
        drafting.fill_new(held, work)
        dependents.settle_one(held, work)
        work.problems[:] = [problem for problem in work.problems if problem.field not in promised]
    if work.problems:
        return Outcome("wrong", [(sheet.column_of(p.field), p.sentence) for p in work.problems])
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


def found_twins(actor: Actor, sheet: Sheet, rows: Sequence[Row]) -> dict[int, int]:
    """Place among the rows → primary key of the standing record that is the same, where the actor may see it."""
    found: dict[int, int] = {}
    for work, twin in find_in(_read(actor, sheet, rows)):
        if twin.same_as is None and twin.title is not None:
            found.setdefault(work.position, twin.pk)
    return found
