"""Own fields that may not repeat, that change their type, and whose values go for good (FLD-01, FLD-06)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from kezhou import records
from kezhou.access.actor import System
from kezhou.records import custom, indexing, purging, retyping
from kezhou.records.custom import CustomFieldError
from kezhou.records.listing import ListRequest
from kezhou.records.models import CustomField
from kezhou.testing.access import MemberFactory
from tenants.context import Current
from tests.records.test_together import at_once

PROJECT = "testplugin.project"


def add(actor: Any, label: str, kind: str, **how: Any) -> str:
    return custom.add_field(actor, PROJECT, label=label, kind=kind, **how).key


def save(actor: Any, *rows: dict[str, Any], **how: Any) -> Any:
    return records.save(actor, PROJECT, [{"name": f"甲{n}", **row} for n, row in enumerate(rows)], twins="allow", **how)


@pytest.mark.req("FLD-01", part="unique")
@pytest.mark.parametrize(
    ("kind", "value", "other"),
    [("text", "ＨＴ-1", "HT-1"), ("number", "1.50", 1.5), ("date", "2026年5月6日", "2026-05-06"), ("phone", "138 0000 0000", "13800000000")],
)  # fmt: skip
def test_a_value_that_may_not_repeat_is_refused_naming_who_has_it(
    kind: str, value: Any, other: Any, projects: None, system: System
) -> None:
    key = add(system, "合同号", kind, unique=True)
    first = save(system, {key: value}).demand().pk
    number = records.get(system, PROJECT, first).values["number"]

    again = save(system, {key: other})
    batch = save(system, {key: ""}, {}, {key: "2027-01-01" if kind == "date" else "13900000000"}, {key: "2027-01-01" if kind == "date" else "13900000000"})  # fmt: skip

    (problem,) = again.problems
    assert (problem.field, problem.code) == (key, "unique")
    assert problem.sentence.startswith("合同号不能重复，")
    assert problem.sentence.endswith(f"已经在测试项目 {number} 里。")
    assert [(p.position, p.sentence[:18]) for p in batch.problems] == [(3, "合同号不能重复，本批第 3 条已经是")]
    assert save(system, {"pk": first, key: other}).saved[0].kind == "same", "its own value is no other's"
    records.delete(system, PROJECT, [first])
    assert save(system, {key: other}).ok, "what lies in the bin does not count"


@pytest.mark.req("FLD-01", part="unique")
def test_values_that_repeat_already_are_named(projects: None, system: System) -> None:
    key = add(system, "合同号", "text")
    save(system, {key: "A-1"}, {key: "A-1"}, {key: "A-1"}, {key: "B-2"}, {key: "B-2"}, {key: "C-3"}).demand()

    with pytest.raises(CustomFieldError) as refused:
        custom.change_field(system, PROJECT, key, unique=True)

    assert refused.value.field == "unique"
    assert str(refused.value) == ("“合同号”已有 2 个重复的值，例如“A-1”3 次、“B-2”2 次。请先改掉这些，再设为不能重复。")
    with pytest.raises(CustomFieldError, match="这类字段不能设为“不能重复”"):
        add(system, "标记", "yes_no", unique=True)


@pytest.mark.committed
@pytest.mark.req("FLD-01", part="unique, kept by the database")
def test_of_several_at_once_one_gets_the_value(projects: None, in_alpha: Current, system: System) -> None:
    key = add(system, "合同号", "text", unique=True)
    assert indexing.build_all() == (1, 0)
    assert indexing.is_valid(f"ux_testplugin_project_{key}")

    results = at_once([lambda n=n: save(system, {"name": f"项目{n}", key: "只有一个"}) for n in range(6)])

    assert [result.ok for result in results].count(True) == 1
    sentences = {p.sentence for result in results for p in result.problems}
    assert sentences <= {"已有合同号相同的测试项目。"} | {s for s in sentences if s.startswith("合同号不能重复，")}
    custom.change_field(system, PROJECT, key, unique=False)
    indexing.build_all()
    assert not indexing.is_valid(f"ux_testplugin_project_{key}")
    assert save(system, {key: "只有一个"}).ok


@pytest.mark.req("FLD-06")
@pytest.mark.parametrize(
    ("old", "how", "given", "new", "value"),
    [
        ("text", {}, "月结", "long_text", "月结"),
        ("number", {}, "12.5", "money", Decimal("12.5")),
        ("money", {}, "12.5", "number", Decimal("12.5")),
        ("number", {}, "12.5", "percent", Decimal("12.5")),
        ("rating", {}, 4, "number", Decimal(4)),
        ("phone", {}, "13800000000", "text", "13800000000"),
        ("choice", {"options": [{"label": "甲级"}, {"label": "乙级"}]}, "乙级", "multi_choice", ("v2",)),
    ],
    ids=lambda value: str(value)[:12],
)
def test_a_type_that_reads_every_value_may_be_chosen(
    old: str, how: Any, given: Any, new: str, value: Any, projects: None, system: System
) -> None:
    key = add(system, "字段", old, **how)
    pk = save(system, {key: given}).demand().pk
    before = _row_places()

    spec = retyping.change_type(system, PROJECT, key, new)

    assert spec.type == new
    assert _row_places() == before, "no row is written"
    assert records.get(system, PROJECT, pk).values[key] == value
    operator = "in" if new == "multi_choice" else "not_empty" if new == "long_text" else "eq"
    raw = list(value) if isinstance(value, tuple) else given
    assert records.pks(system, PROJECT, ListRequest(filter=[key, operator, raw])) == [pk]
    (created,) = records.history(system, PROJECT, pk)
    assert [change.new for change in created.fields if change.field.key == key] == [value]


def _row_places() -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, ctid::text, xmin::text FROM testplugin_project ORDER BY id")
        return list(cursor.fetchall())


@pytest.mark.req("FLD-06")
def test_an_incompatible_type_is_refused_with_the_reason(projects: None, system: System) -> None:
    text = add(system, "合同号", "text")
    figure = add(system, "系数", "number")
    empty = add(system, "还没填", "text")
    pk = save(system, {text: "A-1", figure: "1.2345"}).demand().pk

    for key, new, sentence in (
        (text, "number", "“合同号”已有 1 个值，不能从文本换成数字。能换成多行文本；要别的类型，请新建一个字段。"),
        (figure, "money", "“系数”有 1 个值的小数位太多，不能换成金额。请先改这些值。"),
        (figure, "date", "“系数”已有 1 个值，不能从数字换成日期。能换成金额、百分比；要别的类型，请新建一个字段。"),
        (text, "no_such", "没有字段类型“no_such”。"),
    ):
        with pytest.raises(CustomFieldError) as refused:
            retyping.change_type(system, PROJECT, key, new)
        assert (refused.value.field, str(refused.value)) == ("type", sentence)
    assert retyping.change_type(system, PROJECT, empty, "choice", options=[{"label": "甲"}]).type == "choice"
    assert records.get(system, PROJECT, pk).values[text] == "A-1"


def test_the_history_of_a_former_type_stays_readable(projects: None, system: System) -> None:
    key = add(system, "日子", "text")
    pk = save(system, {key: "下周"}).demand().pk
    records.save(system, PROJECT, [{"pk": pk, key: ""}]).demand()

    retyping.change_type(system, PROJECT, key, "date")

    assert [change.kind for change in records.history(system, PROJECT, pk)] == ["changed", "created"]
    assert records.as_of(system, PROJECT, pk, records.get(system, PROJECT, pk).values["created_at"]).pk == pk


@pytest.mark.req("FLD-06")
def test_values_go_for_good_only_after_hiding_and_with_the_number_named(
    projects: None, system: System, member_factory: MemberFactory, run_jobs: Any
) -> None:
    boss = member_factory(role="admin", name="周敏").actor
    key = add(system, "旧字段", "text")
    pks = save(system, {key: "一"}, {key: "二"}, {}, {key: "三"}).demand().pks

    with pytest.raises(CustomFieldError, match="请先停用“旧字段”"):
        purging.purge_field(boss, PROJECT, key, expected=3)
    custom.hide_field(boss, PROJECT, key)
    assert [row.custom for row in records.query(system, PROJECT).order_by("pk")] == [
        {key: "一"},
        {key: "二"},
        {},
        {key: "三"},
    ]
    with pytest.raises(CustomFieldError, match="现在有 3 条记录填过“旧字段”，和刚才说的不一样"):
        purging.purge_field(boss, PROJECT, key, expected=2)

    purging.purge_field(boss, PROJECT, key, expected=3)
    (job,) = run_jobs()

    assert (job.state, job.title, job.message, job.result) == (
        "done", "清除测试项目“旧字段”的值", "已从 3 条记录清除。", {"records": 3},
    )  # fmt: skip
    assert [row.custom for row in records.query(system, PROJECT).order_by("pk")] == [{}] * 4
    (own,) = custom.fields(boss, PROJECT, hidden=True)
    assert own.purged.startswith("周敏于 ")
    assert own.purged.endswith(" 清除了 3 条记录里的值")
    custom.show_field(boss, PROJECT, key)
    assert records.get(system, PROJECT, pks[0]).values[key] is None
    assert not [c for change in records.history(system, PROJECT, pks[0]) for c in change.fields if c.field.key == key]
    assert CustomField.objects.get().purged == 3


@pytest.mark.req("FLD-06")
def test_a_field_that_is_in_use_again_is_left_alone(projects: None, system: System, run_jobs: Any) -> None:
    key = add(system, "旧字段", "text")
    pk = save(system, {key: "一"}).demand().pk
    custom.hide_field(system, PROJECT, key)
    purging.purge_field(system, PROJECT, key, expected=1)
    custom.show_field(system, PROJECT, key)

    (job,) = run_jobs()

    assert (job.state, job.message) == ("failed", "这个字段又在用了，没有清除。")
    assert records.get(system, PROJECT, pk).values[key] == "一"
