"""What a state locks: fields, lines, or everything; always with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from kezhou.records.rows import run
from kezhou.records.spec import FieldSpec, TypeSpec
from kezhou.records.sql import Sql
from kezhou.records.structure import ANY, StateSpec

FREE = frozenset({"undo", "freshen"})
"""Sources that no state holds back: undo puts back what was there (no way leads backwards, and none is needed), and the dates of the
demo company move with the day."""

HANDED_ON = frozenset({"owner", "department"})
"""Fields that “everything” does not lock: somebody who leaves hands over finished records as well. Naming them locks them."""


def state_of(spec: TypeSpec, values: Mapping[str, Any]) -> StateSpec | None:
    """What is declared of the state that a record is in."""
    return spec.states.state(values.get(spec.states.field)) if spec.states else None


def label_of(spec: TypeSpec, state: object) -> str:
    """A state as people call it."""
    field = spec.by_key[spec.states.field] if spec.states else None
    option = field.option(state) if field is not None else None
    return str(option.label) if option is not None else str(state or _("（空）"))


def locked(spec: TypeSpec, values: Mapping[str, Any], key: str) -> str:
    """Why the field or the lines of this key cannot be changed now; nothing when they can."""
    state = state_of(spec, values)
    if state is None or spec.states is None or key == spec.states.field or not state.locks(key):
        return ""
    if key in HANDED_ON and key not in state.locked:
        return ""
    return reason(spec, state)


def reason(spec: TypeSpec, state: StateSpec) -> str:
    """The declared reason of a lock, or one made of the state's name."""
    shown = {"type": spec.title, "state": label_of(spec, state.key)}
    return str(state.reason) or _("%(type)s在“%(state)s”时不能修改这一项。") % shown


def locks(spec: TypeSpec, values: Mapping[str, Any]) -> dict[str, str]:
    """The reasons by field and lines key, for forms and pages: what is not named can be changed."""
    keys = [field.key for field in spec.fields if not field.system] + [lines.key for lines in spec.lines]
    found = ((key, locked(spec, values, key)) for key in keys)
    return {key: why for key, why in found if why}


def kept(spec: TypeSpec, pks: list[int]) -> dict[int, str]:
    """Records that must not be deleted because their state locks everything, each with the sentence: one statement, or none."""
    closed = {state.key: state for state in (spec.states.states if spec.states else ()) if ANY in state.locked}
    if not closed or spec.states is None:
        return {}
    field = _field(spec)
    rows = run(Sql(f"SELECT t.id, {field.kind.expression(field, 't')} FROM {spec.rows} t WHERE t.id = ANY(%s)", (pks,)))
    sentence = _("%(type)s在“%(state)s”时不能删除。")
    return {pk: sentence % {"type": spec.title, "state": label_of(spec, key)} for pk, key in rows if key in closed}


def _field(spec: TypeSpec) -> FieldSpec:
    return spec.by_key[spec.states.field if spec.states else ""]
