"""The states of a tenant-made type: how its definition keeps them, and what readers get.

Kept as `{"field": "c_7", "initial": ["new"], "final": ["done"], "locked": ["done"], "required": {"done": ["c_9"]},
"moves": {"new": ["doing", "done"]}}`; states are the keys of the choice field's options.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kezhou.records.spec import FieldSpec, TypeSpec
from kezhou.records.structure import ANY, StateSpec, StatesSpec, TransitionSpec


def compiled(kept: Mapping[str, Any], spec: TypeSpec) -> StatesSpec | None:
    """The states as readers see them; None when there are none, or their field is hidden now."""
    field = spec.by_key.get(str(kept.get("field", "")))
    if field is None or field.type != "choice" or not field.options:
        return None
    known = [option.key for option in field.options]
    initial = tuple(key for key in kept.get("initial", ()) if key in known) or (known[0],)
    return StatesSpec(
        field.key,
        initial,
        tuple(_state(kept, key, spec) for key in known),
        tuple(_way(field, source, target) for source in known for target in _targets(kept, source) if target in known),
    )


def _targets(kept: Mapping[str, Any], source: str) -> tuple[str, ...]:
    return tuple(kept.get("moves", {}).get(source, ()))


def _state(kept: Mapping[str, Any], key: str, spec: TypeSpec) -> StateSpec:
    return StateSpec(
        key=key,
        required=tuple(name for name in kept.get("required", {}).get(key, ()) if name in spec.by_key),
        locked=(ANY,) if key in kept.get("locked", ()) else (),
        reason=kept.get("reasons", {}).get(key, ""),
        final=key in kept.get("final", ()),
    )


def _way(field: FieldSpec, source: str, target: str) -> TransitionSpec:
    option = field.option(target)
    return TransitionSpec(sources=(source,), target=target, title=option.label if option else "")
