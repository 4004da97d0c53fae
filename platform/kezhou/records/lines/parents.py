"""A line that is written by itself (by the API of its own type, an import, an undo): its parent is locked with it and counts up,
so that somebody who edits the parent meanwhile is told (PLT-15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from kezhou.records import ledger, storing
from kezhou.records.catalogue import shaped
from kezhou.records.drafting import Batch, Work
from kezhou.records.rows import run
from kezhou.records.spec import TypeSpec
from kezhou.records.sql import Sql, quoted
from kezhou.records.states.locking import FREE
from kezhou.records.structuring import POSITION


def lock_parents(batch: Batch) -> None:
    """Lock the parents of lines that are saved by themselves, refuse what their state locks, and put new lines at the end."""
    spec = batch.spec
    if spec.parent is None or batch.inside:
        return
    link = spec.parent.link
    pks = sorted({pk for work in batch.alive() for pk in (work.after.get(link), (work.before or {}).get(link)) if pk})
    if not pks:
        return
    above = shaped(batch.actor).types[spec.parent.type]
    found = _load(spec, above, link, pks)
    for work in batch.alive():
        if work.new or work.changed:
            _settle(batch, above, work, found)


def _load(spec: TypeSpec, above: TypeSpec, link: str, pks: Sequence[int]) -> dict[int, list[Any]]:
    """State and last place of each parent."""
    state = above.by_key[above.states.field] if above.states else None
    column = state.kind.expression(state, "t") if state is not None else "NULL"
    rows = run(
        Sql(
            f"SELECT t.id, {column}, (SELECT max(l.position) FROM {spec.rows} l WHERE "
            f"l.{quoted(str(spec.by_key[link].column))} = t.id AND l.deleted_at IS NULL) FROM {above.rows} t "
            "WHERE t.id = ANY(%s) ORDER BY t.id FOR UPDATE OF t",
            (list(pks),),
        )
    )
    return {pk: [state, -1 if last is None else last] for pk, state, last in rows}


def _settle(batch: Batch, above: TypeSpec, work: Work, found: Mapping[int, list[Any]]) -> None:
    link = batch.spec.parent.link if batch.spec.parent else ""
    for pk in {work.after.get(link), (work.before or {}).get(link)} - {None}:
        sentence = locked_by(above, batch.spec, found.get(pk or 0, [None])[0]) if batch.source not in FREE else ""
        if sentence:
            work.refuse(sentence, code="locked")
    if work.new and POSITION not in work.given and work.after.get(link) in found:
        place = found[work.after[link]]
        place[1] += 1
        work.after[POSITION] = place[1]
        work.changed.add(POSITION)


def locked_by(above: TypeSpec, spec: TypeSpec, state: object) -> str:
    """Why the lines cannot be changed while their parent is in this state; nothing when they can."""
    declared = above.states.state(state) if above.states else None
    if declared is None or spec.parent is None or not declared.locks(spec.parent.key):
        return ""
    field = above.by_key[above.states.field] if above.states else None
    option = field.option(state) if field else None
    return str(declared.reason) or _("%(type)s在“%(state)s”时不能修改%(lines)s。") % {
        "type": above.title,
        "state": option.label if option else state,
        "lines": spec.title,
    }


def touch(batch: Batch, works: Sequence[Work], *, action: str, at: datetime) -> list[ledger.Step]:
    """Count the parents of lines written by themselves up by one, with a step in their history."""
    spec = batch.spec
    if spec.parent is None or batch.inside or not works:
        return []
    pks = {pk for work in works for pk in (work.after.get(spec.parent.link), (work.before or {}).get(spec.parent.link))}
    return touch_parents(batch.actor, spec, sorted(pk for pk in pks if pk), action=action, at=at)


def touch_parents(actor: Any, spec: TypeSpec, pks: Sequence[int], *, action: str, at: datetime) -> list[ledger.Step]:
    """The same for parents by their keys: one statement."""
    if spec.parent is None or not pks:
        return []
    above = shaped(actor).types[spec.parent.type]
    rows = run(storing.count_up(above, pks, action=action, at=at, by=actor.member_pk))
    changes: Mapping[str, tuple[Any, Any]] = {spec.parent.key: (None, None)} if spec.parent.key else {}
    return [ledger.Step(above.key, pk, version, "changed", changes) for pk, version in sorted(rows)]


def parents_of(spec: TypeSpec, pks: Sequence[int]) -> list[int]:
    """The parents of some lines, in order."""
    if spec.parent is None:
        return []
    column = quoted(str(spec.by_key[spec.parent.link].column))
    return [
        row[0]
        for row in run(
            Sql(f"SELECT DISTINCT t.{column} FROM {spec.rows} t WHERE t.id = ANY(%s) ORDER BY 1", (list(pks),))
        )
    ]


def kept_by_parents(actor: Any, spec: TypeSpec, pks: Sequence[int]) -> dict[int, str]:
    """Lines that must not be deleted because the state of their parent locks them, each with the sentence."""
    if spec.parent is None:
        return {}
    above = shaped(actor).types[spec.parent.type]
    if above.states is None:
        return {}
    state, link = above.by_key[above.states.field], quoted(str(spec.by_key[spec.parent.link].column))
    rows = run(
        Sql(
            f"SELECT t.id, {state.kind.expression(state, 'p')} FROM {spec.rows} t JOIN {above.rows} p ON p.id = t.{link} "
            "WHERE t.id = ANY(%s)",
            (list(pks),),
        )
    )
    told = ((pk, locked_by(above, spec, found)) for pk, found in rows)
    return {pk: sentence for pk, sentence in told if sentence}
