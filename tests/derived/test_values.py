"""Formulas, look-ups and roll-ups of real records: right after every way in which what they follow from can change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from kezhou import records
from kezhou.access.actor import System
from kezhou.records import custom
from kezhou.records.custom import CustomFieldError
from kezhou.records.derived import spreading
from kezhou.records.listing import ListRequest
from kezhou.records.models import CustomField
from kezhou.records.spec import Purpose
from kezhou.testing.contract import statements
from tests.derived.conftest import PROJECT, TASK, Add

pytestmark = pytest.mark.usefixtures("projects")
RunJobs = Callable[[], list[Any]]


def project(system: System, name: str = "甲", **values: Any) -> int:
    return records.save(system, PROJECT, [{"name": name, **values}], twins="allow").pk


def tasks(system: System, pk: int, *amounts: Any) -> tuple[int, ...]:
    rows = [{"name": f"任务{n}", "project": pk, "amount": amount} for n, amount in enumerate(amounts)]
    return records.save(system, TASK, rows).demand().pks


def read(system: System, key: str, pk: int, type: str = PROJECT) -> Any:
    return records.get(system, type, pk).values[key]


@pytest.mark.req("FLD-01", part="formula")
def test_a_formula_is_computed_with_its_record(system: System, add: Add) -> None:
    per_head = add("formula", formula="{预算} / {人数}", result="money")
    word = add("formula", label="规模", formula=f'IF({{{per_head}}} > 100, "高", "低")', result="text")

    pk = project(system, budget="1000", people="3")
    first = read(system, per_head, pk), read(system, word, pk)
    records.save(system, PROJECT, [{"pk": pk, "people": 100}]).demand()
    second = read(system, per_head, pk), read(system, word, pk)
    records.save(system, PROJECT, [{"pk": pk, "people": None}]).demand()

    assert first == (Decimal("333.33"), "高")
    assert second == (Decimal(10), "低")
    assert (read(system, per_head, pk), read(system, word, pk)) == (None, "低")
    told = {f.field.key: (f.old, f.new) for f in records.history(system, PROJECT, pk)[1].fields}
    assert told[per_head] == (Decimal("333.33"), Decimal(10))


@pytest.mark.req("FLD-01", part="a derived field is in list, filter, sort and API as any other, and nobody writes it")
def test_every_reader_knows_it_and_nobody_writes_it(system: System, add: Add) -> None:
    key = add("formula", formula="{people} * 2", result="number", decimals="0")
    pks = [project(system, f"项目{n}", people=n) for n in (3, 1, 2)]

    page = records.page(system, PROJECT, ListRequest(columns=("name", key), filter=[key, "gte", 4], sort=(f"-{key}",)))
    refused = records.save(system, PROJECT, [{"pk": pks[0], key: 5}])
    also = records.save(system, PROJECT, [{"pk": pks[0], key: 5}], source="system")

    assert [row.values[1] for row in page] == [Decimal(6), Decimal(4)]
    assert page.rows[0].rest[key] == 6
    assert (refused.sentence, also.sentence) == ("你不能修改“formula字段”。",) * 2
    assert key not in {field.key for field in records.fields_for(PROJECT, system, Purpose.WRITE)}
    assert key not in {field.key for field in records.fields_for(PROJECT, system, Purpose.IMPORT)}
    assert key in {field.key for field in records.fields_for(PROJECT, system, Purpose.EXPORT)}


@pytest.mark.req("FLD-01", part="roll-up")
def test_a_roll_up_follows_its_lines_through_everything(system: System, add: Add) -> None:
    total = add("rollup", source="testplugin.task:project", function="sum", field="amount", label="合计")
    count = add("rollup", source="testplugin.task:project", function="count", label="几条")
    big = add(
        "rollup",
        source="testplugin.task:project",
        function="count",
        label="大额",
        where=["and", [["amount", "gte", 100]]],
    )
    most = add("rollup", source="testplugin.task:project", function="max", field="amount", label="最大")
    mean = add("rollup", source="testplugin.task:project", function="avg", field="amount", label="平均")
    last = add("rollup", source="testplugin.task:project", function="last", field="name", label="最后", by="amount")
    left = add("formula", formula=f"{{预算}} - {{{total}}}", result="money", label="余额")
    keys = (total, count, big, most, mean, last, left)

    def now(pk: int) -> tuple[Any, ...]:
        return tuple(records.get(system, PROJECT, pk).values[key] for key in keys)

    pk, other = project(system, budget=1000), project(system, "乙")
    assert now(pk) == (0, 0, 0, None, None, None, 1000)
    one, two, three = tasks(system, pk, 50, 100, 150)
    assert now(pk) == (300, 3, 2, 150, 100, "任务2", 700)
    records.save(system, TASK, [{"pk": one, "amount": 300}]).demand()
    assert now(pk) == (550, 3, 3, 300, Decimal("183.33"), "任务0", 450)
    records.save(system, TASK, [{"pk": one, "project": other}]).demand()
    assert (now(pk)[:2], now(other)[:2]) == ((250, 2), (300, 1))
    assert records.delete(system, TASK, [two]).ok
    assert now(pk) == (150, 1, 1, 150, 150, "任务2", 850)
    assert records.restore(system, TASK, [two]).ok
    assert now(pk)[:2] == (250, 2)
    assert records.delete(system, PROJECT, [pk]).ok, "takes its tasks along"
    assert records.restore(system, PROJECT, [pk]).ok
    assert now(pk)[:2] == (250, 2)
    records.save(system, TASK, [{"pk": three, "amount": None}]).demand()
    assert now(pk) == (100, 2, 1, 100, 100, "任务1", 900)


@pytest.mark.req("FLD-01", part="look-up")
def test_a_look_up_follows_its_record(system: System, add: Add) -> None:
    phone = add("lookup", type=TASK, link="project", field="phone", label="项目电话")
    kind = add("lookup", type=TASK, link="project", field="kind", label="项目类别")
    word = add("formula", type=TASK, formula=f'{{{kind}}} & "：" & {{任务}}', result="text", label="全称")
    pk, other = project(system, phone="13800000000", kind="big"), project(system, "乙", kind="small")
    (task,) = tasks(system, pk, 1)

    assert [read(system, key, task, TASK) for key in (phone, kind, word)] == ["13800000000", "big", "大项目：任务0"]
    records.save(system, PROJECT, [{"pk": pk, "phone": "13900000000"}]).demand()
    assert read(system, phone, task, TASK) == "13900000000"
    records.save(system, TASK, [{"pk": task, "project": other}]).demand()
    assert [read(system, key, task, TASK) for key in (phone, kind, word)] == [None, "small", "小项目：任务0"]
    shown = records.page(system, TASK, ListRequest(columns=(kind,), filter=[kind, "in", ["小项目"]]))
    assert [row.texts[0] for row in shown] == ["小项目"]


def test_a_cleared_link_empties_what_was_looked_up(system: System, add: Add) -> None:
    key = add("lookup", type="testplugin.note", link="project", field="name")
    pk = project(system, "会清空")
    note = records.save(system, "testplugin.note", [{"name": "便条", "project": pk}]).pk
    assert read(system, key, note, "testplugin.note") == "会清空"

    assert records.delete(system, PROJECT, [pk]).ok

    assert read(system, key, note, "testplugin.note") is None


def test_levels_run_through_several_types(system: System, add: Add) -> None:
    """Task amount → project total → customer's sum of totals → looked up by the project again."""
    total = add("rollup", source="testplugin.task:project", function="sum", field="amount", label="合计")
    worth = add("rollup", type="customers.customer", source="testplugin.project:customer", function="sum", field=total)
    back = add("lookup", link="customer", field=worth, label="客户总额")
    share = add("formula", formula=f"ROUND({{{total}}} / {{{back}}} * 100, 0)", result="number", label="占比")
    customer = records.save(system, "customers.customer", [{"name": "川西能源"}], source="system").pk
    one, two = project(system, customer=customer), project(system, "乙", customer=customer)

    tasks(system, one, 100, 200)
    tasks(system, two, 700)

    assert read(system, worth, customer, "customers.customer") == 1000
    assert [read(system, share, pk) for pk in (one, two)] == [30, 70]


@pytest.mark.req("PLT-15", part="a recomputed value is no edit of somebody else")
def test_a_recomputed_record_keeps_version_and_conflicts_nobody(system: System, add: Add) -> None:
    total = add("rollup", source="testplugin.task:project", function="sum", field="amount")
    pk = project(system)
    before = records.get(system, PROJECT, pk)

    action = records.save(system, TASK, [{"name": "任务", "project": pk, "amount": 5}]).action
    after = records.get(system, PROJECT, pk)
    told = records.history(system, PROJECT, pk)[0]

    assert after.version == before.version
    assert after.values["changed_at"] == before.values["changed_at"]
    assert (told.kind, told.source, [(f.field.key, f.old, f.new) for f in told.fields]) == (
        "changed", "derived", [(total, 0, 5)],
    )  # fmt: skip
    assert records.save(system, PROJECT, [{"pk": pk, "version": before.version, "people": 4}]).ok
    assert records.as_of(system, PROJECT, pk, before.values["changed_at"]).values[total] == 0
    assert records.undo(system, action).ok, "the project it changed along the way does not stand in the way"
    assert read(system, total, pk) == 0


def test_statements_do_not_depend_on_the_number_of_rows(system: System, add: Add) -> None:
    total = add("rollup", source="testplugin.task:project", function="sum", field="amount")
    add("lookup", type=TASK, link="project", field=total)
    pks = [project(system, f"项目{n}") for n in range(10)]

    def save(count: int) -> int:
        rows = [{"name": f"任务{n}", "project": pks[n % 10], "amount": n} for n in range(count)]
        return statements(lambda: records.save(system, TASK, rows).demand())

    assert save(10) == save(200)


def test_types_without_followers_pay_nothing(system: System, add: Add) -> None:
    row = [{"name": "账单"}]
    records.save(system, "testplugin.bill", row).demand()
    before = statements(lambda: records.save(system, "testplugin.bill", row).demand())
    add("rollup", source="testplugin.task:project", function="sum", field="amount")
    records.save(system, "testplugin.bill", row).demand()

    assert statements(lambda: records.save(system, "testplugin.bill", row).demand()) == before


@pytest.mark.req("FLD-07", part="a derived field is filled by a job, no row is written in the request")
def test_a_new_definition_fills_old_rows_in_the_background(
    system: System, add: Add, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kezhou.records.derived.jobs.BATCH", 2)
    pks = [project(system, f"项目{n}", people=n) for n in range(5)]
    versions = [records.get(system, PROJECT, pk).version for pk in pks]
    key = add("formula", formula="{people} + 1", result="number")
    total = add("rollup", source="testplugin.project:customer", type="customers.customer", function="sum", field=key)
    customer = records.save(system, "customers.customer", [{"name": "川西能源"}], source="system").pk
    assert [read(system, key, pk) for pk in pks] == [None] * 5

    filled = run_jobs()

    assert [read(system, key, pk) for pk in pks] == [1, 2, 3, 4, 5]
    assert filled[0].result == {"records": 5, "changed": 5}
    assert [records.get(system, PROJECT, pk).version for pk in pks] == versions
    assert len(records.history(system, PROJECT, pks[0])) == 1, "a new definition is no change of the record"
    records.save(system, PROJECT, [{"pk": pk, "customer": customer} for pk in pks]).demand()
    assert read(system, total, customer, "customers.customer") == 15
    custom.change_field(system, PROJECT, key, rules={"formula": "{people} * 10"})
    (again,) = run_jobs()
    assert again.result == {"records": 5, "changed": 5}
    assert read(system, total, customer, "customers.customer") == 100, "followers of the definition follow as well"


def test_a_killed_fill_goes_on_where_it_stopped(
    system: System, add: Add, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kezhou.records.derived.jobs.BATCH", 2)
    pks = [project(system, f"项目{n}", people=n) for n in range(6)]
    key = add("formula", formula="{people} + 1", result="number")
    job = _job_of(key)
    job.params |= {"after": pks[3], "done": 4, "changed": 4}
    job.save()

    (done,) = run_jobs()

    assert done.result == {"records": 6, "changed": 6}
    assert [read(system, key, pk) for pk in pks] == [None] * 4 + [5, 6]


def _job_of(key: str) -> Any:
    from kezhou.jobs.models import Job

    return Job.objects.get(pk=CustomField.objects.get(pk=int(key[2:])).fill_job)


def test_many_followers_are_left_to_a_job(
    system: System, add: Add, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreading, "MOST", 3)
    key = add("lookup", type=TASK, link="project", field="name")
    pk = project(system, "旧名")
    made = tasks(system, pk, 1, 2, 3, 4)
    run_jobs()

    records.save(system, PROJECT, [{"pk": pk, "name": "新名"}]).demand()

    assert {read(system, key, task, TASK) for task in made} == {"旧名"}
    (job,) = run_jobs()
    assert job.result == {"records": 4, "changed": 4}
    assert {read(system, key, task, TASK) for task in made} == {"新名"}
    assert records.history(system, TASK, made[0])[0].source == "derived"


@pytest.mark.parametrize(
    ("kind", "type", "rules", "field", "sentence"),
    [
        ("formula", PROJECT, {"formula": "{预算"}, "formula", "第 1 个字：花括号没有配对，字段名要写在一对花括号里。"),
        ("formula", PROJECT, {"formula": "{项目名称}"}, "result", "公式算出来的是文本，与选择的结果类型“数字”不符。"),
        ("formula", PROJECT, {"formula": "1", "result": "link"}, "result", "请选择公式的结果是什么。"),
        ("lookup", TASK, {"link": "amount"}, "link", "请选择沿着哪个关联字段去查。"),
        ("lookup", TASK, {"link": "project", "field": "nothing"}, "field", "请选择要取测试项目的哪个字段。"),
        ("rollup", PROJECT, {"source": "testplugin.bill:name"}, "source", "请选择汇总哪类记录。"),
        ("rollup", PROJECT, {"function": "median"}, "function", "请选择怎样汇总。"),
        ("rollup", PROJECT, {"function": "sum", "field": "name"}, "field", "“任务”不是数字，不能求和或平均。"),
        ("rollup", PROJECT, {"function": "max", "field": "name"}, "field", "“任务”比不出大小，请选数字或日期。"),
        ("rollup", PROJECT, {"function": "count", "where": ["created_at", "relative", "today"]}, "where",
         "汇总的条件不能用“今天”“本月”这类会变的日期。"),
        ("rollup", PROJECT, {"function": "count", "where": ["x", "eq", 1]}, "where", "“测试任务”没有字段“x”。"),
        ("rollup", PROJECT, {"function": "count", "where": "{"}, "where", None),
    ],
)  # fmt: skip
def test_a_wrong_definition_is_told_at_its_place(
    system: System, kind: str, type: str, rules: Any, field: str, sentence: str | None
) -> None:
    if kind == "rollup":
        rules = {"source": "testplugin.task:project", **rules}
    with pytest.raises(CustomFieldError) as refused:
        custom.add_field(system, type, label="错的", kind=kind, rules=rules)

    assert refused.value.field == field
    assert sentence is None or str(refused.value) == sentence


@pytest.mark.req("FLD-01", part="formula: no field follows from itself")
def test_circles_are_refused_with_the_way_round(system: System, add: Add) -> None:
    one = add("formula", formula="{人数} + 1", result="number", label="一")
    two = add("formula", formula=f"{{{one}}} + 1", result="number", label="二")
    total = add("rollup", type="customers.customer", source="testplugin.project:customer", function="sum", field=two,
                label="总数")  # fmt: skip

    with pytest.raises(CustomFieldError, match=r"测试项目\.一 → 测试项目\.一"):
        custom.change_field(system, PROJECT, one, rules={"formula": "{一} + 1"})
    with pytest.raises(CustomFieldError) as by_formula:
        custom.change_field(system, PROJECT, one, rules={"formula": "{二} + 1"})
    back = add("lookup", link="customer", field=total, label="客户总数")
    with pytest.raises(CustomFieldError) as by_link:
        custom.change_field(system, PROJECT, one, rules={"formula": "{客户总数} + 1"})

    assert str(by_formula.value) == (
        "字段绕了一圈又用到自己：测试项目.一 → 测试项目.二 → 测试项目.一。请去掉其中一处引用。"
    )
    assert "测试项目.一 → 测试项目.客户总数 → 客户.总数 → 测试项目.二 → 测试项目.一" in str(by_link.value)
    assert read(system, back, project(system, people=1)) is None


def test_what_others_follow_from_is_not_hidden(system: System, add: Add) -> None:
    base = custom.add_field(system, PROJECT, label="单价", kind="money").key
    key = add("formula", formula="{单价} * 2", result="money", label="两倍")
    pk = project(system, **{base: 5})

    with pytest.raises(CustomFieldError, match=r"“单价”被测试项目\.两倍用着，不能停用。请先修改它们。"):
        custom.hide_field(system, PROJECT, base)
    custom.change_field(system, PROJECT, base, label="售价")
    custom.hide_field(system, PROJECT, key)
    custom.hide_field(system, PROJECT, base)

    assert key not in records.get(system, PROJECT, pk).values
    custom.show_field(system, PROJECT, key)
    assert read(system, key, pk) == 10, "it names what is gone: its values stay, as they were"
    records.save(system, PROJECT, [{"pk": pk, "people": 1}]).demand()
    custom.show_field(system, PROJECT, base)
    records.save(system, PROJECT, [{"pk": pk, base: 7}]).demand()
    assert read(system, key, pk) == 14


def test_the_type_of_a_result_stays(system: System, add: Add) -> None:
    key = add("formula", formula="{人数} + 1", result="number")

    with pytest.raises(CustomFieldError, match="结果原来是数字，不能改成金额。请另建一个字段。"):
        custom.change_field(system, PROJECT, key, rules={"formula": "1", "result": "money"})


def test_dates_and_yes_no_results(system: System, add: Add) -> None:
    end = add("formula", formula="{开始日期} + {人数}", result="date", label="结束")
    long = add("formula", formula=f"{{{end}}} - {{开始日期}} > 5", result="yes_no", label="长期")
    first = add("rollup", type="customers.customer", source="testplugin.project:customer", function="min", field=end)
    any_long = add("rollup", type="customers.customer", source="testplugin.project:customer", function="last", field=long,
                   label="最近是否长期")  # fmt: skip
    customer = records.save(system, "customers.customer", [{"name": "川西能源"}], source="system").pk
    pk = project(system, starts_on="2026-01-30", people=3, customer=customer)
    project(system, "乙", starts_on="2026-01-30", people=30, customer=customer)

    assert (read(system, end, pk), read(system, long, pk)) == (date(2026, 2, 2), False)
    assert read(system, first, customer, "customers.customer") == date(2026, 2, 2)
    assert read(system, any_long, customer, "customers.customer") is True
