"""Which actions a record offers to somebody: without the right they are not there, in the wrong state they stand there with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from kezhou.records.catalogue import fields_for, shaped, type_of
from kezhou.records.reading import Entry, context, whole
from kezhou.records.spec import FieldSpec, Purpose, TypeSpec
from kezhou.records.states.conditions import fitting
from kezhou.records.states.locking import label_of
from kezhou.records.structure import ActionSpec

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

Record = tuple[int | None, Mapping[str, Any]]
"""A record by its key (None while it is new) with its values."""
Told = Mapping[tuple[str, int], str | None]
"""What guards said by action and record: why not, "" for nothing against it, None for not even offered."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One action for one record: `allowed`, or the `reason` why not now; `fields` are what its form asks."""

    action: ActionSpec
    allowed: bool
    reason: str = ""
    fields: tuple[FieldSpec, ...] = ()

    @property
    def key(self) -> str:
        """The action's key."""
        return self.action.key

    @property
    def immediate(self) -> bool:
        """True when one click does it: nothing to ask and nothing to confirm."""
        return self.allowed and not self.fields and not self.action.confirm


def actions(actor: Actor, type: str | TypeSpec, entry: Entry) -> tuple[Offer, ...]:
    """The actions of a record in the declared order, as far as the actor has their rights on it."""
    if entry.deleted_at is not None:
        return ()
    spec = shaped(actor).types[entry.type.key]
    mine = [action for action in spec.actions if action.operation in entry.operations]
    told = _told(mine, (entry.pk,))
    able = [action for action in mine if told.get((action.key, entry.pk), "") is not None]
    if not able:
        return ()
    values = whole(actor, spec, (entry.pk,)).get(entry.pk, {})
    return tuple(_offer(actor, spec, action, (entry.pk, values), told) for action in able)


def _told(actions: Iterable[ActionSpec], pks: Sequence[int]) -> Told:
    """What the guards of these actions say of the records, each asked once."""
    guards = dict.fromkeys(action.guard for action in actions if action.guard is not None) if pks else {}
    said = (guard(pks).items() for guard in guards)
    return {(key, pk): why for rows in said for pk, by_action in rows for key, why in by_action.items()}


def _offer(actor: Actor, spec: TypeSpec, action: ActionSpec, row: Record, told: Told) -> Offer:
    (sentence,) = _refusals(spec, action, [row], told)
    return Offer(action, not sentence, sentence, asked(actor, spec, action))


def bulk_actions(actor: Actor, type: str | TypeSpec) -> tuple[ActionSpec, ...]:
    """The actions that the list offers for several records at once."""
    spec = type_of(actor, type)
    return tuple(action for action in spec.actions if action.bulk and action.operation in spec.operations)


def asked(actor: Actor, spec: TypeSpec, action: ActionSpec) -> tuple[FieldSpec, ...]:
    """What the form of an action asks: with today's options of its dictionaries, without fields that the actor is not shown."""
    own = shaped(actor).types[spec.key].by_key
    readable = {field.key for field in fields_for(spec, actor, Purpose.READ)}
    found = []
    for field in action.fields:
        stands = own.get(field.key)
        if stands is None:
            found.append(field)
        elif field.key in readable:
            found.append(replace(stands, required=field.required, system=False))
    return tuple(found)


def refusals(spec: TypeSpec, action: ActionSpec, rows: Sequence[Record]) -> list[str]:
    """For each record why the action cannot be done with it now; "" where it can. At most one statement, and one of the guard."""
    return _refusals(spec, action, rows, _told([action], [pk for pk, _values in rows if pk is not None]))


def _refusals(spec: TypeSpec, action: ActionSpec, rows: Sequence[Record], told: Told) -> list[str]:
    never = _("现在还不能“%(action)s”。") % {"action": action.title}
    found = []
    for pk, values in rows:
        why = told.get((action.key, pk or 0), "")
        found.append(_by_state(spec, action, values) or (never if why is None else why))
    if action.when is None or not rows:
        return found
    held = fitting(spec, action.when, rows, context())
    sentence = str(action.refusal) or never
    return [said or ("" if holds else sentence) for said, holds in zip(found, held, strict=True)]


def _by_state(spec: TypeSpec, action: ActionSpec, values: Mapping[str, Any]) -> str:
    state = values.get(spec.states.field) if spec.states else None
    if not action.states or state in action.states:
        return ""
    known = "、".join(label_of(spec, key) for key in action.states)
    shown = {"action": action.title, "state": label_of(spec, state), "known": known}
    return _("“%(state)s”时不能%(action)s，要先到：%(known)s。") % shown
