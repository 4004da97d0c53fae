"""Loading the rows that a batch changes, under lock, and telling who came first (PLT-15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from django.utils.translation import gettext as _

from kezhou.access.policy import policy_for
from kezhou.records.catalogue import fields_for
from kezhou.records.drafting import Batch, Work
from kezhou.records.filters import seen
from kezhou.records.reading import not_found
from kezhou.records.rows import load_custom, run, selection
from kezhou.records.saved import Conflict, FieldConflict
from kezhou.records.spec import Purpose
from kezhou.records.sql import Sql, all_of


def lock(batch: Batch, operation: str = "update", *, deleted: bool = False) -> None:
    """Load and lock every existing row of the batch in one statement; refuse what is not there, or not the actor's to change."""
    wanted = sorted({work.pk for work in batch.alive() if work.pk is not None})
    if not wanted:
        return
    spec, fields = batch.spec, list(batch.fields.values())
    chosen = selection(fields, ("id", "version"), custom=True)
    may = policy_for(batch.actor, spec.key).condition_for(operation).sql("t")
    where = all_of([Sql("t.id = ANY(%s)", (wanted,)), *seen(spec, batch.actor, "t", deleted=deleted)])
    rows = run(
        Sql(
            f"SELECT {chosen.text}, {may.text} FROM {spec.rows} t WHERE {where.text} ORDER BY t.id FOR UPDATE OF t",
            (*may.params, *where.params),
        )
    )
    found = {row[0]: row for row in rows}
    keys = [field.key for field in fields]
    for work in batch.alive():
        if work.pk is None:
            continue
        row = found.get(work.pk)
        if row is None:
            work.refuse(str(not_found(spec, work.pk)), code="not_found")
        elif not row[-1]:
            sentence = _("你可以查看这条%(type)s，但不能修改它。") % {"type": spec.title}
            work.refuse(sentence, code="not_allowed")
        else:
            work.version = row[1]
            work.custom = load_custom(row[chosen.custom])  # type: ignore[index]  # selected with custom=True
            work.before = dict(zip(keys, chosen.read(row), strict=True))


def conflicts(batch: Batch) -> tuple[Conflict, ...]:
    """Changes that were begun on an older version than the present one: refused, with what differs field by field."""
    late = [w for w in batch.alive() if w.before is not None and w.given_version not in (None, w.version)]
    if not late:
        return ()
    told = _since(batch, late)
    return tuple(_conflict(batch, work, told.get(work.pk or 0, [])) for work in late)


def _since(batch: Batch, late: Sequence[Work]) -> Mapping[int, list[tuple[int, Mapping[str, Any], str]]]:
    rows = run(
        Sql(
            "SELECT record, version, changes, name FROM records_history WHERE type = %s AND record = ANY(%s) AND version > %s "
            "ORDER BY id",
            (batch.spec.key, [w.pk for w in late], min(w.given_version or 0 for w in late)),
        )
    )
    told: dict[int, list[tuple[int, Mapping[str, Any], str]]] = {}
    for record, version, changes, name in rows:
        told.setdefault(record, []).append((version, orjson.loads(changes), name))
    return told


def _conflict(batch: Batch, work: Work, told: Sequence[tuple[int, Mapping[str, Any], str]]) -> Conflict:
    original: dict[str, Any] = {}
    later = [item for item in told if item[0] > (work.given_version or 0)]
    for _version, changes, _name in later:
        for key, (old, _new) in changes.items():
            original.setdefault(key, old)
    before = work.before or {}
    readable = {field.key for field in fields_for(batch.spec, batch.actor, Purpose.FILTER)}
    fields = []
    for key, old in original.items():
        spec = batch.fields.get(key)
        if spec is None or key not in readable or key == "changed_by":
            continue
        began = spec.kind.revived(old, spec)
        mine = work.given.get(key, began)
        fields.append(FieldConflict(key, began, before.get(key), mine))
    who = later[-1][2] if later else ""
    sentence = _("%(name)s 在你编辑期间保存了这条%(type)s，你的修改还没有保存。请比较后再决定。") % {
        "name": who or _("别人"),
        "type": batch.spec.title,
    }
    work.refuse(sentence, code="conflict")
    differing = tuple(f for f in fields if f.mine not in (f.original, f.theirs))
    others = tuple(f for f in fields if f not in differing and f.theirs != f.original)
    return Conflict(work.position, work.pk or 0, work.version, who, differing, others)
