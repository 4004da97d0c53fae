"""The language of formulas: what they compute, and what is said when they cannot."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from kezhou.records.derived.formula import compiled
from kezhou.records.derived.parsing import FormulaError
from kezhou.records.spec import FieldSpec, OptionSpec

GRADES = (OptionSpec("gold", "金牌"), OptionSpec("silver", "银牌"))
FIELDS = (
    FieldSpec(key="price", type="money", label="单价"),
    FieldSpec(key="quantity", type="number", label="数量"),
    FieldSpec(key="c_1", type="text", label="城市"),
    FieldSpec(key="c_2", type="date", label="开始日期"),
    FieldSpec(key="c_3", type="date", label="结束日期"),
    FieldSpec(key="c_4", type="choice", label="级别", options=GRADES),
    FieldSpec(key="c_5", type="yes_no", label="紧急"),
    FieldSpec(key="c_6", type="datetime", label="会面时间"),
    FieldSpec(key="c_7", type="link", label="客户", target="customers.customer"),
)
VALUES = {
    "price": Decimal("99.9"), "quantity": Decimal(3), "c_1": "成都", "c_2": date(2026, 1, 30), "c_3": date(2026, 2, 2),
    "c_4": "gold", "c_5": True, "c_6": datetime(2026, 5, 1, 16, 30, tzinfo=UTC),
}  # fmt: skip


def value(text: str, kind: str = "number", **facts: Any) -> Any:
    return compiled(text, FIELDS).value(VALUES, FieldSpec(key="c_9", type=kind, label="结果", **facts))


@pytest.mark.req("FLD-01", part="formula")
@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("{单价} * {数量}", "money", Decimal("299.7")),
        ("{price}*quantity", "money", Decimal("299.7")),
        ("（{单价}＋0.1）×{数量}", "money", Decimal(300)),
        ("{单价} / 7", "number", Decimal("14.271429")),
        ("0.1 + 0.2", "number", Decimal("0.3")),
        ("{单价} * 10%", "money", Decimal("9.99")),
        ("1 - 2 - 3", "number", Decimal(-4)),
        ("2 * (3 + 4) - -1", "number", Decimal(15)),
        ("8 / 2 / 2", "number", Decimal(2)),
        ("{单价} / 0", "number", None),
        ("{数量} + IF(FALSE, 1)", "number", None),
        ("ROUND(2.345, 2)", "number", Decimal("2.35")),
        ("ROUND(1250, -2)", "number", Decimal(1300)),
        ("INT(-2.7)", "number", Decimal(-2)),
        ("MOD(7, 3) + MOD(7, 0)", "number", None),
        ("ABS(-5) + MIN(3, 1, 2) + MAX({数量}, 9)", "number", Decimal(15)),
        ("LEN({城市} & \"市\")", "number", Decimal(3)),
        ("LEFT({城市}, 1) & “/” & RIGHT({城市}, 1)", "text", "成/都"),
        ("CONCAT({城市}, 1 + 1, {开始日期})", "text", "成都22026-01-30"),
        ("{级别} & '客户'", "text", "金牌客户"),
        ("{结束日期} - {开始日期}", "number", Decimal(3)),
        ("DAYS({结束日期}, {开始日期})", "number", Decimal(3)),
        ("{开始日期} + 2", "date", date(2026, 2, 1)),
        ("DATE(YEAR({开始日期}), 13, 1)", "date", None),
        ("DATE(YEAR({开始日期}) + 1, MONTH({开始日期}), DAY({开始日期}))", "date", date(2027, 1, 30)),
        ("YEAR({会面时间}) * 100 + DAY({会面时间})", "number", Decimal(202602)),
        ("WEEKDAY({开始日期})", "number", Decimal(5)),
        ("IF({级别} = \"金牌\", 1, 0)", "number", Decimal(1)),
        ("IF({级别} <> \"银牌\" 且 {数量} >= 3, \"大\", \"小\")", "text", "大"),
        ("CASE({级别}, \"银牌\", 1, \"金牌\", 2, 3)", "number", Decimal(2)),
        ("CASE({数量}, 1, \"一\", \"多\")", "text", "多"),
        ("NOT {紧急} or OR({数量} > 2, FALSE)", "yes_no", True),
        ("AND({紧急}, {数量} > 3)", "yes_no", False),
        ("ISEMPTY(\"\")", "yes_no", True),
        ("COALESCE(\"\", {城市})", "text", "成都"),
        ("CONTAINS({城市}, \"都\")", "yes_no", True),
        ("LEFT(\"\", 2)", "text", None),
    ],
)  # fmt: skip
def test_it_computes(text: str, kind: str, expected: Any) -> None:
    assert value(text, kind) == expected


def test_nothing_in_gives_nothing_out() -> None:
    ready = compiled("{单价} * {数量}", FIELDS)

    assert ready.value({"price": None, "quantity": Decimal(2)}, FIELDS[0]) is None
    assert compiled("{单价} = {单价}", FIELDS).value({}, FieldSpec(key="x", type="yes_no", label="x")) is False
    assert compiled("{单价} <> 1", FIELDS).value({}, FieldSpec(key="x", type="yes_no", label="x")) is True


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "请填写公式，字段名写在花括号里。"),
        ("{单价} * ", "公式没有写完：末尾还缺一个值或右括号。"),
        ("({单价} + 1", "公式没有写完：末尾还缺一个值或右括号。"),
        ("{单价} ** 2", "第 7 个字：这里不该有“*”，请检查运算符、逗号和括号。"),
        ("{单介} * 2", "第 1 个字：没有字段“单介”。是不是“单价”？"),
        ("ROUD(1)", "第 1 个字：没有函数“ROUD”。是不是“ROUND”？"),
        ("1 + {城市}", "第 5 个字：文字相连请用 &，加号只用于数字和日期。"),
        ("{开始日期} * 2", "第 10 个字：日期和数字不能用“*”计算。"),
        ("{单价} > \"高\"", "第 1 个字：数字和文字不能比较。"),
        ("{级别} = \"铜牌\"", "第 8 个字：“铜牌”不是级别的选项，可选：金牌、银牌。"),
        ("{级别} > \"金牌\"", "第 1 个字：选项和是否只能用 = 或 <> 比较。"),
        ("{客户} & 1", "第 1 个字：“客户”是关联记录字段，不能用在公式里；要用关联记录的值请先建查找字段。"),
        ("IF({单价}, 1, 2)", "第 4 个字：IF 这里要是否，不是数字。"),
        ("IF({紧急}, 1, \"二\")", "第 13 个字：IF 的结果应是同一种值。"),
        ("ROUND()", "第 1 个字：ROUND 的参数个数不对，写法是 ROUND(数, 小数位)：四舍五入。"),
        ("\"没有配对", "第 1 个字：引号没有配对。"),
        ("{没有配对", "第 1 个字：花括号没有配对，字段名要写在一对花括号里。"),
        ("IF(FALSE, \"\")", "公式的结果永远是空的，请检查。"),
        ("9" * 31, "第 1 个字：数字太长，最多 30 位。"),
        ("().__class__", "第 2 个字：这里不该有“)”，请检查运算符、逗号和括号。"),
        ("{单价}.__class__", "第 5 个字：这里不该有“.”，请检查运算符、逗号和括号。"),
    ],
)  # fmt: skip
def test_it_says_what_is_wrong_and_where(text: str, sentence: str) -> None:
    with pytest.raises(FormulaError) as refused:
        compiled(text, FIELDS)

    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("1" + "+1" * 3000, "公式最多 4000 个字符"),
        ("1" + "+1" * 450, "公式太长，最多 400 个部分"),
        ("(" * 1900 + "1" + ")" * 1900, ""),
        ("NOT " * 200 + "{紧急}", "公式嵌套太深，最多 60 层"),
        ("IF({紧急}, " * 90 + "1" + ")" * 90, "公式嵌套太深"),
        ("1\x00+\u202e1", "这里不该有"),
        ("<script>alert(1)</script>", "这里不该有“<”"),
    ],
    ids=["long", "many", "brackets", "not", "if", "nul", "script"],
)
def test_no_text_exhausts_it(text: str, part: str) -> None:
    if not part:
        assert value(text) == Decimal(1)
        return
    with pytest.raises(FormulaError, match=part[:12].replace("(", r"\(")):
        compiled(text, FIELDS)


def test_huge_numbers_and_texts_give_nothing_or_are_cut() -> None:
    big = "*".join(["9" * 30] * 20)

    assert value(big) is None
    assert value("{开始日期} + 99999999", "date") is None
    assert len(value("&".join(["{城市}"] * 399), "text")) == 500


@pytest.mark.req("FLD-01", part="formula: renaming a field is free")
def test_fields_are_kept_by_key_and_shown_by_label() -> None:
    ready = compiled("IF({级别}=“金牌”, {单价}, 数量)", FIELDS)

    assert ready.text == 'IF({c_4}="gold", {price}, {quantity})'
    assert ready.shown == 'IF({级别}="金牌", {单价}, {数量})'
    assert compiled(ready.text, FIELDS).shown == ready.shown
    assert ready.uses == ("c_4", "price", "quantity")
