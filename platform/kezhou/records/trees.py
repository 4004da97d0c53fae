"""Filters: a small tree with and/or groups, the same in pages, API, saved views and URLs (QRY-01..03).

As JSON: `["and", [["category", "in", ["vip"]], ["or", [["name", "contains", "成都 酒店"], ["c_3", "gt", 5]]]]]`. A leaf is
`[field, operator, value]`. `customer.name` walks a link, `["any", "sales.opportunity:customer", tree]` asks for records that point
here (`[…, tree, 3, null]` for at least three, `[…, tree, 0, 0]` for none); both only through rows that the actor may see.
`["not", tree]` turns one round. Unknown names are refused, never ignored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.utils.translation import gettext as _

from kezhou.records.spec import FilterError

DEEPEST = 6
MOST_LEAVES = 100
LONGEST_LIST = 2000
MOST_POINTING = 1000


@dataclass(frozen=True, slots=True)
class Leaf:
    """One condition on one field."""

    field: str
    operator: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions that must all hold ("and"), or of which one must ("or"); "not" has exactly one."""

    joint: str
    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Pointing:
    """There are records of `type` that point here through `link` and fit `tree`: at least `least`, at most `most` (None: any number)."""

    type: str
    link: str
    tree: Tree
    least: int = 1
    most: int | None = None


Tree = Leaf | Group | Pointing
EVERYTHING = Group("and", ())


def parse(raw: str | bytes | Sequence[Any] | Tree | None) -> Tree:
    """A filter from JSON text or what was read from it; nothing is everything. Raises FilterError (400)."""
    if raw is None or raw == "" or raw == b"":
        return EVERYTHING
    if isinstance(raw, (Leaf, Group, Pointing)):
        return raw
    if isinstance(raw, (str, bytes)):
        try:
            raw = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise FilterError(_("筛选条件不是合格的 JSON：%(error)s。") % {"error": error}) from None
    budget = [MOST_LEAVES]
    return _node(raw, DEEPEST, budget)


def _node(raw: Any, depth: int, budget: list[int]) -> Tree:
    if depth == 0:
        raise FilterError(_("筛选条件的括号最多 %(limit)s 层。") % {"limit": DEEPEST})
    if not isinstance(raw, (list, tuple)) or not raw or not isinstance(raw[0], str):
        raise FilterError(_('筛选条件“%(raw)s”应写成 [字段, 条件, 值] 或 ["and", [...]]。') % {"raw": str(raw)[:80]})
    head = raw[0]
    if head in {"and", "or"} and len(raw) == 2 and isinstance(raw[1], (list, tuple)):
        return Group(head, tuple(_node(part, depth - 1, budget) for part in raw[1]))
    if head == "not" and len(raw) == 2:
        return Group("not", (_node(raw[1], depth - 1, budget),))
    if head == "any" and 2 <= len(raw) <= 5 and isinstance(raw[1], str) and ":" in raw[1]:
        return _pointing_node(raw, depth, budget)
    return _leaf(raw, budget)


def _pointing_node(raw: Sequence[Any], depth: int, budget: list[int]) -> Pointing:
    key, _colon, link = raw[1].partition(":")
    inner = _node(raw[2], depth - 1, budget) if len(raw) > 2 and raw[2] else EVERYTHING
    least, most = raw[3] if len(raw) > 3 else 1, raw[4] if len(raw) > 4 else None
    for number in (least, 0 if most is None else most):
        if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= MOST_POINTING:
            shown = {"most": MOST_POINTING, "value": str(number)[:20]}
            raise FilterError(_("记录的个数应是 0 到 %(most)s 的整数，收到的是“%(value)s”。") % shown)
    return Pointing(key, link, inner, least, most)


def _leaf(raw: Sequence[Any], budget: list[int]) -> Leaf:
    budget[0] -= 1
    if budget[0] < 0:
        raise FilterError(_("筛选条件最多 %(limit)s 个。") % {"limit": MOST_LEAVES})
    if len(raw) not in {2, 3} or not isinstance(raw[1], str):
        raise FilterError(_("筛选条件“%(raw)s”应写成 [字段, 条件, 值]。") % {"raw": str(list(raw))[:80]})
    value = raw[2] if len(raw) == 3 else None
    if isinstance(value, (list, tuple)) and len(value) > LONGEST_LIST:
        raise FilterError(_("一个条件里最多列出 %(limit)s 个值。") % {"limit": LONGEST_LIST})
    return Leaf(raw[0], raw[1], value)


def dump(tree: Tree) -> list[Any]:
    """The tree as JSON lists; `parse` reads them back."""
    if isinstance(tree, Leaf):
        return [tree.field, tree.operator, tree.value]
    if isinstance(tree, Pointing):
        counted = [] if (tree.least, tree.most) == (1, None) else [tree.least, tree.most]
        return ["any", f"{tree.type}:{tree.link}", dump(tree.tree), *counted]
    parts = [dump(part) for part in tree.parts]
    return ["not", parts[0]] if tree.joint == "not" else [tree.joint, parts]


def leaves(tree: Tree) -> tuple[Leaf, ...]:
    """Every leaf, those below links and pointing records left out."""
    if isinstance(tree, Leaf):
        return (tree,)
    return tuple(leaf for part in tree.parts for leaf in leaves(part)) if isinstance(tree, Group) else ()


def filter_of(fields: Mapping[str, Any]) -> Tree:
    """Equality of all the given fields: the short way for code, `filter_of({"customer": 5})`."""
    return Group("and", tuple(Leaf(key, "is_empty" if value is None else "eq", value) for key, value in fields.items()))
