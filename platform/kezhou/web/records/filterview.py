"""Filters as people read them: the chips above a list, each with the address that lets it go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.access.actor import MemberActor
from kezhou.records import filters
from kezhou.records.fields import Format
from kezhou.records.fields.relative import LABELS as RELATIVE
from kezhou.records.fields.relative import label as relative_label
from kezhou.records.spec import FieldSpec, Purpose, TypeSpec
from kezhou.web.records.listing import Address


@dataclass(frozen=True, slots=True)
class Condition:
    """One chip; `url` is the list without it."""

    label: str
    operator: str
    value: str
    url: str


@dataclass(frozen=True, slots=True)
class Conditions:
    """Chips joined by 且 or 或; parts may be groups."""

    joint: str
    parts: tuple[Condition | Conditions, ...]

    @property
    def group(self) -> bool:
        return True

    @property
    def count(self) -> int:
        return sum(part.count if isinstance(part, Conditions) else 1 for part in self.parts)


def described(actor: MemberActor, spec: TypeSpec, address: Address) -> Conditions:
    """The filter of the address as chips."""
    tree = filters.parse(address.get("filter"))
    group = tree if isinstance(tree, filters.Group) and tree.joint != "not" else filters.Group("and", (tree,))
    known = {field.key: field for field in records.fields_for(spec, actor, Purpose.FILTER)}
    titles = records.titles(actor, _linked(group, known))
    return _Describer(known, titles, address, group).group(group, ())


def _linked(tree: filters.Tree, known: Mapping[str, FieldSpec]) -> dict[str, set[int]]:
    wanted: dict[str, set[int]] = {}
    for leaf in filters.leaves(tree):
        field = known.get(leaf.field)
        if field is not None and field.target:
            values = leaf.value if isinstance(leaf.value, list) else [leaf.value]
            wanted.setdefault(field.target, set()).update(int(value) for value in values if str(value).isdecimal())
    return wanted


class _Describer:
    def __init__(
        self, known: Mapping[str, FieldSpec], titles: Mapping[Any, str | None], address: Address, root: filters.Group
    ) -> None:
        self.known, self.titles, self.address, self.root = known, titles, address, root
        self.words = {"me": _("我"), "my_department": _("我的部门"), "my_departments_below": _("我的部门及下级")}

    def group(self, group: filters.Group, path: tuple[int, ...]) -> Conditions:
        parts = tuple(self.part(part, (*path, place)) for place, part in enumerate(group.parts))
        return Conditions(_("或") if group.joint == "or" else _("且"), parts)

    def part(self, part: filters.Tree, path: tuple[int, ...]) -> Condition | Conditions:
        if isinstance(part, filters.Group):
            return (
                self.group(part, path)
                if part.joint != "not"
                else Conditions(_("且"), (self.part(part.parts[0], path),))
            )
        if isinstance(part, filters.Pointing):
            return Condition(part.type, _("有"), _("符合条件的记录"), self.without(path))
        return self.leaf(part, self.without(path))

    def leaf(self, leaf: filters.Leaf, url: str) -> Condition:
        field = self.known.get(leaf.field)
        if field is None:
            return Condition(leaf.field, leaf.operator, str(leaf.value or ""), url)
        operator = field.kind.operators(field).get(leaf.operator, leaf.operator)
        return Condition(str(field.label), operator, self.value(field, leaf), url)

    def value(self, field: FieldSpec, leaf: filters.Leaf) -> str:
        if leaf.operator in {"is_empty", "not_empty"}:
            return ""
        if leaf.operator == "relative":
            return relative_label(str(leaf.value))
        values = leaf.value if isinstance(leaf.value, list) else [leaf.value]
        joint = " – " if leaf.operator == "between" else "、"
        return joint.join(self.one(field, value) for value in values)

    def one(self, field: FieldSpec, value: Any) -> str:
        option = field.option(value)
        if option is not None:
            return str(option.label)
        if str(value) in self.words:
            return self.words[str(value)]
        if field.target and str(value).isdecimal():
            return self.titles.get((field.target, int(value))) or f"#{value}"
        return "" if value is None else str(value)

    def without(self, path: tuple[int, ...]) -> str:
        tree = _removed(self.root, path)
        return self.address.to(filter=orjson.dumps(filters.dump(tree)).decode() if tree is not None else "")


def _removed(tree: filters.Tree, path: tuple[int, ...]) -> filters.Tree | None:
    """The tree without the part at `path`; groups left empty go as well."""
    if not path or not isinstance(tree, filters.Group):
        return None
    kept = [_removed(part, path[1:]) if place == path[0] else part for place, part in enumerate(tree.parts)]
    parts = tuple(part for part in kept if part is not None)
    return filters.Group(tree.joint, parts) if parts else None


def builder_fields(actor: MemberActor, spec: TypeSpec) -> list[dict[str, Any]]:
    """What the filter builder offers, as JSON: fields with their operators, options and targets."""
    return [_builder_field(field) for field in records.fields_for(spec, actor, Purpose.FILTER)]


def _builder_field(field: FieldSpec) -> dict[str, Any]:
    control = field.kind.control(field, None, Format())
    options = [[choice.key, choice.label] for choice in control.choices]
    return {
        "key": field.key,
        "label": str(field.label),
        "kind": "options" if options else control.kind,
        "operators": [[key, str(label)] for key, label in field.kind.operators(field).items()],
        "options": options,
        "target": field.target or "",
        "relative": [[key, str(label)] for key, label in RELATIVE.items()]
        + [[key, relative_label(key)] for key in _COUNTED]
        if control.kind in {"date", "datetime"}
        else [],
    }


_COUNTED = (
    "last_7_days",
    "last_30_days",
    "next_7_days",
    "next_30_days",
    "before_14_days",
    "before_30_days",
    "before_90_days",
)
