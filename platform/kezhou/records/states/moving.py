"""The ways from a record's state, as its page shows them, and going one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kezhou.records.catalogue import fields_for, shaped
from kezhou.records.reading import Entry, context, whole
from kezhou.records.saved import SaveResult
from kezhou.records.spec import FieldSpec, Level, Purpose, TypeSpec
from kezhou.records.states.checking import by_action, may_go, missing, no_way, not_allowed, refusal
from kezhou.records.states.conditions import fitting
from kezhou.records.states.locking import label_of
from kezhou.records.structure import TransitionSpec

if TYPE_CHECKING:
    from kezhou.access.actor import Actor


@dataclass(frozen=True, slots=True)
class Move:
    """One way on: `allowed`, or the `reason` why not now. `asks` are the fields of its dialog; those to be filled are required."""

    target: str
    title: str
    allowed: bool
    reason: str = ""
    asks: tuple[FieldSpec, ...] = ()

    @property
    def immediate(self) -> bool:
        """True when one click does it."""
        return self.allowed and not self.asks


def moves(actor: Actor, type: str | TypeSpec, entry: Entry) -> tuple[Move, ...]:
    """Where the record can go from here, in the declared order. Ways for which the actor lacks the right are not there."""
    spec = shaped(actor).types[entry.type.key]
    if spec.states is None or entry.deleted_at is not None:
        return ()
    values = whole(actor, spec, (entry.pk,)).get(entry.pk, {})
    state = values.get(spec.states.field)
    ways: dict[str, TransitionSpec] = {}
    for way in spec.states.transitions:
        if way.leads_from(state) and way.target != state and not way.action:
            ways.setdefault(way.target, way)
    able = [way for way in ways.values() if may_go(actor, spec, way, values)]
    return tuple(_move(actor, spec, way, entry.pk, values) for way in able)


def barred(actor: Actor, type: str | TypeSpec, entry: Entry, targets: Iterable[str]) -> Mapping[str, str]:
    """Why the record cannot be taken to those of the states to which `moves` knows no way: there is none, it belongs to an action,
    or to people with another right. One statement."""
    spec = shaped(actor).types[entry.type.key]
    if spec.states is None:
        return {}
    values = whole(actor, spec, (entry.pk,)).get(entry.pk, {})
    state = values.get(spec.states.field)
    found: dict[str, str] = {}
    for target in targets:
        way = spec.states.way(state, target)
        if way is None:
            found[target] = no_way(spec, state, target)
        elif way.action:
            found[target] = by_action(spec, way)
        elif not may_go(actor, spec, way, values):
            found[target] = not_allowed(spec, target)
    return found


def _move(actor: Actor, spec: TypeSpec, way: TransitionSpec, pk: int, values: Mapping[str, Any]) -> Move:
    asks = _asks(actor, spec, way, values)
    sentence = "" if asks else _refused(actor, spec, way, pk, values)
    return Move(way.target, str(way.title) or label_of(spec, way.target), not sentence, sentence, asks)


def _asks(actor: Actor, spec: TypeSpec, way: TransitionSpec, values: Mapping[str, Any]) -> tuple[FieldSpec, ...]:
    """The fields to fill: what is missing, as required, then what the way asks for besides."""
    from dataclasses import replace

    writable = {field.key: field for field in fields_for(spec, actor, Purpose.WRITE)}
    lacking = missing(spec, way, values)
    found = [replace(writable[key], required=True) for key in lacking if key in writable]
    found += [writable[key] for key in way.asks if key in writable and key not in lacking]
    hidden = [spec.by_key[key] for key in lacking if key not in writable]
    return tuple(found) if not hidden else (*found, *(field.with_level(Level.READ) for field in hidden))


def _refused(actor: Actor, spec: TypeSpec, way: TransitionSpec, pk: int, values: Mapping[str, Any]) -> str:
    if way.when is not None and not fitting(spec, way.when, [(pk, values)], context())[0]:
        return refusal(spec, way)
    return str(way.guard(actor, values) or "") if way.guard is not None else ""


def move(
    actor: Actor,
    type: str | TypeSpec,
    record: int | Entry,
    target: str,
    values: Mapping[str, Any] | None = None,
    *,
    version: int | None = None,
    source: str = "page",
) -> SaveResult:
    """Take a record to another state, with the values that the way asks for. Raises UnknownType, RecordNotFound and NotAllowed.

    The right is that of the way (`operation`), which may be given to people who may not change the record otherwise. Whoever has read the
    record already gives it instead of its key.
    """
    from kezhou.records.reading import get  # the names above suffice for showing
    from kezhou.records.saving import save

    entry = get(actor, type, record) if isinstance(record, int) else record
    pk = entry.pk
    spec = shaped(actor).types[entry.type.key]
    states = spec.states
    if states is None:
        raise ValueError(f"{spec.key} declares no states.")
    now = whole(actor, spec, (pk,))[pk].get(states.field)
    way = states.way(now, target)
    if way is None:
        return _nowhere(no_way(spec, now, target), states.field)
    asked = {*way.required, *way.asks, *missing(spec, way, {})}
    change = {key: value for key, value in (values or {}).items() if key in asked}
    guard = {} if version is None else {"version": version}
    return save(
        actor, spec, [{"pk": pk, **guard, **change, states.field: target}], source=source, as_operation=way.operation
    )


def _nowhere(sentence: str, field: str) -> SaveResult:
    from kezhou.records.saved import Problem, new_action

    return SaveResult(new_action(), problems=(Problem(0, field, sentence, "state"),))
