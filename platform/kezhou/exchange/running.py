"""The import itself: batches of at most 500 rows, each one transaction with its rows, its messages and how far it came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from time import monotonic
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.exchange import planning
from kezhou.exchange.checking import Tell, found_twins
from kezhou.exchange.matching import PEOPLE
from kezhou.exchange.models import ImportBatch, ImportRow
from kezhou.exchange.outcomes import Outcome, counted, messages, stored
from kezhou.exchange.rows import Row, Sheet, opened, ready_sheets, to_invite
from kezhou.exchange.views import ExchangeError, SheetCounts
from kezhou.records.linking import by_title
from kezhou.records.saved import SaveResult


def run_import(actor: Actor, batch: ImportBatch, tell: Tell) -> None:
    """Import what the plan says, from where an earlier try came to; `tell(done, total, message)` may stop it by raising.

    Each batch commits rows, messages and position together: a killed import goes on without doubles and loses nothing.
    Raises ExchangeError, NotAllowed.
    """
    started = monotonic()
    total = sum(sheet["rows"] for sheet in planning.imported(batch.plan))
    if not batch.position:
        ImportRow.objects.filter(batch=batch).delete()
        batch.result = {"kind": "run", "sheets": empty_counts(batch), "notes": []}
    batch.result.pop("error", None)
    before = float(batch.result.get("seconds") or 0)
    invited = _invite(actor, batch)
    done = 0
    with opened(actor, batch) as table:
        for sheet in ready_sheets(actor, batch, invited):
            after = int(batch.position.get(str(sheet.place), 0))
            done += _done_before(batch, sheet) if after else 0
            for rows in sheet.batches(table, after=after):
                with transaction.atomic():
                    outcomes = import_rows(actor, batch, sheet, rows)
                    _keep(batch, sheet, rows, outcomes, before + monotonic() - started)
                done += len(rows)
                tell(
                    done,
                    total,
                    _("%(sheet)s：已处理 %(done)s 行，共 %(total)s 行")
                    % {"sheet": sheet.plan["title"], "done": done, "total": total},
                )
    finish(batch, ImportBatch.State.DONE)


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


def _done_before(batch: ImportBatch, sheet: Sheet) -> int:
    return SheetCounts(**batch.result["sheets"][sheet.place]).rows


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


def import_rows(actor: Actor, batch: ImportBatch, sheet: Sheet, rows: Sequence[Row]) -> list[Outcome]:
    """Save one batch of rows as the mode says; an outcome for each row."""
    if batch.mode == "update":
        return _update(actor, batch, sheet, rows)
    twins = "skip" if batch.mode == "add" else "update"
    result = _save(actor, batch, sheet, [row.change for row in rows], twins)
    outcomes = messages(sheet, rows, result)
    again = [place for place in result.skipped if batch.mode == "both"]
    while again:
        # Twins within this batch: the first of them stands by now, so the next one updates it.
        part = [rows[place] for place in again]
        result = _save(actor, batch, sheet, [row.change for row in part], twins)
        for place, outcome in zip(again, messages(sheet, part, result), strict=True):
            outcomes[place] = outcome
        left = [again[position] for position in result.skipped]
        again = left if len(left) < len(again) else []
    return outcomes


def _update(actor: Actor, batch: ImportBatch, sheet: Sheet, rows: Sequence[Row]) -> list[Outcome]:
    standing = found_twins(actor, sheet, rows)
    outcomes = [
        Outcome("wrong", [(None, _("没有找到要更新的%(type)s。") % {"type": sheet.spec.title})]) for _row in rows
    ]
    places = sorted(standing)
    changes = [{**rows[place].change, "pk": standing[place]} for place in places]
    if changes:
        result = _save(actor, batch, sheet, changes, "allow")
        for place, outcome in zip(places, messages(sheet, [rows[place] for place in places], result), strict=True):
            outcomes[place] = outcome
    return outcomes


def _save(actor: Actor, batch: ImportBatch, sheet: Sheet, changes: Sequence[Any], twins: str) -> SaveResult:
    return records.save(
        actor, sheet.spec.key, changes, action=str(batch.action), on_error="skip", twins=twins, source="import"
    )


def _keep(batch: ImportBatch, sheet: Sheet, rows: Sequence[Row], outcomes: Sequence[Outcome], seconds: float) -> None:
    """Write counts, messages and position in the transaction of the rows."""
    counts = SheetCounts(**batch.result["sheets"][sheet.place])
    batch.result["sheets"][sheet.place] = asdict(counted(counts, sheet, rows, outcomes))
    batch.result["seconds"] = round(seconds, 2)
    batch.position[str(sheet.place)] = rows[-1].number
    ImportRow.objects.bulk_create(stored(batch, sheet, rows, outcomes, keep=("wrong", "twin")))
    batch.save(update_fields=["result", "position"])
