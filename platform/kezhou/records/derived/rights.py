"""A derived value shows no more than its actor may see of what it is made of, unless its definition is marked `open`."""

from __future__ import annotations

from collections.abc import Iterator
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
    kept = ("bases", type_key)
    if kept not in held.compiled:
        held.compiled[kept] = tuple(_bases(held, type_key))
    found = []
    for key, bases in held.compiled[kept]:
        least = min((_level(actor, base) for base in bases), key=ORDER.__getitem__, default=Level.EDIT)
        if least in {Level.HIDE, Level.MASK}:
            found.append((key, least))
    return tuple(found)


def _bases(held: Shaped, type_key: str) -> Iterator[tuple[str, frozenset[Key]]]:
    """The derived fields of a type that are not open, each with the fields that it follows from in the end."""
    if "derived" not in held.compiled:
        held.compiled["derived"] = build(held.types)
    graph: Graph = held.compiled["derived"]
    for key in sorted(key for key in graph.nodes if key[0] == type_key):
        derived = graph.nodes[key].field.derived
        if derived is not None and not derived.open:
            yield key[1], graph.bases(key)


def _level(actor: Actor, base: Key) -> Level:
    policy = policy_for(actor, base[0])
    return Level(policy.level(base[1])) if policy.allows("read") else Level.HIDE
