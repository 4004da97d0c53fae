"""Whether a condition holds for values that are not in the database yet: the filter tree, with SQL's meaning word for word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from kezhou.records.fields import Context
from kezhou.records.people import people
from kezhou.records.spec import FilterError, TypeSpec
from kezhou.records.sql import Sql
from kezhou.records.trees import Group, Leaf, Tree

if TYPE_CHECKING:
    from kezhou.access.actor import Actor


def holds(tree: Tree, spec: TypeSpec, values: Mapping[str, Any], actor: Actor, context: Context) -> bool:
    """The tree over one record's values. Raises FilterError (FieldError) for what it cannot ask of a single record."""
    if isinstance(tree, Leaf):
        return _leaf(tree, spec, values, actor, context)
    if not isinstance(tree, Group):
        raise FilterError(_("规则的条件只能用%(type)s自己的字段。") % {"type": spec.title})
    if tree.joint == "not":
        return not holds(tree.parts[0], spec, values, actor, context)
    parts = (holds(part, spec, values, actor, context) for part in tree.parts)
    return all(parts) if tree.joint == "and" or not tree.parts else any(parts)


def _leaf(leaf: Leaf, spec: TypeSpec, values: Mapping[str, Any], actor: Actor, context: Context) -> bool:
    field = spec.by_key.get(leaf.field)
    if field is None:
        raise FilterError(_("“%(type)s”没有字段“%(field)s”。") % {"type": spec.title, "field": leaf.field})
    value = people(field, leaf.value, actor)
    if isinstance(value, Sql):
        raise FilterError(_("规则里的“%(field)s”只能选具体的成员或“我”。") % {"field": field.label})
    if field.target and value in (0, [0]):  # “me”, asked by somebody who is no member
        return leaf.operator in {"ne", "not_in"}
    return field.kind.holds(field, leaf.operator, value, values.get(leaf.field), context=context)
