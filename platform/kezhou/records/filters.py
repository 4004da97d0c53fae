"""Filters as SQL for one actor (QRY-01..03); the tree itself is `kezhou.records.trees`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from kezhou.access.policy import policy_for
from kezhou.records import hierarchy
from kezhou.records.catalogue import fields_for, type_of
from kezhou.records.fields import Context, FieldError
from kezhou.records.ordering import demand_index
from kezhou.records.people import people
from kezhou.records.pointing import pointer
from kezhou.records.spec import FieldSpec, FilterError, Level, Purpose, TypeSpec, UnknownType
from kezhou.records.sql import TRUE, Sql, all_of, any_of
from kezhou.records.trees import EVERYTHING, Group, Leaf, Pointing, Tree, dump, filter_of, leaves, parse

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

__all__ = [
    "EVERYTHING",
    "Compiler",
    "Group",
    "Leaf",
    "Pointing",
    "Tree",
    "dump",
    "filter_of",
    "leaves",
    "parse",
    "seen",
]

RANGES = frozenset({"gt", "gte", "lt", "lte", "between", "relative"})


class Compiler:
    """Turns a tree into SQL for one actor; aliases of sub-selects are numbered, so equal trees give equal text."""

    def __init__(self, actor: Actor, context: Context) -> None:
        self.actor = actor
        self.context = context
        self.aliases = 0

    def alias(self) -> str:
        """A fresh alias for a sub-select."""
        self.aliases += 1
        return f"l{self.aliases}"

    def sql(self, tree: Tree, spec: TypeSpec, ref: str) -> Sql:
        """The condition on rows of `spec` under alias `ref`. Raises FilterError."""
        if isinstance(tree, Leaf):
            return self._leaf(tree, spec, ref)
        if isinstance(tree, Pointing):
            return self._pointing(tree, spec, ref)
        parts = [self.sql(part, spec, ref) for part in tree.parts]
        if tree.joint == "not":
            return ~parts[0]
        if not parts:
            return TRUE
        return all_of(parts) if tree.joint == "and" else any_of(parts)

    def _leaf(self, leaf: Leaf, spec: TypeSpec, ref: str) -> Sql:
        if leaf.field == "pk":
            return self._picked(leaf, ref)
        head, _dot, rest = leaf.field.partition(".")
        field = self._field(spec, head)
        if rest:
            return self._through(field, Leaf(rest, leaf.operator, leaf.value), ref)
        value = people(field, leaf.value, self.actor)
        if isinstance(value, Sql):
            if leaf.operator not in {"eq", "ne", "in", "not_in"}:
                raise FilterError(
                    _("“%(field)s”不能用条件“%(operator)s”。") % {"field": field.label, "operator": leaf.operator}
                )
            inside = Sql(f"{pointer(field, ref)} IN ({value.text})", value.params)
            return ~inside if leaf.operator in {"ne", "not_in"} else inside
        if leaf.operator in RANGES:
            demand_index(spec, field)
        try:
            if leaf.operator == hierarchy.WITHIN and field.tree:
                return hierarchy.within(field, self._linked_type(str(field.target)), value, ref, self.context)
            return field.kind.where(field, leaf.operator, value, ref, context=self.context)
        except FieldError as error:
            raise FilterError(str(error)) from None

    def _picked(self, leaf: Leaf, ref: str) -> Sql:
        """`["pk", "in", [3, 7]]`: records ticked in a list."""
        values = leaf.value if isinstance(leaf.value, (list, tuple)) else [leaf.value]
        if leaf.operator != "in" or not all(isinstance(value, int) and not isinstance(value, bool) for value in values):
            raise FilterError(_('按记录选取应写成 ["pk", "in", [1, 2]]。'))
        return Sql(f"({ref}.id = ANY(%s))", (list(values),))

    def _field(self, spec: TypeSpec, key: str) -> FieldSpec:
        for field in fields_for(spec, self.actor, Purpose.FILTER):
            if field.key == key and field.level is not Level.MASK:
                return field
        raise FilterError(_("“%(type)s”没有可以筛选的字段“%(field)s”。") % {"type": spec.title, "field": key})

    def _linked_type(self, key: str) -> TypeSpec:
        try:
            return type_of(self.actor, key)
        except UnknownType as error:
            raise FilterError(str(error)) from None

    def _through(self, field: FieldSpec, rest: Leaf, ref: str) -> Sql:
        if field.target is None:
            raise FilterError(_("“%(field)s”不是关联字段，不能再往下筛选。") % {"field": field.label})
        target, alias = self._linked_type(field.target), self.alias()
        inner = all_of([*seen(target, self.actor, alias), self._leaf(rest, target, alias)])
        return Sql(
            f"{pointer(field, ref)} IN (SELECT {alias}.id FROM {target.rows} {alias} WHERE {inner.text})",
            inner.params,
        )

    def _pointing(self, node: Pointing, spec: TypeSpec, ref: str) -> Sql:
        other, alias = self._linked_type(node.type), self.alias()
        field = self._field(other, node.link)
        if field.target != spec.key:
            raise FilterError(
                _("“%(other)s”的“%(field)s”不指向“%(type)s”。")
                % {"other": other.title, "field": field.label, "type": spec.title}
            )
        inner = all_of([*seen(other, self.actor, alias), self.sql(node.tree, other, alias)])
        pointing = pointer(field, alias)
        if (node.least, node.most) != (1, None):
            return _counted(
                Sql(
                    f"SELECT 1 FROM {other.rows} {alias} WHERE {pointing} = {ref}.id AND {inner.text}",
                    inner.params,
                ),
                node,
            )
        return Sql(
            f"{ref}.id IN (SELECT {pointing} FROM {other.rows} {alias} WHERE {pointing} IS NOT NULL AND {inner.text})",
            inner.params,
        )


def _counted(rows: Sql, node: Pointing) -> Sql:
    """Count no further than the answer needs."""
    if node.most == 0:
        return Sql(f"NOT EXISTS ({rows.text})", rows.params)
    far = node.least if node.most is None else node.most + 1
    upper = "" if node.most is None else f" AND {node.most}"
    sign = f">= {node.least}" if node.most is None else f"BETWEEN {node.least}{upper}"
    return Sql(f"((SELECT count(*) FROM ({rows.text} LIMIT {far}) n) {sign})", rows.params)


def seen(spec: TypeSpec, actor: Actor, ref: str, *, operation: str = "read", deleted: bool = False) -> list[Sql]:
    """The two conditions that every read of rows carries: in the bin or not, and the actor's policy."""
    mark = Sql(f"{ref}.deleted_at IS {'NOT ' if deleted else ''}NULL")
    condition = policy_for(actor, spec.key).condition_for(operation).sql(ref)
    return [mark] if condition == TRUE else [mark, condition]
