"""A derived value shows no more than its actor may see of what it is made of, unless its definition is marked `open`.

By field: who may not see a field does not see what follows from it (`limits`). By record: a looked-up value is shown where the linked
record itself may be seen (`veils`, asked row by row in `kezhou.records.derived.veiling`); what lies further away, and what cannot be asked
by row, is hidden from whoever sees only some of those records. A roll-up tells of its records as a whole, as it always does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kezhou.access.conditions import Everything
from kezhou.access.policy import policy_for
from kezhou.records.derived.declared import Lookup
from kezhou.records.derived.graph import EXISTENCE, Graph, Inside, Key, Outside, graph_in
from kezhou.records.spec import Level

if TYPE_CHECKING:
    from kezhou.access.actor import Actor
    from kezhou.records.catalogue import Shaped

ORDER = {level: place for place, level in enumerate(Level)}

Hop = tuple[str, str]
"""A link field of a record, and the type that it leads to."""


@dataclass(frozen=True, slots=True)
class Made:
    """Of what a derived field is made in the end: `bases`; by which links of its own record (`near`), and over which types beyond."""

    key: str
    bases: frozenset[Key]
    near: frozenset[Hop]
    far: frozenset[str]


def limits(actor: Actor, held: Shaped, type_key: str) -> tuple[tuple[str, Level], ...]:
    """The derived fields of a type that this actor may see less of than the field's own right says, with that level."""
    found = []
    for made in _made(held, type_key):
        least = min((_level(actor, base) for base in made.bases), key=ORDER.__getitem__, default=Level.EDIT)
        if any(_partly(actor, target) for target in made.far):
            least = Level.HIDE
        if least in {Level.HIDE, Level.MASK}:
            found.append((made.key, least))
    return tuple(found)


def veils(actor: Actor, held: Shaped, type_key: str) -> tuple[tuple[str, tuple[Hop, ...]], ...]:
    """The derived fields of a type whose value this actor is shown only where the linked records may be seen, with those links."""
    parent = held.types[type_key].parent
    above = parent.link if parent is not None else ""  # a line is seen with its parent
    found = []
    for made in _made(held, type_key):
        hops = tuple(sorted(hop for hop in made.near if hop[0] != above and _partly(actor, hop[1])))
        if hops:
            found.append((made.key, hops))
    return tuple(found)


def _made(held: Shaped, type_key: str) -> tuple[Made, ...]:
    """The derived fields of a type that are not open."""
    kept = ("made", type_key)
    if kept not in held.compiled:
        graph = graph_in(held)
        keys = sorted(key for key in graph.nodes if key[0] == type_key)
        shown = [key for key in keys if (how := graph.nodes[key].field.derived) is not None and not how.open]
        held.compiled[kept] = tuple(Made(key[1], graph.bases(key), *_ways(graph, key)) for key in shown)
    found: tuple[Made, ...] = held.compiled[kept]
    return found


def _ways(graph: Graph, key: Key) -> tuple[frozenset[Hop], frozenset[str]]:
    """The links by which a field looks at other records, and the types that lie beyond these."""
    node = graph.nodes.get(key)
    if node is None:
        return frozenset(), frozenset()
    below = [_ways(graph, need) for need in node.needs if need[1] != EXISTENCE]
    if isinstance(node, Inside):
        return frozenset().union(*(near for near, _far in below)), frozenset().union(*(far for _near, far in below))
    beyond = frozenset(target for near, _far in below for _link, target in near).union(*(far for _near, far in below))
    if isinstance(node, Outside) and isinstance(node.field.derived, Lookup):
        return frozenset({(node.link.key, node.source.key)}), beyond
    return frozenset(), beyond


def _partly(actor: Actor, type_key: str) -> bool:
    """Whether the actor sees some records of a type, but not all of them."""
    return not isinstance(policy_for(actor, type_key).condition, Everything)


def _level(actor: Actor, base: Key) -> Level:
    policy = policy_for(actor, base[0])
    return Level(policy.level(base[1])) if policy.allows("read") else Level.HIDE
