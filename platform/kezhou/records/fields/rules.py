"""Rules of a tenant's own field: from the JSON that is stored to typed facts of its FieldSpec (FLD-01)."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from kezhou.records.fields import patterns
from kezhou.records.fields.base import FieldType
from kezhou.records.fields.reading import is_blank, number, quoted_value
from kezhou.records.fields.registry import field_type
from kezhou.records.fields.shapes import Context, FieldError
from kezhou.records.spec import FieldSpec

_TEXT = frozenset({"min_length", "max_length", "pattern", "pattern_hint", "default"})
_RANGE = frozenset({"minimum", "maximum", "default"})

_KNOWN: Mapping[str, frozenset[str]] = {
    "text": _TEXT,
    "long_text": _TEXT,
    "choice": frozenset({"default", "parent"}),
    "multi_choice": frozenset({"default", "parent"}),
    "number": _RANGE | {"decimals", "unit"},
    "money": _RANGE | {"decimals", "unit"},
    "percent": _RANGE | {"decimals"},
    "link": frozenset({"default", "on_delete"}),
    "date": _RANGE,
    "datetime": _RANGE,
    "time": _RANGE,
}
WHEN_DELETED = ("keep", "clear", "refuse")
"""What happens here when the linked record is deleted: it goes on showing the title, it is emptied, or the deleting is refused."""

_COUNTS = {"min_length": (0, 20_000), "max_length": (1, 20_000), "decimals": (0, 10)}


def custom_facts(type_key: str, rules: Mapping[str, Any]) -> dict[str, Any]:
    """FieldSpec keywords with typed values for the rules of an own field of this type.

    Blank rules are left out. Raises FieldError with a sentence for an unknown rule, a value that the type cannot read, a
    range whose ends are crossed, a length beyond the type's own, a slow or broken pattern, or a default that breaks a rule.
    """
    kind = field_type(type_key)
    given = {name: value for name, value in rules.items() if not is_blank(value)}
    known = _KNOWN.get(type_key, frozenset({"default"}))
    if unknown := sorted(given.keys() - known):
        raise FieldError(
            _("%(type)s字段没有规则“%(rule)s”，可用：%(known)s。")
            % {"type": kind.title, "rule": unknown[0], "known": "、".join(sorted(known))}
        )
    facts = {name: _typed(kind, name, value) for name, value in given.items() if name != "default"}
    _refuse_crossed(kind, facts)
    if "default" in given:
        facts["default"] = kind.clean(given["default"], _spec(kind, facts), Context())
    return facts


def _typed(kind: FieldType, name: str, value: Any) -> Any:
    if name in _COUNTS:
        return _count(name, value, longest=getattr(kind, "longest", None))
    if name in {"minimum", "maximum"}:
        return kind.parse(value, _spec(kind, {}), Context())
    if name == "pattern" and (why := patterns.problem(str(value))):
        raise FieldError(why)
    if name == "on_delete" and value not in WHEN_DELETED:
        shown = {"value": quoted_value(value), "known": "、".join(WHEN_DELETED)}
        raise FieldError(_("关联的记录被删除时可以 %(known)s，“%(value)s”不是其中之一。") % shown)
    return str(value)


def _count(name: str, value: Any, *, longest: int | None) -> int:
    lowest, highest = _COUNTS[name]
    if name.endswith("length") and longest is not None:
        highest = longest
    read = number(value)
    if read is None or read != int(read) or not lowest <= read <= highest:
        shown = {"rule": name, "low": lowest, "high": highest, "value": quoted_value(value)}
        raise FieldError(_("规则 %(rule)s 应是 %(low)s 到 %(high)s 的整数，“%(value)s”不是。") % shown)
    return int(read)


def _refuse_crossed(kind: FieldType, facts: Mapping[str, Any]) -> None:
    for low, high in (("minimum", "maximum"), ("min_length", "max_length")):
        if low in facts and high in facts and facts[low] > facts[high]:
            shown = {"low": facts[low], "high": facts[high]}
            raise FieldError(_("规则的下限 %(low)s 大于上限 %(high)s，请对调。") % shown)


def _spec(kind: FieldType, facts: Mapping[str, Any]) -> FieldSpec:
    return FieldSpec(key="default", type=kind.key, label=_("默认值"), **facts)
