"""Every operator of every type finds exactly the rows it means, in a column and among the tenant's own fields alike."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from kezhou.records.fields import Context, FieldError, field_types
from kezhou.records.fields.base import dumps
from kezhou.records.fields.files import Held
from tests.fields.conftest import make

TODAY = date(2026, 5, 6)  # a Wednesday
TYPES = {
    "text": "text",
    "long_text": "text",
    "number": "numeric(24,6)",
    "money": "numeric(18,2)",
    "date": "date",
    "datetime": "timestamptz",
    "yes_no": "boolean",
    "choice": "text",
    "multi_choice": "text[]",
    "link": "bigint",
    "member": "bigint",
    "email": "text",
    "phone": "text",
    "credit_code": "text",
    "percent": "numeric(12,4)",
    "time": "time",
    "rating": "smallint",
    "department": "bigint",
    "identity_card": "text",
    "passport": "text",
    "region": "text",
    "country": "text",
    "file": "jsonb",
    "picture": "jsonb",
}

# Values by row number; None is empty. Row 0 is always empty.
VALUES: dict[str, list[Any]] = {
    "text": [None, "成都酒店管理有限公司", "川西能源（集团）有限公司", "ABC Travel", "臺灣旅行社"],
    "long_text": [None, "第一行 月结\n第二行 Hotel", "预付"],
    "number": [None, Decimal("-1"), Decimal(0), Decimal("2.5"), Decimal(10)],
    "money": [None, Decimal("0.5"), Decimal(15000), Decimal(16000)],
    "date": [None, date(2026, 4, 30), date(2026, 5, 4), TODAY, date(2026, 5, 11), date(2025, 12, 31)],
    "datetime": [
        None,
        datetime(2026, 5, 5, 15, 59, 59, tzinfo=UTC),  # 23:59:59 on the 5th in Shanghai
        datetime(2026, 5, 5, 16, 0, tzinfo=UTC),  # midnight of the 6th
        datetime(2026, 5, 6, 7, 30, 30, tzinfo=UTC),  # 15:30:30
        datetime(2026, 5, 6, 16, 0, tzinfo=UTC),  # midnight of the 7th
    ],
    "yes_no": [None, True, False],
    "choice": [None, "company", "vip", "old", "older"],
    "multi_choice": [None, ("company",), ("company", "vip"), ("vip",), ("older",)],
    "link": [None, 42, 43],
    "member": [None, 7, 8],
    "email": [None, "info@example.org", "sales@example.net"],
    "phone": [None, "13800000000", "028-88431936"],
    "credit_code": [None, "9131087280JCBFRP9T", "91134789W1K75LKXWR"],
    "percent": [None, Decimal("12.5"), Decimal(80)],
    "time": [None, time(8, 30), time(14, 0), time(18, 15, 30)],
    "rating": [None, Decimal(1), Decimal(5)],
    "department": [None, 3, 4],
    "identity_card": [None, "510104199003071237", "110101194910010011"],
    "passport": [None, "E12345678 2031-05-06", "EA7654321 2026-08-01", "G11112222"],
    "region": [None, "51", "5101", "510104", "440106", "other"],
    "country": [None, "CN", "JP"],
    "file": [None, (Held(3, "报价单 2026.pdf", 10, "application/pdf"),), (Held(4, "合同.docx"), Held(5, "Hotel.pdf"))],
    "picture": [None, (Held(6, "门头.png", 10, "image/png"),)],
}

FOUND: list[tuple[str, str, Any, list[int]]] = [
    ("text", "contains", "酒店", [1]),
    ("text", "contains", "酒店 成都", [1]),
    ("text", "contains", "成都 能源", []),
    ("text", "contains", "abc", [3]),
    ("text", "contains", "ＡＢＣ", [3]),
    ("text", "contains", "台湾", [4]),
    ("text", "contains", "100%_", []),
    ("text", "not_contains", "公司", [0, 3, 4]),
    ("text", "eq", " 成都酒店管理有限公司 ", [1]),
    ("text", "eq", "川西能源(集团)有限公司", [2]),
    ("text", "eq", "ＡＢＣ Travel", [3]),
    ("text", "eq", "成都", []),
    ("text", "ne", "ABC Travel", [0, 1, 2, 4]),
    ("text", "in", "ABC Travel，成都酒店管理有限公司", [1, 3]),
    ("text", "not_in", ["ABC Travel"], [0, 1, 2, 4]),
    ("text", "starts", "川西", [2]),
    ("text", "is_empty", None, [0]),
    ("text", "not_empty", None, [1, 2, 3, 4]),
    ("long_text", "contains", "月结 hotel", [1]),
    ("long_text", "not_contains", "月结", [0, 2]),
    ("number", "eq", "2.50", [3]),
    ("number", "ne", 0, [0, 1, 3, 4]),
    ("number", "gt", 0, [3, 4]),
    ("number", "gte", "0", [2, 3, 4]),
    ("number", "lt", 2.5, [1, 2]),
    ("number", "lte", "2.5", [1, 2, 3]),
    ("number", "between", [0, 5], [2, 3]),
    ("number", "between", ["", 0], [1, 2]),
    ("number", "in", [0, 10], [2, 4]),
    ("number", "not_in", "0,10", [0, 1, 3]),
    ("number", "is_empty", None, [0]),
    ("money", "eq", "1.5万元", [2]),
    ("money", "gte", "1.5万", [2, 3]),
    ("date", "eq", "2026年5月6日", [3]),
    ("date", "gt", TODAY, [4]),
    ("date", "lte", "2026/4/30", [1, 5]),
    ("date", "between", ["2026-05-01", "2026-05-06"], [2, 3]),
    ("date", "relative", "today", [3]),
    ("date", "relative", "this_week", [2, 3]),
    ("date", "relative", "next_week", [4]),
    ("date", "relative", "this_month", [2, 3, 4]),
    ("date", "relative", "last_month", [1]),
    ("date", "relative", "last_year", [5]),
    ("date", "relative", "last_7_days", [1, 2, 3]),
    ("date", "relative", "last_1_days", [3]),
    ("date", "relative", "next_7_days", [3, 4]),
    ("date", "relative", "before_5_days", [1, 5]),
    ("date", "not_empty", None, [1, 2, 3, 4, 5]),
    ("datetime", "eq", "2026-05-06", [2, 3]),
    ("datetime", "eq", "2026-05-06 15:30", [3]),
    ("datetime", "eq", "2026-05-06T07:30:30Z", [3]),
    ("datetime", "gt", "2026-05-06", [4]),
    ("datetime", "gte", "2026-05-06", [2, 3, 4]),
    ("datetime", "lt", "2026-05-06", [1]),
    ("datetime", "lte", "2026-05-06", [1, 2, 3]),
    ("datetime", "between", ["2026-05-05", "2026-05-06"], [1, 2, 3]),
    ("datetime", "relative", "yesterday", [1]),
    ("datetime", "relative", "tomorrow", [4]),
    ("datetime", "ne", "2026-05-06", [0, 1, 4]),
    ("yes_no", "eq", "是", [1]),
    ("yes_no", "eq", False, [2]),
    ("yes_no", "ne", True, [0, 2]),
    ("yes_no", "is_empty", None, [0]),
    ("choice", "in", ["vip", "老分类"], [2, 3, 4]),
    ("choice", "in", ["older"], [4]),
    ("choice", "not_in", ["vip"], [0, 1, 3, 4]),
    ("choice", "not_in", ["old"], [0, 1, 2]),
    ("choice", "eq", "老分类", [3]),
    ("choice", "eq", "企业客户", [1]),
    ("multi_choice", "in", ["vip"], [2, 3]),
    ("multi_choice", "in", ["vip", "company"], [1, 2, 3]),
    ("multi_choice", "in", ["old", "company"], [1, 2, 4]),
    ("multi_choice", "not_in", ["vip"], [0, 1, 4]),
    ("multi_choice", "not_in", ["old"], [0, 1, 2, 3]),
    ("multi_choice", "contains", ["old"], []),
    ("multi_choice", "contains", ["vip", "company"], [2]),
    ("multi_choice", "not_contains", ["vip", "company"], [0, 1, 3, 4]),
    ("multi_choice", "is_empty", None, [0]),
    ("link", "eq", 42, [1]),
    ("link", "in", [42, 43], [1, 2]),
    ("member", "in", ["周敏"], [1]),
    ("member", "ne", 7, [0, 2]),
    ("email", "eq", "INFO@example.org", [1]),
    ("email", "contains", "example", [1, 2]),
    ("phone", "eq", "+86 138 0000 0000", [1]),
    ("phone", "contains", "8843", [2]),
    ("credit_code", "eq", "9131087280jcbfrp9t", [1]),
    ("credit_code", "starts", "9113", [2]),
    ("percent", "eq", "12.5%", [1]),
    ("percent", "gte", 12.5, [1, 2]),
    ("percent", "between", ["10%", "20%"], [1]),
    ("time", "eq", "8点30分", [1]),
    ("time", "gt", "08:30", [2, 3]),
    ("time", "between", ["12:00", "下午3:00"], [2]),
    ("time", "ne", "14:00", [0, 1, 3]),
    ("time", "is_empty", None, [0]),
    ("rating", "gte", "★★★", [2]),
    ("rating", "in", [1, 5], [1, 2]),
    ("department", "eq", 3, [1]),
    ("department", "not_in", [3], [0, 2]),
    ("identity_card", "eq", "510104 19900307 1237", [1]),
    ("identity_card", "starts", "1101", [2]),
    ("identity_card", "contains", "199003", [1]),
    ("passport", "eq", "ｅ12345678", [1]),
    ("passport", "in", ["E12345678", "G11112222"], [1, 3]),
    ("passport", "contains", "7654", [2]),
    ("passport", "contains", "2031", []),
    ("passport", "lt", "2026年12月31日", [2]),
    ("passport", "gte", "2026-08-01", [1, 2]),
    ("passport", "not_in", "G11112222", [0, 1, 2]),
    ("passport", "is_empty", None, [0]),
    ("region", "in", ["四川"], [1, 2, 3]),
    ("region", "in", "成都，广东", [2, 3, 4]),
    ("region", "not_in", ["51"], [0, 4, 5]),
    ("region", "eq", "四川省", [1]),
    ("region", "ne", "成都", [0, 1, 3, 4, 5]),
    ("region", "is_empty", None, [0]),
    ("country", "in", ["中国", "JP"], [1, 2]),
    ("country", "ne", "中国", [0, 2]),
    ("file", "contains", "报价 pdf", [1]),
    ("file", "contains", "hotel", [2]),
    ("file", "contains", "application", []),
    ("file", "not_contains", "合同", [0, 1]),
    ("file", "is_empty", None, [0]),
    ("picture", "not_empty", None, [1]),
]

SORTED: list[tuple[str, list[int]]] = [
    ("text", [3, 2, 1, 4]),
    ("number", [1, 2, 3, 4]),
    ("money", [1, 2, 3]),
    ("date", [5, 1, 2, 3, 4]),
    ("datetime", [1, 2, 3, 4]),
    ("choice", [1, 2, 3, 4]),
    ("phone", [2, 1]),
    ("percent", [1, 2]),
    ("time", [1, 2, 3]),
    ("rating", [1, 2]),
    ("passport", [1, 2, 3]),
    ("region", [4, 1, 2, 3, 5]),
]


@pytest.fixture
def table(in_alpha: Any) -> Any:
    """Makes a table with one column `held` and the JSONB column `custom`, filled from VALUES; answers queries on it."""

    def query(
        kind: str, *, custom: bool, where: Any = None, order: str = "", operator: str = "", value: Any = None
    ) -> Any:
        spec = make(kind, key="c_1", column=None if custom else "held")
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMP TABLE probe (id int, held {TYPES[kind]}, custom jsonb) ON COMMIT DROP")
            for number, held in enumerate(VALUES[kind]):
                stored = None if held is None else spec.kind.to_json(held, spec)
                plain = held if not isinstance(held, tuple) else list(held)
                if TYPES[kind] == "jsonb" and stored is not None:
                    plain = dumps(stored)
                cursor.execute(
                    "INSERT INTO probe VALUES (%s, %s, %s::jsonb)",
                    [number, plain, dumps({} if stored is None else {"c_1": stored})],
                )
            context = Context(today=TODAY, resolve=lambda target, texts: {"周敏": 7} if "周敏" in texts else {})
            if operator:
                sql = spec.kind.where(spec, operator, value, "p", context=context)
                cursor.execute(f"SELECT id FROM probe p WHERE {sql.text} ORDER BY id", list(sql.params))
            else:
                expression = spec.kind.sort_expression(spec, "p").replace("%%", "%")
                cursor.execute(
                    f"SELECT id FROM probe p WHERE {expression} IS NOT NULL ORDER BY {expression} {order}, id"
                )
            return [row[0] for row in cursor.fetchall()]

    return query


@pytest.mark.req("QRY-01", part="every field type, standard and own")
@pytest.mark.req("QRY-03", part="every text field, standard and own")
@pytest.mark.req("FLD-02", part="query by every operator")
@pytest.mark.parametrize("custom", [False, True], ids=["column", "own"])
@pytest.mark.parametrize(("kind", "operator", "value", "found"), FOUND)
def test_an_operator_finds_exactly_its_rows(
    table: Any, kind: str, operator: str, value: Any, found: list[int], custom: bool
) -> None:
    assert table(kind, custom=custom, operator=operator, value=value) == found


def in_python(kind: str, operator: str, value: Any) -> list[int]:
    """The rows for which the operator holds when it is asked of their values one by one."""
    spec = make(kind)
    context = Context(today=TODAY, resolve=lambda target, texts: {"周敏": 7} if "周敏" in texts else {})
    return [
        number
        for number, held in enumerate(VALUES[kind])
        if spec.kind.holds(spec, operator, value, held, context=context)
    ]


@pytest.mark.req("FLD-08", part="conditions mean in Python what they mean in SQL")
@pytest.mark.parametrize(("kind", "operator", "value", "found"), FOUND)
def test_an_operator_holds_in_python_for_exactly_its_rows(
    kind: str, operator: str, value: Any, found: list[int]
) -> None:
    assert in_python(kind, operator, value) == found


def tried(kind: str) -> list[tuple[str, str, Any]]:
    """Every operator of a type with operands made of its own values: whole, several, cut, and as ranges."""
    spec, values = make(kind), [value for value in VALUES[kind] if value is not None]
    raw = [value if isinstance(value, (tuple, bool)) else spec.kind.rest(value, spec) for value in values]
    raw = [list(value) if isinstance(value, tuple) else value for value in raw]
    lists = [[raw[0]], raw] if kind != "multi_choice" else raw
    texts = [str(value)[1:4] for value in raw] + [str(raw[-1]).upper(), f"{str(raw[0])[:2]} {str(raw[0])[-2:]}"]
    by_operator: dict[str, list[Any]] = {
        "is_empty": [None], "not_empty": [None], "in": lists, "not_in": lists, "relative": ["this_month", "before_3_days"],
        "between": [[raw[0], raw[-1]], ["", raw[0]], [raw[0], ""]],
    }  # fmt: skip
    words = dict.fromkeys(("contains", "not_contains", "starts"), texts if kind != "multi_choice" else raw)
    if kind == "passport":
        by_operator |= {key: ["2026-08-01", "2030-01-01"] for key in ("lt", "lte", "gt", "gte")}
    return [
        (kind, operator, value)
        for operator in spec.kind.operator_keys
        for value in {**dict.fromkeys(spec.kind.operator_keys, raw), **words, **by_operator}[operator]
    ]


@pytest.mark.req("FLD-08", part="conditions mean in Python what they mean in SQL")
@pytest.mark.parametrize(("kind", "operator", "value"), [case for kind in VALUES for case in tried(kind)])
def test_sql_and_python_agree(table: Any, kind: str, operator: str, value: Any) -> None:
    assert in_python(kind, operator, value) == table(kind, custom=True, operator=operator, value=value)


def test_every_operator_of_every_type_is_tried() -> None:
    tried = {(kind, operator) for kind, operator, _value, _found in FOUND}
    shared = {
        "is_empty",
        "not_empty",
        "ne",
        "not_in",
        "in",
        "eq",
        "not_contains",
        "starts",
        "contains",
        "lt",
        "lte",
        "gt",
        "gte",
        "between",
        "relative",
    }

    assert {operator for _kind, operator in tried} == shared
    assert {kind for kind, _operator in tried} == set(field_types())


@pytest.mark.parametrize("custom", [False, True], ids=["column", "own"])
@pytest.mark.parametrize(("kind", "order"), SORTED)
def test_values_are_sorted_in_both_directions(table: Any, kind: str, order: list[int], custom: bool) -> None:
    assert table(kind, custom=custom, order="ASC") == order


@pytest.mark.parametrize(
    ("kind", "operator", "value", "sentence"),
    [
        (
            "text",
            "gt",
            "a",
            "“字段”不能用条件“gt”，可用：contains、not_contains、eq、ne、in、not_in、starts、is_empty、not_empty。",
        ),
        ("text", "contains", " ", "“字段”的条件缺少要查找的文字。"),
        ("number", "gt", "abc", "“abc”不是数字，请填写如 1234.5、1,234 或 3.2万 的数字。"),
        ("number", "between", 5, "“字段”的区间需要两个值，收到的是“5”。"),
        ("number", "eq", None, "“字段”的条件缺少要比较的值。"),
        ("choice", "in", ["diamond"], "“diamond”不是字段的选项，可选：企业客户、VIP客户。"),
    ],
)
def test_nonsense_in_a_filter_is_refused_with_a_sentence(kind: str, operator: str, value: Any, sentence: str) -> None:
    spec = make(kind)

    with pytest.raises(FieldError) as refused:
        spec.kind.where(spec, operator, value, "t")

    assert str(refused.value) == sentence


def test_a_relative_date_that_is_none_is_refused() -> None:
    spec = make("date")

    with pytest.raises(FieldError, match="“someday”不是相对日期，可用：today、"):
        spec.kind.where(spec, "relative", "someday", "t")


@pytest.mark.parametrize(
    ("kind", "expression"),
    [
        ("number", "(CASE WHEN jsonb_typeof(t.\"custom\"->'c_1') = 'number' THEN (t.\"custom\"->'c_1')::numeric END)"),
        ("date", '((t."custom"->>\'c_1\') COLLATE "C")'),
        ("text", '((t."custom"->>\'c_1\') COLLATE "C")'),
    ],
)
def test_ranges_and_sorting_use_the_expression_of_the_index(kind: str, expression: str) -> None:
    spec = make(kind)

    assert spec.kind.sort_expression(spec, "t") == expression
    if kind != "text":
        assert expression in spec.kind.where(spec, "gte", "2026-01-01" if kind == "date" else 1, "t").text
    assert spec.kind.index(spec, "t").create.startswith('CREATE INDEX CONCURRENTLY "ix_t_c_1" ON "t" ((')
