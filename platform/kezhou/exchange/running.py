"""The import itself: batches of at most 500 rows, each one transaction with its rows, its messages and how far it came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from functools import partial
from time import monotonic
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.exchange import nesting, planning
from kezhou.exchange.checking import Tell, by_numbers, found_twins
from kezhou.exchange.matching import PEOPLE
from kezhou.exchange.models import ImportBatch, ImportRow
from kezhou.exchange.nesting import NOTHING, Nest, Strays
from kezhou.exchange.outcomes import Outcome, counted, messages, stored
from kezhou.exchange.readers import Table
from kezhou.exchange.rows import Row, Sheet, opened, ready_sheets, to_invite
from kezhou.exchange.views import ExchangeError, SheetCounts
from kezhou.records.linking import by_title
from kezhou.records.retrying import retried
from kezhou.records.saved import SaveResult
from kezhou.records.spec import TypeSpec

Part = tuple[Sheet, Sequence[Row], Sequence[Outcome]]


def run_import(actor: Actor, batch: ImportBatch, tell: Tell) -> None:
    """Import what the plan says, from where an earlier try came to; `tell(done, total, message)` may stop it by raising.

    Each batch commits rows, messages and position together: a killed import goes on without doubles and loses nothing.
    Raises ExchangeError, NotAllowed.
    """
    if not batch.position:
        ImportRow.objects.filter(batch=batch).delete()
        batch.result = {"kind": "run", "sheets": empty_counts(batch), "notes": []}
    batch.result.pop("error", None)
    running = _Running(actor, batch, tell)
    invited = _invite(actor, batch)
    with opened(actor, batch) as table:
        sheets = ready_sheets(actor, batch, invited)
        nest = nesting.gathered(actor, table, sheets)
        for sheet in nesting.outer(sheets):
            _run_sheet(running, nest, sheet, table)
        for spec in nest.parents:
            _run_strays(running, nest, spec)
    finish(batch, ImportBatch.State.DONE)


class _Running:
    """How far a run has come."""

    def __init__(self, actor: Actor, batch: ImportBatch, tell: Tell) -> None:
        self.actor, self.batch, self._tell = actor, batch, tell
        self._started, self._before = monotonic(), float(batch.result.get("seconds") or 0)
        self._total = sum(sheet["rows"] for sheet in planning.imported(batch.plan))
        self._done = sum(sheet.rows for sheet in batch.sheet_counts)

    def keep(self, parts: Iterable[Part], position: tuple[str, int]) -> None:
        """Write counts, messages and position in the transaction of the rows."""
        for sheet, rows, outcomes in parts:
            counts = SheetCounts(**self.batch.result["sheets"][sheet.place])
            self.batch.result["sheets"][sheet.place] = asdict(counted(counts, sheet, rows, outcomes))
            ImportRow.objects.bulk_create(stored(self.batch, sheet, rows, outcomes, keep=("wrong", "twin")))
            self._done += len(rows)
        self.batch.result["seconds"] = round(self._before + monotonic() - self._started, 2)
        self.batch.position[position[0]] = position[1]
        self.batch.save(update_fields=["result", "position"])

    def tell(self, title: str) -> None:
        """Say how far it is."""
        said = {"sheet": title, "done": self._done, "total": self._total}
        self._tell(self._done, self._total, _("%(sheet)s：已处理 %(done)s 行，共 %(total)s 行") % said)


def _run_sheet(running: _Running, nest: Nest, sheet: Sheet, table: Table) -> None:
    batch = running.batch
    after = int(batch.position.get(str(sheet.place), 0))
    if after and nest.of(sheet.spec.key):
        for rows in sheet.batches(table):  # records that came in before took their lines with them
            nest.filled(sheet, [row for row in rows if row.number <= after])
    for rows in sheet.batches(table, after=after):
        for part in nesting.portions(nest.filled(sheet, rows)):
            retried(partial(_portion, running, nest, sheet, part))
            running.tell(sheet.plan["title"])


def _portion(running: _Running, nest: Nest, sheet: Sheet, rows: Sequence[Row]) -> None:
    """Rows, their messages and how far the import came, in one transaction."""
    with transaction.atomic():
        outcomes = import_rows(running.actor, running.batch, sheet, rows, nest)
        inside = list(nesting.spread(nest, sheet, rows, outcomes))
        running.keep([(sheet, rows, outcomes), *inside], (str(sheet.place), rows[-1].number))


def _run_strays(running: _Running, nest: Nest, spec: TypeSpec) -> None:
    """Lines of records that the file does not list go to those that are there."""
    left, place = nesting.strays(running.actor, nest, spec), f"lines:{spec.key}"
    done = int(running.batch.position.get(place, 0))
    for part in nesting.portions(left.rows[done:]):
        done += len(part)
        retried(partial(_stray_portion, running, nest, left, part, (place, done)))
        running.tell(str(spec.title))


def _stray_portion(running: _Running, nest: Nest, left: Strays, rows: Sequence[Row], position: tuple[str, int]) -> None:
    """Lines of records that are there, their messages and how far the import came, in one transaction."""
    actor, batch = running.actor, running.batch
    with transaction.atomic():
        changes = left.changes(actor, nest, rows, append=batch.mode == "add")
        outcomes = [left.unknown(row) for row in rows]
        known = sorted(changes)
        if known:
            result = _save(actor, batch, left.sheet, [changes[each] for each in known], "allow")
            _put(outcomes, known, messages(left.sheet, [rows[each] for each in known], result))
        running.keep(nesting.spread(nest, left.sheet, rows, outcomes, changes), position)


def _put(outcomes: list[Outcome], places: Sequence[int], found: Sequence[Outcome]) -> None:
    for place, outcome in zip(places, found, strict=True):
        outcomes[place] = outcome


def finish(batch: ImportBatch, state: str, *, error: str = "") -> None:
    """Close a run: done, failed with a sentence, or cancelled."""
    if error:
        batch.result["error"] = error
    batch.state, batch.finished_at = state, timezone.now()
    batch.save(update_fields=["state", "finished_at", "result"])


def empty_counts(batch: ImportBatch) -> list[dict[str, Any]]:
    """Counts of nothing yet, one entry per imported sheet."""
    return [
        asdict(SheetCounts(title=sheet["title"], type_key=sheet["type"], index=sheet["index"]))
        for sheet in planning.imported(batch.plan)
    ]


def _invite(actor: Actor, batch: ImportBatch) -> dict[str, int]:
    """Members for names in the file that the plan says to make: they cost no seat and cannot sign in yet."""
    names = to_invite(batch)
    if not names:
        return {}
    with transaction.atomic():
        known = {name: pk for (_key, name), pk in by_title(actor, {PEOPLE: names}).items()}
        fresh = [name for name in names if name not in known]
        if fresh:
            made = records.save(
                actor,
                PEOPLE,
                [{"name": name} for name in fresh],
                action=str(batch.action),
                source="import",
                twins="allow",
            )
            if not made.ok:
                raise ExchangeError(_("不能添加成员：%(why)s") % {"why": made.sentence})
            known |= dict(zip(fresh, made.pks, strict=True))
            batch.result["notes"] = [
                _("添加了 %(count)s 位未邀请的成员：%(names)s。") % {"count": len(fresh), "names": "、".join(fresh)}
            ]
            batch.save(update_fields=["result"])
    return known


def import_rows(
    actor: Actor, batch: ImportBatch, sheet: Sheet, rows: Sequence[Row], nest: Nest = NOTHING
) -> list[Outcome]:
    """Save one batch of rows as the mode says; an outcome for each row."""
    if batch.mode == "add":
        return _add(actor, batch, sheet, rows)
    standing = by_numbers(actor, sheet, rows)
    if batch.mode == "update" or nest.of(sheet.spec.key):
        # Lines are matched with those that are there, so their record has to be known before.
        standing = found_twins(actor, sheet, rows) | standing
    outcomes = [
        Outcome("wrong", [(None, _("没有找到要更新的%(type)s。") % {"type": sheet.spec.title})]) for _row in rows
    ]
    known, fresh = sorted(standing), [place for place in range(len(rows)) if place not in standing]
    if known:
        changes = nesting.standing_lines(actor, nest, sheet, rows, standing, append=False)
        result = _save(actor, batch, sheet, [changes[place] for place in known], "allow")
        _put(outcomes, known, messages(sheet, [rows[place] for place in known], result))
    if fresh and batch.mode == "both":
        _put(outcomes, fresh, _add(actor, batch, sheet, [rows[place] for place in fresh]))
    return outcomes


def _add(actor: Actor, batch: ImportBatch, sheet: Sheet, rows: Sequence[Row]) -> list[Outcome]:
    """New records; what turns out to be there is skipped, or updated when that was chosen as well."""
    twins = "skip" if batch.mode == "add" else "update"
    result = _save(actor, batch, sheet, [row.change for row in rows], twins)
    outcomes = messages(sheet, rows, result)
    again = [place for place in result.skipped if batch.mode == "both"]
    while again:
        # Twins within this batch: the first of them stands by now, so the next one updates it.
        part = [rows[place] for place in again]
        result = _save(actor, batch, sheet, [row.change for row in part], twins)
        _put(outcomes, again, messages(sheet, part, result))
        left = [again[position] for position in result.skipped]
        again = left if len(left) < len(again) else []
    return outcomes


def _save(actor: Actor, batch: ImportBatch, sheet: Sheet, changes: Sequence[Any], twins: str) -> SaveResult:
    return records.save(
        actor, sheet.spec.key, changes, action=str(batch.action), on_error="skip", twins=twins, source="import"
    )
