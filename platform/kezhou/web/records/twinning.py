"""Twins of what is being typed, before anything is saved (the form asks when a field is left)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kezhou.access.actor import MemberActor
from kezhou.records import Twin, drafting, twins
from kezhou.records.reading import context
from kezhou.records.spec import TypeSpec


def twins_of(actor: MemberActor, spec: TypeSpec, raw: Mapping[str, Any]) -> tuple[Twin, ...]:
    """Records that stand already and look the same; of those that the actor may not see only the owner is told."""
    given = {key: value for key, value in raw.items() if value not in ("", [], None)}
    batch = drafting.open_batch(actor, spec, [given], source="page", context=context())
    for work in batch.works:
        work.problems.clear()
    return tuple(twin for _work, twin in twins.find(batch))
