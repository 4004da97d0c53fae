"""Twins of what is being typed, before anything is saved (the form asks when a field is left)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kezhou.access.actor import MemberActor
from kezhou.records import Twin, twins
from kezhou.records.fields import FieldError
from kezhou.records.reading import context
from kezhou.records.spec import TypeSpec


def twins_of(actor: MemberActor, spec: TypeSpec, raw: Mapping[str, Any]) -> tuple[Twin, ...]:
    """Records that stand already and look the same; of those that the actor may not see only the owner is told."""
    here = context()
    values: dict[str, Any] = {}
    for key, given in raw.items():
        field = spec.by_key[key]
        try:
            values[key] = field.kind.parse(given, field, here)
        except FieldError:
            continue  # half typed: not a value yet
    return twins.find(actor, spec, [values])
