"""Filters as people read them: the chips above a list, each with the address that lets it go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from django.http import QueryDict
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.access.actor import MemberActor
from kezhou.records import filters
from kezhou.records.fields.relative import label as relative_label
from kezhou.records.spec import FieldSpec, FilterError, Purpose, TypeSpec, UnknownType
from kezhou.web.records.filter_fields import builder_fields, pointing
from kezhou.web.records.listing import Address

SHOWN_VALUES = 5


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
    return _Describer(actor, address, group, titles_of(actor, spec, group)).group(group, (), spec)


def conditions_in_words(actor: MemberActor, spec: TypeSpec, raw: list[Any]) -> str:
    """A filter tree in one line, as settings show the condition of a rule."""
    tree = filters.parse(raw)
    group = tree if isinstance(tree, filters.Group) and tree.joint != "not" else filters.Group("and", (tree,))
    describer = _Describer(actor, Address(QueryDict()), group, titles_of(actor, spec, group))
    return describer.sentence(group, spec)


def titles_of(actor: MemberActor, spec: TypeSpec, tree: filters.Tree) -> Mapping[Any, str | None]:
    """The titles of the records that a filter names, as far as the actor may see them."""
    wanted: dict[str, set[int]] = {}
    for field, leaf in _leaves(actor, spec, tree):
        if field.target:
            values = leaf.value if isinstance(leaf.value, list) else [leaf.value]
            wanted.setdefault(field.target, set()).update(int(value) for value in values if str(value).isdecimal())
    return records.titles(actor, wanted)


def _leaves(actor: MemberActor, spec: TypeSpec, tree: filters.Tree) -> Iterator[tuple[FieldSpec, filters.Leaf]]:
    if isinstance(tree, filters.Leaf):
        field = walked(actor, spec, tree.field)[-1:]
        if field:
            yield field[0], tree
    elif isinstance(tree, filters.Pointing):
        other = _type(actor, tree.type)
        if other is not None:
            yield from _leaves(actor, other, tree.tree)
    else:
        for part in tree.parts:
            yield from _leaves(actor, spec, part)


def walked(actor: MemberActor, spec: TypeSpec, name: str) -> tuple[FieldSpec, ...]:
    """The fields that `customer.name` goes through; empty when one of them is not there."""
    head, _dot, rest = name.partition(".")
    field = next((each for each in records.fields_for(spec, actor, Purpose.FILTER) if each.key == head), None)
    if field is None:
        return ()
    if not rest:
        return (field,)
    target = _type(actor, field.target or "")
    further = walked(actor, target, rest) if target is not None else ()
    return (field, *further) if further else ()


def _type(actor: MemberActor, key: str) -> TypeSpec | None:
    try:
        return records.type_of(actor, key)
    except UnknownType:
        return None


class _Describer:
    def __init__(
        self, actor: MemberActor, address: Address, root: filters.Group, titles: Mapping[Any, str | None]
    ) -> None:
        self.actor, self.titles, self.address, self.root = actor, titles, address, root
        self.words = {
            "me": _("我"),
            "my_department": _("我的部门"),
            "my_departments_below": _("我的部门及下级"),
            "my_reports": _("我的下属"),
        }

    def group(self, group: filters.Group, path: tuple[int, ...], spec: TypeSpec) -> Conditions:
        parts = tuple(self.part(part, (*path, place), spec) for place, part in enumerate(group.parts))
        return Conditions(_("或") if group.joint == "or" else _("且"), parts)

    def part(self, part: filters.Tree, path: tuple[int, ...], spec: TypeSpec) -> Condition | Conditions:
        if isinstance(part, filters.Group):
            if part.joint != "not":
                return self.group(part, path, spec)
            return Condition(_("不满足"), "", self.sentence(part.parts[0], spec), self.without(path))
        if isinstance(part, filters.Pointing):
            return self.pointing(part, self.without(path))
        return self.leaf(part, self.without(path), spec)

    def pointing(self, part: filters.Pointing, url: str) -> Condition:
        other = _type(self.actor, part.type)
        inner = self.sentence(part.tree, other) if other is not None else ""
        return Condition(str(other.title) if other is not None else part.type, number_of(part), inner, url)

    def sentence(self, tree: filters.Tree, spec: TypeSpec) -> str:
        """A part that is shown inside one chip, in one line."""
        shown = self.part(tree, (), spec)
        if isinstance(shown, Conditions):
            joint = f" {shown.joint} "
            return joint.join(self.sentence(part, spec) for part in getattr(tree, "parts", ()))
        return " ".join(filter(None, (shown.label, shown.operator, shown.value)))

    def leaf(self, leaf: filters.Leaf, url: str, spec: TypeSpec) -> Condition:
        if leaf.field == "pk":
            count = len(leaf.value) if isinstance(leaf.value, list) else 1
            return Condition(_("选中的记录"), "", _("%(n)s 条") % {"n": count}, url)
        through = walked(self.actor, spec, leaf.field)
        if not through:
            return Condition(leaf.field, leaf.operator, str(leaf.value or ""), url)
        field = through[-1]
        label = " › ".join(str(each.label) for each in through)
        operator = field.kind.operators(field).get(leaf.operator, leaf.operator)
        return Condition(label, operator, self.value(field, leaf), url)

    def value(self, field: FieldSpec, leaf: filters.Leaf) -> str:
        if leaf.operator in {"is_empty", "not_empty"}:
            return ""
        if leaf.operator == "relative":
            return relative_label(str(leaf.value))
        values = leaf.value if isinstance(leaf.value, list) else [leaf.value]
        joint = " – " if leaf.operator == "between" else "、"
        shown = joint.join(self.one(field, value) for value in values[:SHOWN_VALUES])
        if len(values) > SHOWN_VALUES:
            return _("%(values)s等 %(n)s 个") % {"values": shown, "n": len(values)}
        return shown

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


def number_of(part: filters.Pointing) -> str:
    """How many records there must be, in words."""
    if part.most == 0:
        return _("没有")
    if part.most is None:
        return _("有") if part.least == 1 else _("至少 %(n)s 条") % {"n": part.least}
    if part.least == 0:
        return _("至多 %(n)s 条") % {"n": part.most}
    if part.least == part.most:
        return _("正好 %(n)s 条") % {"n": part.least}
    return _("%(low)s 到 %(high)s 条") % {"low": part.least, "high": part.most}


def _removed(tree: filters.Tree, path: tuple[int, ...]) -> filters.Tree | None:
    """The tree without the part at `path`; groups left empty go as well."""
    if not path or not isinstance(tree, filters.Group):
        return None
    kept = [_removed(part, path[1:]) if place == path[0] else part for place, part in enumerate(tree.parts)]
    parts = tuple(part for part in kept if part is not None)
    return filters.Group(tree.joint, parts) if parts else None


def builder(actor: MemberActor, spec: TypeSpec, filter: str = "") -> dict[str, Any]:
    """What the filter builder offers, as JSON; `titles` names what the present filter already holds."""
    tree = filters.parse(filter)
    try:
        titles = titles_of(actor, spec, tree)
    except FilterError:
        titles = {}
    return {
        "fields": builder_fields(actor, spec),
        "pointing": pointing(actor, spec),
        "titles": {f"{key}:{pk}": title or _("无权限") for (key, pk), title in titles.items()},
    }
