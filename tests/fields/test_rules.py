"""Rules of own fields, patterns that are safe, keys of names, and what model fields say."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import models

from kezhou.records.fields import FieldError, columns, custom_facts, field_type_for, model_facts, readings
from kezhou.records.fields.names import company_key
from kezhou.records.fields.patterns import problem
from kezhou.records.fields.pinyin import sort_key, spelled


@pytest.mark.req("FLD-01", part="length, range, pattern and default of own fields")
@pytest.mark.parametrize(
    ("kind", "rules", "facts"),
    [
        ("text", {"max_length": "20", "min_length": "", "pattern": "[A-Z]+"}, {"max_length": 20, "pattern": "[A-Z]+"}),
        ("text", {"default": " 甲 "}, {"default": "甲"}),
        ("number", {"minimum": "0", "maximum": "1万", "decimals": "2", "unit": "元"},
         {"minimum": Decimal(0), "maximum": Decimal(10000), "decimals": 2, "unit": "元"}),
        ("date", {"minimum": "2020年1月1日", "default": "2026-05-06"},
         {"minimum": date(2020, 1, 1), "default": date(2026, 5, 6)}),
        ("yes_no", {"default": "是"}, {"default": True}),
    ],
)  # fmt: skip
def test_rules_become_typed_facts(kind: str, rules: dict[str, Any], facts: dict[str, Any]) -> None:
    assert custom_facts(kind, rules) == facts


@pytest.mark.parametrize(
    ("kind", "rules", "sentence"),
    [
        ("yes_no", {"minimum": 1}, "是/否字段没有规则“minimum”，可用：default。"),
        ("text", {"max_length": "0"}, "规则 max_length 应是 1 到 500 的整数，“0”不是。"),
        ("text", {"min_length": 9, "max_length": 3}, "规则的下限 9 大于上限 3，请对调。"),
        ("number", {"minimum": 5, "default": 1}, "默认值不能小于 5，现在是 1。"),
        ("number", {"minimum": "多"}, "“多”不是数字，请填写如 1234.5、1,234 或 3.2万 的数字。"),
        ("text", {"pattern": "(a+)+"}, "规则不能重复一个括号组，请改为重复单个字符，例如 [0-9]{4}。"),
    ],
)
def test_rules_that_make_no_sense_are_refused(kind: str, rules: dict[str, Any], sentence: str) -> None:
    with pytest.raises(FieldError) as refused:
        custom_facts(kind, rules)

    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("pattern", "safe"),
    [
        ("[A-Z]{2}[0-9]{4}", True),
        ("川[A-Z].{5,6}", True),
        (r"\d+-\d+", True),
        ("(甲|乙)丙", True),
        ("(a+)+", False),
        ("(a|aa)*b", False),
        (".*.*.*.*b", False),
        (r"(a)\1", False),
        ("(?=a)a", False),
        ("[", False),
        ("a" * 201, False),
    ],
)
def test_only_patterns_that_cannot_run_away_are_taken(pattern: str, safe: bool) -> None:
    assert (problem(pattern) is None) == safe


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("川西能源（集团）有限公司", " 川西能源(集团) 有限公司", True),
        ("ＡＢＣ商旅", "abc商旅", True),
        ("臺灣旅行社", "台湾旅行社", True),
        ("云南安顺物流有限责任公司", "云南安顺物流有限公司", False),
        ("四川海纳汽车租赁（集团）有限公司", "四川海纳汽车租赁集团有限公司", False),
    ],
)
def test_names_meet_as_twins(one: str, other: str, same: bool) -> None:
    assert (company_key(one) == company_key(other)) == same


def test_names_sort_by_pinyin_and_surnames_by_their_own_reading() -> None:
    names = ["赵强", "单田芳", "重庆分公司", "张伟", "安琪", "陈静", "Alpha", "长孙无忌"]

    assert sorted(names, key=lambda name: str(sort_key(name, person=True))) == [
        "Alpha", "安琪", "陈静", "重庆分公司", "单田芳", "长孙无忌", "张伟", "赵强",
    ]  # fmt: skip
    assert sort_key("") is None
    assert len(str(sort_key("长" * 400))) == 200


def named(field: Any) -> Any:
    field.set_attributes_from_name("held")
    return field


@pytest.mark.parametrize(
    ("field", "kind", "facts"),
    [
        (models.CharField("客户名称", max_length=100), "text", {"max_length": 100, "required": True}),
        (models.TextField(blank=True), "long_text", {"required": False}),
        (models.PositiveSmallIntegerField(), "number", {"decimals": 0}),
        (models.DecimalField(max_digits=9, decimal_places=3), "number", {"decimals": 3}),
        (columns.MoneyField(minimum=0, maximum=9), "money", {"decimals": 2, "minimum": Decimal(0), "maximum": Decimal(9)}),
        (models.DateField(), "date", {}),
        (models.DateTimeField(), "datetime", {}),
        (models.BooleanField(default=False), "yes_no", {"default": False}),
        (models.CharField(choices=[("a", "甲")], max_length=1), "choice", {}),
        (columns.ChoiceField(dictionary="customers.category"), "choice", {"dictionary": "customers.category"}),
        (columns.MultiChoiceField(dictionary="x.y", blank=True), "multi_choice", {"dictionary": "x.y", "required": False}),
        (models.EmailField(), "email", {}),
        (columns.PhoneField(), "phone", {"max_length": 40}),
        (columns.CreditCodeField(), "credit_code", {"max_length": 18}),
    ],
)  # fmt: skip
def test_a_model_field_says_its_type_and_rules(field: Any, kind: str, facts: dict[str, Any]) -> None:
    told = model_facts(named(field))

    assert field_type_for(field) == kind
    assert {key: told.get(key) for key in facts} == facts
    assert told["column"] == "held"


def test_a_model_field_that_nobody_shows_is_named() -> None:
    with pytest.raises(TypeError, match="No field type shows BinaryField"):
        field_type_for(models.BinaryField())


@pytest.mark.parametrize("kind", ["number", "money"])
def test_a_very_long_figure_is_a_sentence(kind: str) -> None:
    with pytest.raises(FieldError, match="最多 18 位数字"):
        custom_facts(kind, {"default": "9" * 40})


def test_the_readings_on_file_are_those_of_the_installed_pypinyin() -> None:
    assert readings.FILE.read_bytes() == readings.made(), "write it anew: python -m kezhou.records.fields.readings"

    assert sort_key("重庆") == "chong qing 重庆"
    assert sort_key("朝阳区") == "chao yang qu 朝阳区"  # 朝阳 alone is zhao yang
    assert spelled("长沙VIP 客户2号") == ("chang", "sha", "vip", "ke", "hu", "2", "hao")
