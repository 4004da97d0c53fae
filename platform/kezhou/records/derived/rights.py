"""A derived value shows no more than its actor may see of what it is made of, unless its definition is marked `open`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kezhou.access.policy import policy_for
from kezhou.records.derived.graph import Graph, Key, build
from kezhou.records.spec import Level

if TYPE_CHECKING:
    from kezhou.access.actor import Actor
    from kezhou.records.catalogue import Shaped

ORDER = {level: place for place, level in enumerate(Level)}


def limits(actor: Actor, held: Shaped, type_key: str) -> tuple[tuple[str, Level], ...]:
    """The derived fields of a type that this actor may see less of than the field's own right says, with that level."""
    if "derived" not in held.compiled:
        held.compiled["derived"] = build(held.types)
    graph: Graph = held.compiled["derived"]
    found = []
    for key in sorted(key for key in graph.nodes if key[0] == type_key):
        derived = graph.nodes[key].field.derived
        if derived is None or derived.open:
            continue
        least = min((_level(actor, base) for base in graph.bases(key)), key=ORDER.__getitem__, default=Level.EDIT)
        if least in {Level.HIDE, Level.MASK}:
            found.append((key[1], least))
    return tuple(found)


def _level(actor: Actor, base: Key) -> Level:
    policy = policy_for(actor, base[0])
    return Level(policy.level(base[1])) if policy.allows("read") else Level.HIDE
