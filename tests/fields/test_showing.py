"""Values as people, spreadsheets, forms and the API see them, and as they are stored."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from kezhou.records.fields import Context, Format, field_types
from kezhou.records.fields.base import dumps
from kezhou.records.fields.files import Held
from tests.fields.conftest import make

MOMENT = datetime(2026, 5, 6, 7, 30, tzinfo=UTC)
PERSON = '<span class="kz-own"><span class="kz-av kz-vio kz-s20" aria-hidden="true">敏</span><span>周敏</span></span>'

# kind, value, text, cell, stored JSON, REST, spreadsheet
SHOWN: list[tuple[str, Any, str, str, str, Any, Any]] = [
    ("text", "<b>&", "<b>&", "&lt;b&gt;&amp;", '"<b>&"', "<b>&", "<b>&"),
    ("long_text", "一\n二", "一\n二", "一 二", '"一\\n二"', "一\n二", "一\n二"),
    ("number", Decimal("1234.5"), "1,234.5", '<span class="kz-num">1,234.5</span>', "1234.5", 1234.5, Decimal("1234.5")),
    ("number", Decimal(3), "3", '<span class="kz-num">3</span>', "3", 3, Decimal(3)),
    ("money", Decimal(1862400), "¥ 1,862,400", '<span class="kz-num">1,862,400</span>', "1862400", 1862400, Decimal(1862400)),
    ("money", Decimal("-0.5"), "-¥ 0.50", '<span class="kz-num">-0.50</span>', "-0.5", -0.5, Decimal("-0.5")),
    ("date", date(2026, 5, 6), "2026年5月6日", '<span class="kz-num">2026年5月6日</span>', '"2026-05-06"', "2026-05-06", date(2026, 5, 6)),
    ("datetime", MOMENT, "2026年5月6日 15:30", '<span class="kz-num">5月6日 15:30</span>', '"2026-05-06T07:30:00.000000Z"', "2026-05-06T07:30:00Z", datetime(2026, 5, 6, 15, 30)),
    ("yes_no", True, "是", "是", "true", True, "是"),
    ("yes_no", False, "否", "否", "false", False, "否"),
    ("choice", "vip", "VIP客户", '<span class="kz-tag1 kz-vio">VIP客户</span>', '"vip"', "vip", "VIP客户"),
    ("choice", "gone", "gone", '<span class="kz-tag1 kz-gry">gone</span>', '"gone"', "gone", "gone"),
    ("multi_choice", ("company", "vip"), "企业客户、VIP客户", '<span class="kz-tag1 kz-blue">企业客户</span> <span class="kz-tag1 kz-vio">VIP客户</span>', '["company", "vip"]', ["company", "vip"], "企业客户、VIP客户"),
    ("link", 42, "川西能源集团有限公司", '<a href="/r/customers.customer/42">川西能源集团有限公司</a>', "42", 42, "川西能源集团有限公司"),
    ("link", 43, "无权限", '<span class="kz-dim">无权限</span>', "43", 43, "无权限"),
    ("member", 7, "周敏", PERSON, "7", 7, "周敏"),
    ("email", "a@b.cn", "a@b.cn", '<a href="mailto:a@b.cn">a@b.cn</a>', '"a@b.cn"', "a@b.cn", "a@b.cn"),
    ("phone", "13800000000", "138 0000 0000", '<span class="kz-num">138 0000 0000</span>', '"13800000000"', "13800000000", "13800000000"),
    ("phone", "028-88431936", "028-88431936", '<span class="kz-num">028-88431936</span>', '"028-88431936"', "028-88431936", "028-88431936"),
    ("credit_code", "9131087280JCBFRP9T", "9131087280JCBFRP9T", '<span class="kz-num">9131087280JCBFRP9T</span>', '"9131087280JCBFRP9T"', "9131087280JCBFRP9T", "9131087280JCBFRP9T"),
    ("percent", Decimal("12.5"), "12.5%", '<span class="kz-num">12.5%</span>', "12.5", 12.5, "12.5%"),
    ("time", time(8, 30), "08:30", '<span class="kz-num">08:30</span>', '"08:30:00"', "08:30:00", "08:30"),
    ("rating", Decimal(4), "4 星", '<span class="kz-stars" role="img" aria-label="4 星">★★★★<span class="kz-stars-no">★</span></span>', "4", 4, Decimal(4)),
    ("file", (Held(3, "<b>.pdf", 10, "application/pdf"),), "<b>.pdf", '<a href="/files/held/3" title="&lt;b&gt;.pdf">&lt;b&gt;.pdf</a> <span class="kz-dim"></span>', '[{"pk": 3, "name": "<b>.pdf", "size": 10, "media": "application/pdf"}]', [{"pk": 3, "name": "<b>.pdf", "size": 10, "media": "application/pdf", "url": "/files/held/3"}], "<b>.pdf"),
    ("picture", (Held(4, "门头.png", 9, "image/png"),), "门头.png", '<a href="/files/held/4"><img class="kz-thumb" src="/files/held/4?small" alt="门头.png" title="门头.png" loading="lazy"></a>', '[{"pk": 4, "name": "门头.png", "size": 9, "media": "image/png"}]', [{"pk": 4, "name": "门头.png", "size": 9, "media": "image/png", "url": "/files/held/4"}], "门头.png"),
    ("department", 43, "无权限", '<span class="kz-dim">无权限</span>', "43", 43, "无权限"),
    ("identity_card", "510104199003071237", "510104199003071237", '<span class="kz-num">510****1237</span>', '"510104199003071237"', "510104199003071237", "510104199003071237"),
    ("region", "510104", "四川省成都市锦江区", "四川省成都市锦江区", '"510104"', {"code": "510104", "name": "四川省成都市锦江区"}, "四川省成都市锦江区"),
    ("region", "110101", "北京市东城区", "北京市东城区", '"110101"', {"code": "110101", "name": "北京市东城区"}, "北京市东城区"),
    ("region", "gone", "gone", "gone", '"gone"', {"code": "gone", "name": "gone"}, "gone"),
    ("country", "JP", "日本", "日本", '"JP"', "JP", "日本"),
    ("passport", "E12345678 2031-05-06", "E12345678 2031-05-06", '<span class="kz-num">E1****678</span>', '"E12345678 2031-05-06"', {"number": "E12345678", "expires": "2031-05-06"}, "E12345678 2031-05-06"),
    ("passport", "E12345678 2026-08-01", "E12345678 2026-08-01", '<span class="kz-num">E1****678</span> <span class="kz-tag1 kz-amb">不足 6 个月</span>', '"E12345678 2026-08-01"', {"number": "E12345678", "expires": "2026-08-01"}, "E12345678 2026-08-01"),
    ("passport", "E12345678 2026-05-01", "E12345678 2026-05-01", '<span class="kz-num">E1****678</span> <span class="kz-tag1 kz-rd1">已过期</span>', '"E12345678 2026-05-01"', {"number": "E12345678", "expires": "2026-05-01"}, "E12345678 2026-05-01"),
]  # fmt: skip


@pytest.mark.req("FLD-02", part="display, storage, API value, export value of every type")
@pytest.mark.parametrize(("kind", "value", "text", "cell", "stored", "rest", "sheet"), SHOWN)
def test_a_value_is_shown_stored_and_exported(
    kind: str, value: Any, text: str, cell: str, stored: str, rest: Any, sheet: Any, fmt: Format, context: Context
) -> None:
    spec = make(kind)
    held = spec.kind

    assert held.text(value, spec, fmt) == text
    assert held.cell(value, spec, fmt) == cell
    assert dumps(held.to_json(value, spec)) == stored
    assert held.from_json(held.to_json(value, spec), spec) == value
    assert held.rest(value, spec) == rest
    assert held.export(value, spec, fmt) == sheet
    if value != "gone":
        assert held.parse(held.edited(value, spec, fmt), spec, context) == value
        assert held.parse(rest, spec, context) == value


@pytest.mark.parametrize("kind", list(field_types()))
def test_nothing_given_is_an_empty_text_and_a_dash(kind: str, fmt: Format) -> None:
    spec = make(kind)

    assert spec.kind.text(None, spec, fmt) == ""
    assert spec.kind.cell(None, spec, fmt) == '<span class="kz-none">—</span>'
    assert spec.kind.rest(None, spec) is None
    assert spec.kind.export(None, spec, fmt) is None
    assert spec.kind.search_texts(None, spec, fmt) == ()
    assert spec.kind.twin_key(None, spec) is None


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal(1862400), "¥ 186.24 万"),
        (Decimal(10000), "¥ 1 万"),
        (Decimal(9999), "¥ 9,999"),
        (Decimal(102000000), "¥ 1.02 亿"),
        (Decimal(123456789012), "¥ 1,234.57 亿"),
        (Decimal(-54590), "-¥ 5.46 万"),
    ],
)
def test_compact_money_is_written_in_wan_and_yi(value: Decimal, shown: str) -> None:
    spec = make("money")

    assert spec.kind.text(value, spec, Format(compact=True)) == shown


@pytest.mark.parametrize(
    ("kind", "rules", "schema"),
    [
        ("text", {"max_length": 20, "required": True}, {"title": "字段", "type": "string", "maxLength": 20}),
        (
            "money",
            {"minimum": Decimal(0), "help": "全年"},
            {"title": "字段", "type": "number", "minimum": 0.0, "description": "全年", "nullable": True},
        ),
        ("date", {"system": True}, {"title": "字段", "type": "string", "format": "date", "nullable": True, "readOnly": True}),
        ("choice", {"required": True}, {"title": "字段", "type": "string", "enum": ["company", "vip", "old", "older"]}),
        (
            "multi_choice",
            {"required": True},
            {"title": "字段", "type": "array", "items": {"type": "string", "enum": ["company", "vip", "old", "older"]}},
        ),
    ],
)  # fmt: skip
def test_the_schema_of_the_api_says_the_rules(kind: str, rules: dict[str, Any], schema: dict[str, Any]) -> None:
    spec = make(kind, **rules)

    assert spec.kind.schema(spec) == schema


def test_a_disabled_option_is_offered_only_where_it_is_chosen() -> None:
    spec = make("choice")

    assert [choice.key for choice in spec.kind.control(spec, None).choices] == ["company", "vip"]
    assert [choice.key for choice in spec.kind.control(spec, "old").choices] == ["company", "vip", "old"]


@pytest.mark.parametrize("kind", list(field_types()))
def test_every_type_draws_a_control_that_carries_the_fields_name(kind: str) -> None:
    spec = make(kind, required=True, help="说明")

    control = spec.kind.control(spec, None)

    assert (control.name, control.label, control.value, control.required, control.help) == (
        "c_1",
        "字段",
        "",
        True,
        "说明",
    )


@pytest.mark.parametrize(
    ("kind", "value", "text", "tone"),
    [
        ("money", Decimal(50_000_000), "伍仟万元整", "info"),
        ("money", Decimal("107000.53"), "壹拾万柒仟元伍角叁分", "info"),
        ("money", Decimal("16409.02"), "壹万陆仟肆佰零玖元零贰分", "info"),
        ("money", Decimal("325.04"), "叁佰贰拾伍元零肆分", "info"),
        ("money", Decimal("1409.50"), "壹仟肆佰零玖元伍角整", "info"),
        ("money", Decimal("0.05"), "伍分", "info"),
        ("money", Decimal(0), "零元整", "info"),
        ("money", Decimal(-3), "负叁元整", "info"),
        ("money", Decimal(1_000_000_000_001), "壹万亿零壹元整", "info"),
        ("money", Decimal(100_010), "壹拾万零壹拾元整", "info"),
        ("identity_card", "510104199003071237", "1990年3月7日出生，男", "info"),
        ("passport", "E12345678", "还没有填有效期", "info"),
        ("passport", "E12345678 2026-08-01", "2026年8月1日到期，不足 6 个月，多数国家不让入境", "warn"),
        ("passport", "E12345678 2026-05-01", "2026年5月1日已过期，出境前要换发", "warn"),
    ],
)
def test_what_is_worth_saying_about_a_value(kind: str, value: Any, text: str, tone: str, fmt: Format) -> None:
    spec = make(kind)

    note = spec.kind.control(spec, value, fmt).note

    assert note is not None
    assert (note.text, note.tone) == (text, tone)
