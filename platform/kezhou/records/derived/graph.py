"""Which value follows from which, over all record types of a tenant: built once per shape version, without cycles.

A node is a derived field of a type. Formulas follow from fields of their own record; look-ups and roll-ups ("outside" nodes) from
other records. `level` counts the steps between records: everything of one level can be computed once the level below stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from kezhou.records import trees
from kezhou.records.derived.declared import Formula, Lookup, Rollup
from kezhou.records.derived.formula import Compiled, compiled
from kezhou.records.spec import FieldSpec, RecordError, TypeSpec

if TYPE_CHECKING:
    from kezhou.access.actor import Actor
    from kezhou.records.catalogue import Shaped

Key = tuple[str, str]
EXISTENCE = "*"
"""Stands for a record's being there: raised when it is made, deleted or restored."""


class Circle(RecordError):
    """Fields that would follow from themselves; `str()` names the way round."""


@dataclass(frozen=True, slots=True)
class Node:
    """A derived field: `needs` are the fields that it follows from."""

    type: str
    field: FieldSpec
    needs: frozenset[Key]
    level: int

    @property
    def key(self) -> Key:
        """Type and field."""
        return self.type, self.field.key


@dataclass(frozen=True, slots=True)
class Inside(Node):
    """A formula, which follows from fields of its own record."""

    formula: Compiled


@dataclass(frozen=True, slots=True)
class Outside(Node):
    """A look-up or roll-up, which follows from records of `source`; `link` is the link field between the two."""

    source: TypeSpec
    link: FieldSpec

    @property
    def upward(self) -> bool:
        """True for a roll-up, whose records point here; False for a look-up, which points there."""
        return isinstance(self.field.derived, Rollup)


@dataclass(frozen=True)
class Graph:
    """All nodes by type, formulas in the order of computing; `broken` says why a field is not computed any more."""

    formulas: Mapping[str, tuple[Inside, ...]]
    outside: tuple[Outside, ...]
    broken: Mapping[Key, str]
    nodes: Mapping[Key, Node] = field(default_factory=dict)

    @cached_property
    def levels(self) -> tuple[tuple[tuple[str, tuple[Outside, ...]], ...], ...]:
        """The outside nodes by level, then by type."""
        depth = max((node.level for node in self.outside), default=0)
        return tuple(
            tuple(
                (key, tuple(node for node in self.outside if node.level == level and node.type == key))
                for key in sorted({node.type for node in self.outside if node.level == level})
            )
            for level in range(1, depth + 1)
        )

    @cached_property
    def watched(self) -> Mapping[str, frozenset[str]]:
        """By type the fields whose change other records follow, formulas in between included."""
        found: dict[str, set[str]] = {}
        for node in self.outside:
            for type_key, key in node.needs:
                if type_key == node.source.key:
                    found.setdefault(type_key, set()).add(key)
        for type_key, keys in found.items():
            for inside in reversed(self.formulas.get(type_key, ())):
                if inside.field.key in keys:
                    keys |= {key for _type, key in inside.needs}
        return {key: frozenset(keys) for key, keys in found.items()}

    def bases(self, key: Key) -> frozenset[Key]:
        """The fields, none of them derived, from which a field follows in the end."""
        node = self.nodes.get(key)
        if node is None:
            return frozenset({key})
        below = (self.bases(need) for need in node.needs if need[1] != EXISTENCE)
        return frozenset(base for found in below for base in found)

    def followers(self, key: Key) -> tuple[Node, ...]:
        """The derived fields that name this field."""
        return tuple(node for node in self.nodes.values() if key in node.needs)


def graph_of(actor: Actor) -> Graph:
    """The tenant's graph at its present shape."""
    from kezhou.records.catalogue import shaped  # which limits fields by the graph

    return graph_in(shaped(actor))


def graph_in(held: Shaped) -> Graph:
    """The graph of these types, made once."""
    if "derived" not in held.compiled:
        held.compiled["derived"] = build(held.types)
    found: Graph = held.compiled["derived"]
    return found


def build(types: Mapping[str, TypeSpec]) -> Graph:
    """The graph of all derived fields; those that name what is gone, or stand in a circle, are broken."""
    raw: dict[Key, Node] = {}
    broken: dict[Key, str] = {}
    for spec in types.values():
        for each in spec.fields:
            if each.derived is None:
                continue
            try:
                raw[spec.key, each.key] = node_of(types, spec, each)
            except RecordError as error:
                broken[spec.key, each.key] = str(error)
    order: dict[Key, Node] = {}
    for key in raw:
        if way := _circle(key, raw):
            broken[key] = _circle_sentence(types, way)
    for key in raw:
        _place(key, raw, broken, order)
    formulas: dict[str, tuple[Inside, ...]] = {}
    for node in order.values():
        if isinstance(node, Inside):
            formulas[node.type] = (*formulas.get(node.type, ()), node)
    outside = tuple(node for node in order.values() if isinstance(node, Outside))
    return Graph(formulas, outside, broken, order)


def node_of(types: Mapping[str, TypeSpec], spec: TypeSpec, each: FieldSpec) -> Node:
    """The node of a field, its level still unknown. Raises RecordError (FormulaError) when it names what is not there."""
    how = each.derived
    if isinstance(how, Formula):
        ready = compiled(how.text, spec.fields)
        return Inside(spec.key, each, frozenset((spec.key, key) for key in ready.uses), 0, ready)
    if isinstance(how, Lookup):
        link = _field(spec, how.link)
        other = types.get(link.target or "")
        if other is None:
            raise RecordError(_("“%(field)s”不是关联字段，不能用来查找。") % {"field": link.label})
        needs = {(spec.key, link.key), (other.key, _field(other, how.field).key)}
        return Outside(spec.key, each, frozenset(needs), 0, other, link)
    assert isinstance(how, Rollup)
    source = types.get(how.type)
    if source is None:
        raise RecordError(_("“%(type)s”没有启用，不能汇总。") % {"type": how.type})
    link = _field(source, how.link)
    if link.target != spec.key:
        shown = {"source": source.title, "field": link.label, "type": spec.title}
        raise RecordError(_("“%(source)s”的“%(field)s”不指向“%(type)s”。") % shown)
    names = {link.key, *filter(None, (how.field, how.by)), *(leaf.field for leaf in conditions_of(how))}
    keys = {(source.key, _field(source, name).key) for name in names}
    return Outside(spec.key, each, frozenset({*keys, (source.key, EXISTENCE)}), 0, source, link)


def conditions_of(how: Rollup) -> tuple[trees.Leaf, ...]:
    """The conditions of a roll-up, one by one."""
    return trees.leaves(trees.parse(list(how.where) or None))


def _field(spec: TypeSpec, key: str) -> FieldSpec:
    if key not in spec.by_key:
        raise RecordError(_("“%(type)s”没有字段“%(field)s”，它可能已停用。") % {"type": spec.title, "field": key})
    return spec.by_key[key]


def _circle(start: Key, nodes: Mapping[Key, Node]) -> tuple[Key, ...]:
    """The way from a node back to itself, or nothing."""
    ways: list[tuple[Key, ...]] = [(start,)]
    seen: set[Key] = set()
    while ways:
        way = ways.pop()
        for need in sorted(nodes[way[-1]].needs):
            if need == start:
                return (*way, need)
            if need in nodes and need not in seen:
                seen.add(need)
                ways.append((*way, need))
    return ()


def _circle_sentence(types: Mapping[str, TypeSpec], way: Iterable[Key]) -> str:
    named = " → ".join(f"{types[key].title}.{types[key].by_key[name].label}" for key, name in way)
    return _("字段绕了一圈又用到自己：%(way)s。请去掉其中一处引用。") % {"way": named}


def _place(key: Key, raw: Mapping[Key, Node], broken: dict[Key, str], order: dict[Key, Node]) -> int:
    """Put a node into the order after what it needs; answers its level."""
    if key in order:
        return order[key].level
    node = raw.get(key)
    if node is None or key in broken:
        return 0
    below = [_place(need, raw, broken, order) for need in sorted(node.needs)]
    lost = [need for need in node.needs if need in broken]
    if lost:
        broken[key] = broken[sorted(lost)[0]]
        return 0
    level = max(below, default=0) + (1 if isinstance(node, Outside) else 0)
    order[key] = replace(node, level=level)
    return level


def demand_sound(types: Mapping[str, TypeSpec], spec: TypeSpec, each: FieldSpec) -> Node:
    """The node of a field as it would be, put among the others. Raises Circle, or RecordError for what it names wrongly."""
    fields = tuple(other for other in spec.fields if other.key != each.key)
    fresh = replace(spec, fields=(*fields, each))
    changed = {**types, spec.key: fresh}
    node_of(changed, fresh, each)
    graph = build(changed)
    if (spec.key, each.key) in graph.broken:
        raise Circle(graph.broken[spec.key, each.key])
    return graph.nodes[spec.key, each.key]
