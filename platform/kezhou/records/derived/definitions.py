"""Derived fields that administrators make: what is stored of them, and every check before one is made, changed or hidden."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from kezhou.records import trees
from kezhou.records.derived.computing import condition
from kezhou.records.derived.declared import FUNCTIONS, Derived, Formula, Lookup, Rollup
from kezhou.records.derived.formula import RESULTS, compiled
from kezhou.records.derived.graph import demand_sound, graph_of
from kezhou.records.fields import Context, FieldError, field_type
from kezhou.records.spec import FieldSpec, RecordError, TypeSpec

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

KINDS = ("formula", "lookup", "rollup")
_FACTS = ("decimals", "unit")
_ORDERED = frozenset({"number", "date", "datetime"})


class DefinitionError(RecordError):
    """A derived field cannot be like this; `field` names the input it belongs to, `start` and `end` the place in a formula."""

    def __init__(self, sentence: str, field: str, start: int = 0, end: int = 0) -> None:
        self.field, self.start, self.end = field, start, end
        super().__init__(sentence)


def derived_of(kind: str, rules: Mapping[str, Any]) -> tuple[Derived | None, str, dict[str, Any]]:
    """From what is stored of an own field: how it is derived (None for an ordinary one), its type, and the type's own rules."""
    if kind not in KINDS:
        return None, kind, dict(rules)
    facts = {name: rules[name] for name in _FACTS if name in rules}
    shown = bool(rules.get("open"))
    if kind == "formula":
        return Formula(str(rules.get("formula", "")), open=shown), rules["result"], facts
    if kind == "lookup":
        return Lookup(rules["link"], rules["field"], open=shown), rules["result"], facts
    made = Rollup(
        rules["source"], rules["link"], rules["function"], rules.get("field", ""), rules.get("where") or (),
        rules.get("by", ""), open=shown,
    )  # fmt: skip
    return made, rules["result"], facts


def checked(
    actor: Actor, spec: TypeSpec, kind: str, given: Mapping[str, Any], *, key: str = "c_new", label: str = ""
) -> tuple[dict[str, Any], str, str]:
    """What to store of a definition: rules, dictionary and target of the result. Raises DefinitionError.

    `given` holds formula, result, decimals, unit for a formula; link, field for a look-up; source ("type:link"), function, field,
    where, by for a roll-up; and `open`.
    """
    from kezhou.records.catalogue import shaped  # which reads definitions

    types = shaped(actor).types
    rules, origin = _MAKERS[kind](types, types[spec.key], given, key)
    if given.get("open") in {True, "1", "true"}:
        rules["open"] = True
    rules |= _facts(rules["result"], given, origin)
    how, result, _rest = derived_of(kind, rules)
    each = FieldSpec(
        key=key, type=result, label=label or str(given.get("label") or _("这个字段")), derived=how, system=True
    )
    try:
        demand_sound(types, types[spec.key], each)
    except RecordError as error:
        raise DefinitionError(str(error), {"formula": "formula", "lookup": "link", "rollup": "source"}[kind]) from None
    dictionary = (origin.dictionary or "") if origin else ""
    return rules, dictionary, (origin.target or "") if origin else ""


def _facts(result: str, given: Mapping[str, Any], origin: FieldSpec | None) -> dict[str, Any]:
    if result not in {"number", "money"}:
        return {}
    facts = {name: str(given[name]) for name in _FACTS if str(given.get(name) or "").strip()}
    if origin is not None:
        places = field_type(result).places(origin)  # type: ignore[attr-defined]  # a number
        facts.setdefault("decimals", str(places))
        if origin.unit:
            facts.setdefault("unit", str(origin.unit))
    return facts


Made = tuple[dict[str, Any], FieldSpec | None]


def _formula(types: Mapping[str, TypeSpec], spec: TypeSpec, given: Mapping[str, Any], key: str) -> Made:
    result = str(given.get("result") or "number")
    if result not in RESULTS:
        raise DefinitionError(_("请选择公式的结果是什么。"), "result")
    try:
        ready = compiled(str(given.get("formula") or ""), spec.fields)
    except RecordError as error:
        start, end = getattr(error, "start", 0), getattr(error, "end", 0)
        raise DefinitionError(str(error), "formula", start, end) from None
    if ready.kind != RESULTS[result]:
        shown = {"kind": kind_label(ready.kind), "result": field_type(result).title}
        raise DefinitionError(_("公式算出来的是%(kind)s，与选择的结果类型“%(result)s”不符。") % shown, "result")
    return {"formula": ready.text, "result": result}, None


def kind_label(kind: str) -> str:
    """A kind of value as people call it."""
    return str(field_type({"choice": "choice"}.get(kind, kind)).title)


def _lookup(types: Mapping[str, TypeSpec], spec: TypeSpec, given: Mapping[str, Any], key: str) -> Made:
    link = spec.by_key.get(str(given.get("link") or ""))
    if link is None or not link.target or link.target not in types:
        raise DefinitionError(_("请选择沿着哪个关联字段去查。"), "link")
    origin = types[link.target].by_key.get(str(given.get("field") or ""))
    if origin is None:
        raise DefinitionError(_("请选择要取%(type)s的哪个字段。") % {"type": types[link.target].title}, "field")
    return {"link": link.key, "field": origin.key, "result": origin.type}, origin


def _rollup(types: Mapping[str, TypeSpec], spec: TypeSpec, given: Mapping[str, Any], key: str) -> Made:
    source_key, _colon, link_key = str(given.get("source") or "").partition(":")
    source = types.get(source_key)
    link = source.by_key.get(link_key) if source else None
    if source is None or link is None or link.target != spec.key:
        raise DefinitionError(_("请选择汇总哪类记录。"), "source")
    function = str(given.get("function") or "")
    if function not in FUNCTIONS:
        raise DefinitionError(_("请选择怎样汇总。"), "function")
    rules: dict[str, Any] = {"source": source.key, "link": link.key, "function": function}
    rules["where"] = where_of(source, given.get("where"))
    if function == "count":
        return rules | {"result": "number", "decimals": "0"}, None
    origin = source.by_key.get(str(given.get("field") or ""))
    if origin is None:
        raise DefinitionError(_("请选择汇总%(type)s的哪个字段。") % {"type": source.title}, "field")
    if function in {"sum", "avg"} and not origin.numeric:
        raise DefinitionError(_("“%(field)s”不是数字，不能求和或平均。") % {"field": origin.label}, "field")
    if function in {"min", "max"} and origin.kind.computes not in _ORDERED:
        raise DefinitionError(_("“%(field)s”比不出大小，请选数字或日期。") % {"field": origin.label}, "field")
    by = source.by_key.get(str(given.get("by") or ""))
    if by is not None and not by.kind.sortable:
        raise DefinitionError(_("不能按“%(field)s”排先后。") % {"field": by.label}, "by")
    return rules | {"field": origin.key, "by": by.key if by else "", "result": origin.type}, origin


def where_of(source: TypeSpec, raw: Any) -> list[Any]:
    """The condition of a roll-up as stored: plain conditions whose meaning does not move with the day or the viewer."""
    try:
        tree = trees.parse(raw or None)
        for leaf in trees.leaves(tree):
            if leaf.field not in source.by_key:
                raise FieldError(_("“%(type)s”没有字段“%(field)s”。") % {"type": source.title, "field": leaf.field})
            if leaf.operator == "relative":
                raise FieldError(_("汇总的条件不能用“今天”“本月”这类会变的日期。"))
        if _walks(tree):
            raise FieldError(_("汇总的条件只能用%(type)s自己的字段。") % {"type": source.title})
        condition(tree, source, "r", Context())
    except RecordError as error:
        raise DefinitionError(str(error), "where") from None
    return trees.dump(tree) if trees.leaves(tree) else []


def _walks(tree: trees.Tree) -> bool:
    if isinstance(tree, trees.Group):
        return any(map(_walks, tree.parts))
    return isinstance(tree, trees.Pointing)


_MAKERS = {"formula": _formula, "lookup": _lookup, "rollup": _rollup}


def demand_unused(actor: Actor, spec: TypeSpec, key: str, label: str) -> None:
    """Refuse to hide a field from which another follows. Raises DefinitionError."""
    from kezhou.records.catalogue import shaped  # which reads definitions

    types = shaped(actor).types
    users = graph_of(actor).followers((spec.key, key))
    if users:
        named = "、".join(f"{types[node.type].title}.{node.field.label}" for node in users[:5])
        raise DefinitionError(
            _("“%(field)s”被%(users)s用着，不能停用。请先修改它们。") % {"field": label, "users": named}, ""
        )
