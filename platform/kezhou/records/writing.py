"""Writing the rows of a batch: one INSERT, one UPDATE, one statement of history, one of events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou.access.policy import policy_for
from kezhou.records import hierarchy, holding, ledger, storing
from kezhou.records.derived import spreading
from kezhou.records.drafting import Batch, Work
from kezhou.records.fields.pinyin import sort_key
from kezhou.records.lines import parents
from kezhou.records.lines.writing import alive, keys_of, remove
from kezhou.records.numbering.assigning import assign, claim, refuse_doubled, refuse_taken
from kezhou.records.rows import run
from kezhou.records.saved import Saved
from kezhou.records.spec import FieldSpec
from kezhou.records.sql import TRUE, Sql
from kezhou.records.states.checking import moved
from kezhou.records.twins import twin_keys


def write(batch: Batch, action: str) -> list[Saved]:
    """Write everything in the batch that is alive. Rows that the actor could no longer have get a problem: the caller rolls back."""
    now = timezone.now()
    works = batch.alive()
    same = [work for work in works if not work.new and not work.differs]
    saved, steps = _rows(batch, works, action, now)
    hierarchy.check(batch, [(work, item.pk) for work, item in saved])
    made = keys_of(saved, same)
    for nested in batch.nested:
        _lines, more = _rows(nested.batch, alive(nested, made), action, now)
        steps += [*more, *remove(nested, made, action=action, at=now)]
    steps += parents.touch(batch, [work for work, _item in saved], action=action, at=now)
    ledger.note(batch.actor, steps, action=action, source=batch.source, at=now)
    spreading.follow(batch.actor, steps, action=action, at=now, filled=not batch.nested)
    return [item for _work, item in saved] + [Saved(w.position, w.pk or 0, w.version, "same") for w in same]


def _rows(
    batch: Batch, works: Sequence[Work], action: str, now: datetime
) -> tuple[list[tuple[Work, Saved]], list[ledger.Step]]:
    fresh = [work for work in works if work.new]
    touched = [work for work in works if not work.new and work.differs]
    saved = _insert(batch, fresh, action, now) + _update(batch, touched, action, now)
    holding.adopt(batch, saved)
    return saved, [_step(batch, work, item) for work, item in saved]


def _visible(batch: Batch, operation: str) -> Sql:
    """Whether the actor may have such a row: the policy, or what has been asked of the parent already."""
    return TRUE if batch.inside else policy_for(batch.actor, batch.spec.key).condition_for(operation).sql("t")


def _insert(batch: Batch, fresh: Sequence[Work], action: str, now: datetime) -> list[tuple[Work, Saved]]:
    if not fresh:
        return []
    for work in fresh:
        _stamp_new(batch, work, now)
        if "number" not in work.given:
            work.after["number"] = None
    assign(batch.spec, fresh, now)
    refuse_doubled(fresh)
    rows = [_row(batch, work, batch.fields) | {"version": 1, "action": action} for work in fresh]
    answers = run(storing.insert(batch.spec, rows, _visible(batch, "create")))
    saved = []
    for work, (pk, number, may, free) in zip(fresh, answers, strict=True):
        _demand_visible(batch, work, may)
        if not free:
            refuse_taken(work, number)
        if number and "number" not in work.given:
            work.after["number"] = number
            work.changed.add("number")
        saved.append((work, Saved(work.position, pk, 1, "created")))
    return saved


def _stamp_new(batch: Batch, work: Work, now: datetime) -> None:
    """Who entered it and when (BAS-02); only the system may say otherwise, for data that come from elsewhere."""
    stamps = {
        "created_by": batch.actor.member_pk,
        "created_at": now,
        "changed_by": batch.actor.member_pk,
        "changed_at": now,
    }
    for key, value in stamps.items():
        if work.given.get(key) is None:
            work.after[key] = value
    if "created_at" in work.given and "changed_at" not in work.given:
        work.after["changed_at"] = work.after["created_at"]


def _update(batch: Batch, touched: Sequence[Work], action: str, now: datetime) -> list[tuple[Work, Saved]]:
    if not touched:
        return []
    claim(batch, touched)
    keys = {key for work in touched for key in work.changed} - {"changed_by", "changed_at"}
    fields = {key: spec for key, spec in batch.fields.items() if key in keys}
    stamp = {"changed_by_id": batch.actor.member_pk, "changed_at": now, "action": action}
    rows = [{"id": work.pk, **_row(batch, work, fields), **stamp} for work in touched]
    columns = _columns(batch, fields, stamp)
    answers = {
        row[0]: row[1:] for row in run(storing.update(batch.spec, columns, rows, _visible(batch, batch.operation)))
    }
    saved = []
    for work in touched:
        version, may = answers[work.pk]
        _demand_visible(batch, work, may)
        saved.append((work, Saved(work.position, work.pk or 0, version, "changed")))
    return saved


def _columns(batch: Batch, fields: Mapping[str, FieldSpec], stamp: Mapping[str, Any]) -> tuple[str, ...]:
    """The columns that an update of these fields writes."""
    names = [spec.column for spec in fields.values() if spec.column is not None]
    names += ["custom"] if any(spec.custom for spec in fields.values()) else []
    names += ["title_sort"] if batch.spec.title_field in fields else []
    names += ["twin_keys"] if any(key in fields for group in batch.spec.twins for key in group) else []
    return (*names, *stamp)


def _row(batch: Batch, work: Work, fields: Mapping[str, FieldSpec]) -> dict[str, Any]:
    """The columns of one row that hold something; own fields together in `custom`; the sort key and twin keys that follow."""
    row: dict[str, Any] = {}
    custom, own = dict(work.custom), work.new
    for key, spec in fields.items():
        value, column = work.after[key], spec.column
        if column is None:
            own = True
            if value is None:
                custom.pop(key, None)
            else:
                custom[key] = storing.stored(spec, value)
        elif value is not None:
            row[column] = storing.stored_column(spec, value)
    if own:
        row["custom"] = custom
    title = batch.spec.title_field
    if title in fields:
        row["title_sort"] = sort_key(work.after[title], person=batch.spec.declaration.person) or ""
    if batch.spec.twins and (work.new or any(key in fields for group in batch.spec.twins for key in group)):
        known = work.twin_keys if work.new else []
        row["twin_keys"] = known or twin_keys(batch.spec, batch.fields, work.after)
    return row


def _demand_visible(batch: Batch, work: Work, may: bool) -> None:
    if not may:
        sentence = _("保存后这条%(type)s会超出你的权限范围，所以没有保存。请检查负责人和部门。") % {
            "type": batch.spec.title
        }
        work.refuse(sentence, code="not_allowed")


def _step(batch: Batch, work: Work, item: Saved) -> ledger.Step:
    stored, fields, after = storing.stored, batch.fields, work.after
    changes: dict[str, tuple[Any, Any]]
    if work.before:
        before = work.before
        changes = {
            key: (stored(fields[key], before.get(key)), stored(fields[key], after[key])) for key in sorted(work.changed)
        }
    else:
        changes = {key: (None, stored(fields[key], after[key])) for key in sorted(work.changed)}
    changes |= work.line_changes
    return ledger.Step(batch.spec.key, item.pk, item.version, _kind(batch, work, item), changes, batch.verb)


def _kind(batch: Batch, work: Work, item: Saved) -> str:
    if batch.verb:
        return "acted"
    return "moved" if moved(batch, work) else item.kind
