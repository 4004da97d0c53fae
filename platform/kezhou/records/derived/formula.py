"""A formula made ready to run: its fields found, its kinds checked, every error told with its place.

Fields are written by label or key in braces and stored by key, so that renaming is free; options that a choice is compared with are
stored by key for the same reason. Two-valued logic as in filters: a comparison with nothing does not hold, `<>` is its opposite.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import Decimal, DecimalException
from typing import Any

from django.utils.translation import gettext as _

from kezhou.records.derived import functions
from kezhou.records.derived.functions import ANY, EXACT, FUNCTIONS, SAME, Function
from kezhou.records.derived.parsing import FormulaError, Node, parse
from kezhou.records.fields.shapes import SHANGHAI
from kezhou.records.spec import FieldSpec

RESULTS: Mapping[str, str] = {
    "number": "number",
    "money": "number",
    "text": "text",
    "date": "date",
    "datetime": "datetime",
    "yes_no": "yes_no",
}
"""What a formula field may be, with the kind that its formula must have."""

Values = Mapping[str, Any]
Run = Callable[[Values, tzinfo], Any]


@dataclass(frozen=True, slots=True)
class Part:
    """A checked piece: `run(values, zone)` gives its value; `spec` is the choice field it is read from, if any."""

    kind: str
    run: Run
    node: Node
    spec: FieldSpec | None = None


@dataclass(frozen=True, slots=True)
class Compiled:
    """A formula that can run: its kind, the keys of the fields it reads, and its text by keys and by labels."""

    kind: str
    uses: tuple[str, ...]
    text: str
    shown: str
    run: Run = field(repr=False)

    def value(self, values: Values, spec: FieldSpec, *, zone: tzinfo = SHANGHAI) -> Any:
        """The value for `spec`, the derived field; None when empty, beyond the field's limits, or divided by zero."""
        try:
            found = self.run(values, zone)
        except (DecimalException, OverflowError, ValueError):
            return None
        return None if found is None else spec.kind.fitted(found, spec)


def compiled(text: str, fields: Sequence[FieldSpec]) -> Compiled:
    """Check a formula over these fields. Raises FormulaError."""
    work = _Compiler(fields)
    part = work.part(parse(text))
    if part.kind == "choice":
        part = work.as_text(part)
    if part.kind == "empty":
        raise FormulaError(_("公式的结果永远是空的，请检查。"))
    return Compiled(
        part.kind, tuple(dict.fromkeys(work.uses)), _replaced(text, work.stored), _replaced(text, work.shown), part.run
    )


def _replaced(text: str, pieces: Sequence[tuple[int, int, str]]) -> str:
    for start, end, new in sorted(pieces, reverse=True):
        text = text[:start] + new + text[end:]
    return text


class _Compiler:
    def __init__(self, fields: Sequence[FieldSpec]) -> None:
        self.by_key = {each.key: each for each in fields}
        self.by_label: dict[str, FieldSpec] = {}
        for each in reversed(fields):
            self.by_label[str(each.label)] = each
        self.uses: list[str] = []
        self.stored: list[tuple[int, int, str]] = []
        self.shown: list[tuple[int, int, str]] = []

    def part(self, node: Node) -> Part:
        if node.kind == "field":
            return self.field(node)
        if node.kind in {"value", "text"}:
            value = node.value if node.value != "" else None
            return _constant(node.name if value is not None else "empty", value, node)
        parts = [self.part(each) for each in node.parts]
        if node.name in {"+", "*"}:
            return self.arithmetic(node, parts)
        if node.name in _SIGNS:
            return self.comparison(node, parts)
        return self.call(node, parts)

    # --- fields ---

    def field(self, node: Node) -> Part:
        spec = self.by_key.get(node.name) or self.by_label.get(node.name)
        if spec is None:
            raise self.unknown(node, [*self.by_label, *self.by_key], _("字段"))
        kind = spec.kind.computes
        if not kind:
            sentence = _(
                "第 %(place)s 个字：“%(field)s”是%(type)s字段，不能用在公式里；要用关联记录的值请先建查找字段。"
            )
            shown = {"place": node.start + 1, "field": spec.label, "type": spec.kind.title}
            raise FormulaError(sentence % shown, node.start, node.end)
        self.uses.append(spec.key)
        self.stored.append((node.start, node.end, f"{{{spec.key}}}"))
        label = str(spec.label)
        own = self.by_label.get(label) is spec and not set(label) & set("{}\n")
        self.shown.append((node.start, node.end, f"{{{label if own else spec.key}}}"))
        return Part(kind, _reader(spec.key, kind), node, spec if kind == "choice" else None)

    def unknown(self, node: Node, known: Sequence[str], what: str) -> FormulaError:
        near = difflib.get_close_matches(node.name, known, 1, 0.4) or [
            name for name in known if node.name and (node.name in name or name in node.name)
        ]
        shown = {"place": node.start + 1, "what": what, "name": node.name[:40], "near": near[0] if near else ""}
        sentence = _("第 %(place)s 个字：没有%(what)s“%(name)s”。") % shown
        if near:
            sentence += _("是不是“%(near)s”？") % shown
        return FormulaError(sentence, node.start, node.end)

    # --- operators ---

    def arithmetic(self, node: Node, parts: list[Part]) -> Part:
        left = parts[0]
        for sign, right in zip(node.value, parts[1:], strict=True):
            left = self.step(sign, left, right)
        return left

    def step(self, sign: str, left: Part, right: Part) -> Part:
        kinds = (left.kind if left.kind != "empty" else "number", right.kind if right.kind != "empty" else "number")
        if kinds == ("number", "number"):
            return Part("number", _strict(_ARITHMETIC[sign], left, right), left.node)
        if sign in "+-" and kinds[1] == "number" and kinds[0] in {"date", "datetime"}:
            turn = 1 if sign == "+" else -1
            return Part(kinds[0], _strict(lambda a, b: functions.moved(a, b * turn), left, right), left.node)
        if sign == "-" and set(kinds) <= {"date", "datetime"}:
            days = FUNCTIONS["DAYS"]
            return Part("number", _strict(lambda a, b: days.run((a, b)), left, right), left.node)
        if sign == "+" and "text" in kinds:
            raise self.wrong(right.node, _("文字相连请用 &，加号只用于数字和日期"))
        raise self.wrong(
            right.node, _("%(left)s和%(right)s不能用“%(sign)s”计算") % {**_names(left, right), "sign": sign}
        )

    def comparison(self, node: Node, parts: list[Part]) -> Part:
        left, right = self.settled(*parts)
        if left.kind != right.kind and "empty" not in {left.kind, right.kind}:
            raise self.wrong(node, _("%(left)s和%(right)s不能比较") % _names(left, right))
        if left.kind in {"choice", "yes_no"} and node.name not in {"=", "<>"}:
            raise self.wrong(node, _("选项和是否只能用 = 或 <> 比较"))
        test, opposite = _SIGNS[node.name], node.name == "<>"

        def run(values: Values, zone: tzinfo) -> bool:
            a, b = left.run(values, zone), right.run(values, zone)
            holds = a is not None and b is not None and test(a, b)
            return not holds if opposite else holds

        return Part("yes_no", run, node)

    def settled(self, left: Part, right: Part) -> tuple[Part, Part]:
        """Both sides of a comparison; a text beside a choice becomes the key of the option that it names."""
        for one, other in ((left, right), (right, left)):
            if one.spec is not None and other.node.kind == "text" and other.kind == "text":
                named = _constant("choice", self.option(one.spec, other.node), other.node)
                return (left, named) if one is left else (named, right)
        if left.kind == "choice" and right.kind == "text":
            return self.as_text(left), right
        if right.kind == "choice" and left.kind == "text":
            return left, self.as_text(right)
        return left, right

    def option(self, spec: FieldSpec, node: Node) -> str:
        if not spec.options and spec.dictionary:
            return str(node.value)  # declared: what its dictionary holds is each company's own
        found = next((each for each in spec.options if node.value == each.key), None)
        found = found or next((each for each in spec.options if node.value == str(each.label)), None)
        if found is None:
            known = "、".join(str(each.label) for each in spec.options[:8]) or _("（还没有选项）")
            sentence = _("第 %(place)s 个字：“%(value)s”不是%(label)s的选项，可选：%(known)s。")
            shown = {"place": node.start + 1, "value": node.value[:40], "label": spec.label, "known": known}
            raise FormulaError(sentence % shown, node.start, node.end)
        quoted = [text.replace('"', '""') for text in (found.key, str(found.label))]
        self.stored.append((node.start, node.end, f'"{quoted[0]}"'))
        self.shown.append((node.start, node.end, f'"{quoted[1]}"'))
        return found.key

    def as_text(self, part: Part) -> Part:
        """A piece as text: options by their label, numbers by their digits, dates in ISO form."""
        if part.kind in {"text", "empty"}:
            return part
        labels = {each.key: str(each.label) for each in part.spec.options} if part.spec else {}

        def run(values: Values, zone: tzinfo) -> Any:
            value = part.run(values, zone)
            return None if value is None else labels.get(value, value) if labels else _written(value)

        return Part("text", run, part.node)

    # --- functions ---

    def call(self, node: Node, parts: list[Part]) -> Part:
        if node.name == "&":
            return self.applied(FUNCTIONS["CONCAT"], node, [self.as_text(part) for part in parts])
        function = FUNCTIONS.get(node.name)
        if function is None:
            named = Node("field", node.name, node.start, node.start + len(node.name))
            raise self.unknown(named, [name for name in FUNCTIONS if name != "NEGATE"], _("函数"))
        self.counted(function, node)
        if node.name == "CASE":
            parts = [parts[0], *(self.cased(parts[0], each, place) for place, each in enumerate(parts[1:], 1))]
        return self.applied(function, node, parts)

    def cased(self, asked: Part, part: Part, place: int) -> Part:
        last = place % 2 == 1
        return self.settled(asked, part)[1] if last and asked.spec is not None and part.node.kind == "text" else part

    def counted(self, function: Function, node: Node) -> None:
        least, given = len(function.takes) - function.optional, len(node.parts)
        most = 100 if function.more else len(function.takes)
        if not least <= given <= most:
            sentence = _("第 %(place)s 个字：%(name)s 的参数个数不对，写法是 %(help)s。")
            shown = {"place": node.start + 1, "name": function.name, "help": function.help}
            raise FormulaError(sentence % shown, node.start, node.end)

    def applied(self, function: Function, node: Node, parts: list[Part]) -> Part:
        ready, same = [], ""
        for place, part in enumerate(parts):
            wanted = _wanted(function, place, len(parts))
            if wanted == SAME:
                part = self.as_text(part) if part.kind == "choice" else part
                if same and part.kind not in {same, "empty"}:
                    raise self.wrong(part.node, _("%(name)s 的结果应是同一种值") % {"name": function.name})
                same = same or (part.kind if part.kind != "empty" else "")
            elif wanted != ANY:
                part = self.fitting(function, part, wanted)
            ready.append(part)
        kind = (same or "empty") if function.gives == SAME else function.gives
        return Part(kind, _caller(function, ready), node)

    def fitting(self, function: Function, part: Part, wanted: str) -> Part:
        if part.kind in {wanted, "empty"} or (wanted == "date" and part.kind == "datetime"):
            return part
        if wanted == "text":
            return self.as_text(part)
        shown = {"name": function.name, "wanted": _KINDS()[wanted], "kind": _KINDS()[part.kind]}
        raise self.wrong(part.node, _("%(name)s 这里要%(wanted)s，不是%(kind)s") % shown)

    def wrong(self, node: Node, sentence: str) -> FormulaError:
        told = _("第 %(place)s 个字：%(sentence)s。") % {"place": node.start + 1, "sentence": sentence}
        return FormulaError(told, node.start, node.end)


def _wanted(function: Function, place: int, given: int) -> str:
    if function.name == "CASE" and place > 0:  # pairs, then perhaps what else
        return SAME if place % 2 == 0 or place == given - 1 else ANY
    return function.takes[min(place, len(function.takes) - 1)]


def _constant(kind: str, value: Any, node: Node) -> Part:
    return Part(kind, lambda values, zone: value, node)


def _KINDS() -> Mapping[str, str]:
    return {
        "number": _("数字"), "text": _("文字"), "date": _("日期"), "datetime": _("日期时间"), "yes_no": _("是否"),
        "choice": _("选项"), "empty": _("空"),
    }  # fmt: skip


def _names(left: Part, right: Part) -> dict[str, str]:
    return {"left": _KINDS()[left.kind], "right": _KINDS()[right.kind]}


def _reader(key: str, kind: str) -> Run:
    if kind == "datetime":
        return lambda values, zone: (value := values.get(key)) and value.astimezone(zone)
    return lambda values, zone: values.get(key)


def _strict(run: Callable[[Any, Any], Any], left: Part, right: Part) -> Run:
    def both(values: Values, zone: tzinfo) -> Any:
        a, b = left.run(values, zone), right.run(values, zone)
        return None if a is None or b is None else run(a, b)

    return both


def _caller(function: Function, parts: Sequence[Part]) -> Run:
    def call(values: Values, zone: tzinfo) -> Any:
        given = [part.run(values, zone) for part in parts]
        if not function.sees_empty and any(value is None for value in given):
            return None
        return function.run(given)

    return call


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, Decimal):
        return format(value.normalize() if value != value.to_integral_value() else value.quantize(Decimal(1)), "f")
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return str(value)


def _divided(a: Decimal, b: Decimal) -> Decimal | None:
    return None if b == 0 else EXACT.divide(a, b)


_ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": EXACT.add,
    "-": EXACT.subtract,
    "*": EXACT.multiply,
    "/": _divided,
}
_SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: bool(a == b),
    "<>": lambda a, b: bool(a == b),
    "<": lambda a, b: bool(a < b),
    "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b),
    ">=": lambda a, b: bool(a >= b),
}
