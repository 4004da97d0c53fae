"""Where an own field is used: layouts, saved views, rules, computed fields, numbers. Told before somebody changes or hides it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from kezhou.records.derived.graph import graph_of
from kezhou.records.dictionaries import demand_admin
from kezhou.records.models import Layout, RuleRow, SavedView
from kezhou.records.numbering.models import NumberRule
from kezhou.records.spec import TypeSpec

if TYPE_CHECKING:
    from kezhou.access.actor import Actor


@dataclass(frozen=True, slots=True)
class Use:
    """One place: `kind` is layout, view, rule, computed or numbering; `type` the key of the record type it belongs to.

    `part` is the kind of a layout and `role` whose it is; `title` names a view, rule, field or type.
    """

    kind: str
    type: str
    title: str = ""
    part: str = ""
    role: str = ""


def used_in(actor: Actor, spec: TypeSpec, key: str) -> tuple[Use, ...]:
    """Every place that names the own field: four statements, for its settings page. Raises NotAllowed."""
    demand_admin(actor)
    named = re.compile(rf"\b{re.escape(key)}\b")

    def names(*held: Any) -> bool:
        return named.search(orjson.dumps(held).decode()) is not None

    layouts = Layout.objects.filter(type=spec.key, current=True, content__isnull=False).order_by("kind", "role")
    views = SavedView.objects.filter(type=spec.key).order_by("title")
    rules = RuleRow.objects.filter(type=spec.key).order_by("position", "id")
    numbers = NumberRule.objects.filter(type=spec.key)
    return (
        *_once(Use("layout", spec.key, part=row.kind, role=row.role) for row in layouts if names(row.content)),
        *(Use("view", spec.key, row.title) for row in views if names(row.state)),
        *(Use("rule", spec.key, row.title) for row in rules if names(row.condition, row.effects)),
        *_computed(actor, spec, key),
        *_once(Use("numbering", spec.key, str(spec.title)) for row in numbers if names(row.parts, row.category_field)),
    )


def _once(uses: Iterable[Use]) -> tuple[Use, ...]:
    return tuple(dict.fromkeys(uses))


def _computed(actor: Actor, spec: TypeSpec, key: str) -> tuple[Use, ...]:
    return tuple(
        Use("computed", node.type, str(node.field.label)) for node in graph_of(actor).followers((spec.key, key))
    )
