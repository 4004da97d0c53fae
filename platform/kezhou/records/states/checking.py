"""States in a save: where new records may begin, which ways are allowed, what must be filled, what is locked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from kezhou.access.policy import policy_for
from kezhou.records.drafting import Batch, Work
from kezhou.records.spec import TypeSpec
from kezhou.records.states.conditions import fitting
from kezhou.records.states.locking import FREE, label_of, locked
from kezhou.records.structure import ANY, StatesSpec, TransitionSpec


def check(batch: Batch) -> None:
    """Refuse what the states forbid, each with its sentence at its field."""
    states = batch.spec.states
    if states is None or batch.source in FREE:
        return
    going: list[tuple[TransitionSpec, Work]] = []
    for work in batch.alive():
        if work.new:
            _begin(batch, states, work)
            continue
        way = _way(batch, states, work)
        _demand_open(batch, work, way)
        if way is not None and work.alive:
            _demand_filled(batch, work, way)
            going.append((way, work))
    for way in states.transitions:
        _guard(batch, way, [work for taken, work in going if taken is way and work.alive])


def moved(batch: Batch, work: Work) -> bool:
    """True when this change takes a record from one state to another."""
    return batch.spec.states is not None and not work.new and batch.spec.states.field in work.changed


def _begin(batch: Batch, states: StatesSpec, work: Work) -> None:
    state = work.after.get(states.field)
    if state is None and ANY not in states.initial:
        work.after[states.field] = states.initial[0]
        work.changed.add(states.field)
    elif state is not None and ANY not in states.initial and state not in states.initial:
        known = "、".join(label_of(batch.spec, key) for key in states.initial)
        sentence = _("新的%(type)s不能从“%(state)s”开始，可以从这些状态开始：%(known)s。")
        shown = {"type": batch.spec.title, "state": label_of(batch.spec, state), "known": known}
        work.refuse(sentence % shown, field=states.field, code="state")


def _way(batch: Batch, states: StatesSpec, work: Work) -> TransitionSpec | None:
    if states.field not in work.changed:
        return None
    source, target = (work.before or {}).get(states.field), work.after.get(states.field)
    way = states.way(source, target)
    if way is None:
        work.refuse(no_way(batch.spec, source, target), field=states.field, code="state")
    elif way.action not in {"", batch.verb} and batch.source != "system":
        work.refuse(by_action(batch.spec, way), field=states.field, code="state")
    elif not may_go(batch.actor, batch.spec, way, work.before or {}):
        work.refuse(not_allowed(batch.spec, target), field=states.field, code="not_allowed")
    return way


def no_way(spec: TypeSpec, source: object, target: object) -> str:
    """Why a record cannot go from one state to the other, and where it can go."""
    ways = [way.target for way in (spec.states.transitions if spec.states else ()) if way.leads_from(source)]  # type: ignore[arg-type]  # any value may stand there
    known = "、".join(dict.fromkeys(label_of(spec, key) for key in ways))
    shown = {"source": label_of(spec, source), "target": label_of(spec, target), "known": known}
    if not ways:
        return _("“%(source)s”是最后的状态，不能再改为“%(target)s”。") % shown
    return _("不能从“%(source)s”改为“%(target)s”，可以改为：%(known)s。") % shown


def by_action(spec: TypeSpec, way: TransitionSpec) -> str:
    """That a way is gone by an action alone."""
    action = next(str(each.title) for each in spec.actions if each.key == way.action)
    shown = {"state": label_of(spec, way.target), "action": action}
    return _("改为“%(state)s”请用“%(action)s”。") % shown


def not_allowed(spec: TypeSpec, target: object) -> str:
    """That the actor lacks the right of a way."""
    return _("你没有把%(type)s改为“%(state)s”的权限。") % {"type": spec.title, "state": label_of(spec, target)}


def may_go(actor: Any, spec: TypeSpec, way: TransitionSpec, values: Mapping[str, Any]) -> bool:
    """Whether the actor has the right that a way needs on this record."""
    facts = {"owner": values.get("owner"), "department": values.get("department")}
    return policy_for(actor, spec.key).reaches(way.operation, facts)


def _demand_open(batch: Batch, work: Work, way: TransitionSpec | None) -> None:
    """Fields that the present state locks cannot be changed; those that a way asks for can, while going it."""
    free = {*way.required, *way.asks} if way is not None else set()
    for key in sorted({*(work.changed & work.given.keys()), *work.line_changes} - free):
        sentence = locked(batch.spec, work.before or {}, key)
        if sentence:
            work.refuse(sentence, field=key, code="locked")


def missing(spec: TypeSpec, way: TransitionSpec, values: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields that must still be filled to go a way."""
    state = spec.states.state(way.target) if spec.states else None
    demanded = dict.fromkeys((*way.required, *(state.required if state else ())))
    return tuple(key for key in demanded if values.get(key) in (None, "", ()))


def _demand_filled(batch: Batch, work: Work, way: TransitionSpec) -> None:
    for key in missing(batch.spec, way, work.after):
        sentence = _("改为“%(state)s”要先填写%(label)s。")
        shown = {"state": label_of(batch.spec, way.target), "label": batch.spec.by_key[key].label}
        work.refuse(sentence % shown, field=key, code="required")


def _guard(batch: Batch, way: TransitionSpec, works: Sequence[Work]) -> None:
    if not works:
        return
    if way.when is not None:
        held = fitting(batch.spec, way.when, [(work.pk, work.after) for work in works], batch.context)
        for work, holds in zip(works, held, strict=True):
            if not holds:
                work.refuse(refusal(batch.spec, way), field=_field(batch.spec), code="guard")
    if way.guard is not None:
        for work in works:
            sentence = str(way.guard(batch.actor, work.after) or "")
            if sentence:
                work.refuse(sentence, field=_field(batch.spec), code="guard")


def refusal(spec: TypeSpec, way: TransitionSpec) -> str:
    """The sentence of a condition that does not hold."""
    return str(way.refusal) or _("现在还不能改为“%(state)s”。") % {"state": label_of(spec, way.target)}


def _field(spec: TypeSpec) -> str:
    return spec.states.field if spec.states else ""
