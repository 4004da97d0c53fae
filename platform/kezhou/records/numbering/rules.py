"""A numbering rule as the engine reads it: parts in any order, and what a number of it looks like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from kezhou.records.numbering.models import NumberRule
from kezhou.records.spec import FieldSpec, RecordError, TypeSpec

LONGEST = 40
LONGEST_SERIAL = 12
PATTERNS = ("YYYY", "YY", "YYYYMM", "YYMM", "YYYYMMDD", "YYMMDD", "YYYYMMDDHHmmss")
RESTARTS = ("never", "year", "month", "day")
MODES = ("rule", "manual")
_DIRECTIVES = (("YYYY", "%Y"), ("YY", "%y"), ("MM", "%m"), ("DD", "%d"), ("HH", "%H"), ("mm", "%M"), ("ss", "%S"))
_PERIODS = {"never": "", "year": "%Y", "month": "%Y%m", "day": "%Y%m%d"}
_NEEDED = {"never": "", "year": "YY", "month": "YYMM", "day": "YYMMDD"}


class NumberingError(RecordError):
    """A rule cannot be like this; `str()` is a full sentence, `field` the input of the form that it belongs to."""

    def __init__(self, sentence: str, *, field: str = "parts") -> None:
        self.field = field
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a number: `kind` is text, category, time or serial; `value` the text, the pattern or the length."""

    kind: str
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How numbers are made. `category` limits the rule to records with that value of `category_field`; `codes` say what stands
    in the number for a value; a serial starts anew as `restart` says, and with `per_category` for each value by itself."""

    pk: int = 0
    mode: str = "rule"
    parts: tuple[Part, ...] = ()
    restart: str = "never"
    per_category: bool = False
    gapless: bool = True
    category_field: str = ""
    category: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    version: int = 0

    @property
    def length(self) -> int:
        """How many digits the serial has at least."""
        return next((int(part.value) for part in self.parts if part.kind == "serial"), 0)

    def fits(self, values: Mapping[str, Any]) -> bool:
        """True when a record with these values is numbered by this rule."""
        return not self.category or values.get(self.category_field) == self.category

    def scope(self, values: Mapping[str, Any], at: datetime) -> str:
        """The counter's key: rule, period, category."""
        category = str(values.get(self.category_field) or "") if self.per_category else ""
        return f"{self.pk}:{at.strftime(_PERIODS[self.restart])}:{category}"

    def number(self, serial: int, values: Mapping[str, Any], at: datetime) -> str:
        """The number with this serial; a serial that outgrows its length is written whole."""
        return "".join(self._written(part, serial, values, at) for part in self.parts)

    def _written(self, part: Part, serial: int, values: Mapping[str, Any], at: datetime) -> str:
        if part.kind == "serial":
            return f"{serial:0{part.value}d}"
        if part.kind == "time":
            return at.strftime(_strftime(part.value))
        if part.kind == "category":
            return self.codes.get(str(values.get(self.category_field) or ""), "")
        return part.value


def _strftime(pattern: str) -> str:
    for letters, directive in _DIRECTIVES:
        pattern = pattern.replace(letters, directive)
    return pattern


def load(present: Iterable[str]) -> dict[str, tuple[Rule, ...]]:
    """The rules of the present tenant by type key, those of one category first: one statement."""
    found: dict[str, tuple[Rule, ...]] = {}
    for row in NumberRule.objects.filter(type__in=list(present)).order_by("-category", "id"):
        found[row.type] = (*found.get(row.type, ()), rule_of(row))
    return found


def rule_of(row: NumberRule) -> Rule:
    """A stored rule as the engine reads it."""
    return Rule(
        pk=row.pk,
        mode=row.mode,
        parts=tuple(Part(kind, value) for kind, value in row.parts),
        restart=row.restart,
        per_category=row.per_category,
        gapless=row.gapless,
        category_field=row.category_field,
        category=row.category,
        codes=row.codes,
        version=row.version,
    )


def applied(spec: TypeSpec, rules: Sequence[Rule]) -> TypeSpec:
    """The type with its rules; where people give the number themselves, the field is open and required."""
    if not rules:
        return spec
    manual = any(rule.mode == "manual" and not rule.category for rule in rules)
    fields = tuple(
        replace(each, system=False, required=True) if manual and each.key == "number" else each for each in spec.fields
    )
    return replace(spec, fields=fields, numbering=tuple(rules))


def demand_sound(rule: Rule, fields: Mapping[str, FieldSpec]) -> None:
    """Refuse a rule that could make the same number twice, or one that is too long. Raises NumberingError."""
    if rule.mode == "manual":
        return
    if rule.mode not in MODES or rule.restart not in RESTARTS:
        raise NumberingError(_("没有这种编号方式“%(mode)s”。") % {"mode": rule.mode}, field="mode")
    kinds = [part.kind for part in rule.parts]
    if kinds.count("serial") != 1:
        raise NumberingError(_("编号里要有一个流水号，也只能有一个，现在有 %(n)s 个。") % {"n": kinds.count("serial")})
    for part in rule.parts:
        _demand_part(part)
    _demand_period(rule)
    _demand_category(rule, fields)
    longest = len(rule.number(1, {}, datetime(2026, 1, 1))) + max(map(len, rule.codes.values()), default=0)
    if longest > LONGEST:
        raise NumberingError(
            _("这样的编号有 %(length)s 位，最多 %(limit)s 位，请缩短。") % {"length": longest, "limit": LONGEST}
        )


def _demand_part(part: Part) -> None:
    if part.kind == "serial":
        if not (part.value.isascii() and part.value.isdigit() and 1 <= int(part.value) <= LONGEST_SERIAL):
            shown = {"value": part.value, "limit": LONGEST_SERIAL}
            raise NumberingError(_("流水号的位数应是 1 到 %(limit)s，“%(value)s”不是。") % shown)
    elif part.kind == "time":
        if part.value not in PATTERNS:
            raise NumberingError(_("没有时间格式“%(value)s”，请从列表里选。") % {"value": part.value})
    elif part.kind == "text":
        if not part.value.strip() or not part.value.isprintable() or len(part.value) > 20:
            raise NumberingError(_("固定文字要有 1 到 20 个字，“%(value)s”不行。") % {"value": part.value[:20]})
    elif part.kind != "category":
        raise NumberingError(_("编号里没有“%(kind)s”这种部分。") % {"kind": part.kind})


def _demand_period(rule: Rule) -> None:
    patterns = "".join(part.value for part in rule.parts if part.kind == "time")
    for letters, name in (("YY", _("年")), ("MM", _("月")), ("DD", _("日"))):
        if letters in _NEEDED[rule.restart] and letters not in patterns:
            raise NumberingError(
                _("流水号要重新开始，编号里就得有%(name)s，否则会和以前的重号。请加上时间部分，或改为不重新开始。")
                % {"name": name},
                field="restart",
            )


def _demand_category(rule: Rule, fields: Mapping[str, FieldSpec]) -> None:
    named = any(part.kind == "category" for part in rule.parts)
    if rule.per_category and not named:
        raise NumberingError(
            _("流水号按类别各自计数，编号里就得有类别编号，否则不同类别会重号。"), field="per_category"
        )
    if not named:
        return
    chosen = fields.get(rule.category_field)
    if chosen is None or not chosen.options:
        raise NumberingError(_("请选择按哪个选项字段取类别编号。"), field="category_field")
    used = [code for code in rule.codes.values() if code]
    if rule.per_category and (doubled := [code for code in used if used.count(code) > 1]):
        raise NumberingError(
            _("两个类别的编号都是“%(code)s”，各自计数时会重号，请改成不同的。") % {"code": doubled[0]}, field="codes"
        )
