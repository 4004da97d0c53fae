"""Imports as jobs: progress, killed workers, cancelling, taking back, twins in the file, mended cells, people, history."""

from __future__ import annotations

import pytest

from kezhou import files, jobs, records
from kezhou.access.actor import System
from kezhou.exchange import imports, running
from kezhou.exchange.views import ExchangeError
from kezhou.jobs.models import Job
from kezhou.jobs.running import run as work
from kezhou.records.spec import NotAllowed, RecordNotFound
from tests.exchange.conftest import CONTACT, CUSTOMER, check, counts, rows, run

SYSTEM = System("a test looks at everything")


def customers(*names, extra=""):
    return ("客户名称,客户分类,负责人\n" + "".join(f"{name},企业客户,周敏{extra}\n" for name in names)).encode()


def many(number):
    return customers(*(f"第{each}号测试公司" for each in range(number)))


def names(type_key=CUSTOMER):
    request = records.ListRequest(columns=("name",), sort=("name",), size=500)
    return [row.texts[0] for row in records.page(SYSTEM, type_key, request)]


@pytest.mark.committed
def test_an_import_runs_as_a_job_with_progress_and_result(me, begin):
    batch = begin("名单.csv", many(1200))

    work(imports.check(me, batch).pk)
    checked = imports.batch(me, batch.pk)
    assert (checked.state, checked.counts) == ("checked", counts(new=1200))
    job = imports.run(me, checked)
    work(job.pk)

    done, job = imports.batch(me, batch.pk), jobs.get(me, job.pk)
    assert (done.state, done.counts) == ("done", counts(new=1200))
    assert (job.state, job.done, job.total) == ("done", 1200, 1200)
    assert job.message == "新增 1200 条，更新 0 条，重复 0 行，错误 0 行。"
    assert records.count(SYSTEM, CUSTOMER, records.ListRequest()) == 1200
    with pytest.raises(ExchangeError, match="正在进行或者已经结束"):
        imports.run(me, done)


@pytest.mark.committed
def test_a_killed_import_goes_on_without_doubles_and_loses_nothing(me, begin):
    batch = begin("名单.csv", many(1200))
    job = imports.run(me, batch)
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, attempts=1)

    class Killed(BaseException):
        """As when the process dies between two batches: nothing is written any more."""

    def die(done, total, message):
        if done == 1000:
            raise Killed

    with pytest.raises(Killed):
        running.run_import(me, batch, die)
    halfway = imports.batch(me, batch.pk)
    assert (halfway.state, halfway.position, halfway.counts) == ("running", {"0": 1001}, counts(new=1000))
    work(job.pk)

    done, job = imports.batch(me, batch.pk), jobs.get(me, job.pk)
    assert (done.state, done.counts, job.state, job.done) == ("done", counts(new=1200), "done", 1200)
    assert records.count(SYSTEM, CUSTOMER, records.ListRequest()) == 1200


@pytest.mark.committed
def test_a_cancelled_import_keeps_what_was_done_and_says_so(me, begin):
    batch = begin("名单.csv", many(600))
    job = imports.run(me, batch)
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, cancel_asked=False)

    def ask(done, total, message):
        jobs.cancel(me, job.pk)
        jobs.progress(Job.objects.get(pk=job.pk), done, total, message)

    with pytest.raises(jobs.JobCancelled):
        running.run_import(me, batch, ask)

    assert records.count(SYSTEM, CUSTOMER, records.ListRequest()) == 500


@pytest.mark.committed
def test_a_failed_import_says_why_keeps_its_rows_and_goes_on_when_asked(me, begin):
    batch = begin("名单.csv", many(600))
    path = files.location(me, batch.file_pk)
    content = path.read_bytes()
    path.write_bytes(b"%PDF-1.7")
    work(imports.run(me, batch).pk)

    failed = imports.batch(me, batch.pk)
    assert (failed.state, failed.result["error"]) == (
        "failed",
        "这其实是 PDF 文件，不是表格：请导入 .xlsx、.xls 或 .csv 文件。",
    )
    path.write_bytes(content)
    work(imports.run(me, failed).pk)
    done = imports.batch(me, batch.pk)
    assert (done.state, done.counts, "error" in done.result) == ("done", counts(new=600), False)
    with pytest.raises(ExchangeError, match="已经开始"):
        imports.check(me, done)


@pytest.mark.req("IMX-09", part="taken back as a whole while unused")
def test_an_import_is_taken_back_as_a_whole_while_unused(me, begin):
    kept = begin("旧.csv", customers("甲公司"))
    run(me, kept)
    batch = begin(
        "新.csv", "客户名称,备注,负责人\n甲公司,改过,周敏\n乙公司,,周敏\n丙公司,,周敏\n".encode(), mode="both"
    )
    assert run(me, batch) == counts(new=2, update=1)

    assert imports.undo(me, batch) == 3

    assert names() == ["甲公司"]
    assert batch.state == "undone"
    (row,) = records.page(SYSTEM, CUSTOMER, records.ListRequest()).rows
    assert records.get(SYSTEM, CUSTOMER, row.pk).values["remark"] is None
    with pytest.raises(ExchangeError, match="已经撤回"):
        imports.undo(me, batch)


def test_an_import_whose_record_is_used_is_not_taken_back(me, begin):
    batch = begin("名单.csv", customers("甲公司", "乙公司"))
    run(me, batch)
    (row,) = records.page(SYSTEM, CUSTOMER, records.ListRequest(filter=["name", "eq", "甲公司"])).rows
    records.save(me, CONTACT, [{"name": "李华", "customer": row.pk}]).demand()

    with pytest.raises(ExchangeError) as refused:
        imports.undo(me, batch)

    assert str(refused.value) == "不能撤回：客户“甲公司”已被联系人使用，不能撤销。"
    assert names() == ["甲公司", "乙公司"]


@pytest.mark.parametrize(
    ("mode", "came", "left"),
    [
        ("add", counts(new=2, twin=2), ["甲公司", "乙公司"]),
        ("both", counts(new=2, update=1, same=1), ["甲　公司", "乙公司"]),
    ],
)
def test_twins_inside_the_file_are_recognised(me, begin, mode, came, left):
    text = "客户名称,备注,负责人\n甲公司,一,周敏\n乙公司,,周敏\n甲 公司,二,周敏\n乙公司,,周敏\n"
    batch = begin("名单.csv", text.encode(), mode=mode)

    assert run(me, batch) == came
    assert len(names()) == 2
    if mode == "add":
        assert rows(batch, "twin") == [(4, "客户名称"), (5, "客户名称")]


@pytest.mark.req("CFG-03")
def test_a_row_whose_pair_does_not_belong_together_is_wrong(me, begin):
    text = (
        "客户名称,行业,行业细分,经营产品服务类别,经营产品服务子类别,所在地区,负责人\n"
        "甲公司,糖酒食品,白酒,差旅服务,机票,四川省成都市,周敏\n"
        "乙公司,旅游,白酒,差旅服务,机票,四川省成都市,周敏\n"
        "丙公司,旅游,,酒水食品,机票,四川省成都市,周敏\n"
        "丁公司,,副食,,啤酒,广东省成都市,周敏\n"
        "戊公司,,副食,,啤酒,成都市,周敏\n"
    )
    batch = begin("名单.csv", text.encode())

    assert run(me, batch) == counts(new=2, wrong=3)
    assert rows(batch, "wrong") == [(3, "行业细分"), (4, "经营产品服务子类别"), (5, "所在地区")]
    columns = ("industry", "industry_detail", "product_category", "product_subcategory")
    asked = records.ListRequest(columns=columns, sort=("name",), filter=["industry", "not_empty"])
    assert [row.texts for row in records.page(SYSTEM, CUSTOMER, asked)] == [
        ["糖酒食品", "白酒", "差旅服务", "机票"],
        ["糖酒食品", "副食", "酒水食品", "啤酒"],
    ]


def test_unknown_people_are_an_error_until_mapped_or_invited(me, begin):
    text = "客户名称,负责人\n甲公司,周敏\n乙公司,李雷\n丙公司,韩梅\n丁公司,李雷\n".encode()
    batch = begin("名单.csv", text)
    (sheet,) = imports.sheets(me, batch)
    owner = sheet.columns[1]

    assert [(value.text, value.rows, value.target, value.problem) for value in owner.values] == [
        ("周敏", 1, str(me.member_pk), None),
        ("李雷", 2, None, "没有名为“李雷”的成员。"),
        ("韩梅", 1, None, "没有名为“韩梅”的成员。"),
    ]
    assert check(me, batch) == counts(new=1, wrong=3)
    imports.set_plan(me, batch, {0: {"values": {1: {"李雷": str(me.member_pk), "韩梅": "invite"}}}})
    assert check(me, batch) == counts(new=4)
    assert run(me, batch) == counts(new=4)
    assert batch.result["notes"] == ["添加了 1 位未邀请的成员：韩梅。"]
    owners = records.page(SYSTEM, CUSTOMER, records.ListRequest(columns=("name", "owner"), sort=("name",)))
    assert dict(row.texts for row in owners) == {"甲公司": "周敏", "乙公司": "周敏", "丙公司": "韩梅", "丁公司": "周敏"}


def test_cells_are_mended_and_values_replaced_without_touching_the_file(me, begin):
    text = "客户名称,客户分类,电子邮件,负责人\n甲公司,钻石,a@b.cn,周敏\n乙公司,钻石,坏的,周敏\n丙公司,VIP客户,,周敏\n".encode()
    batch = begin("名单.csv", text)
    check(me, batch)
    page = imports.problems(me, batch, sheet=0, kind="wrong")

    assert [(row.number, [cell.state for cell in row.cells]) for row in page.rows] == [
        (2, ["ok", "wrong", "ok", "ok"]),
        (3, ["ok", "wrong", "wrong", "ok"]),
    ]
    assert [(group.title, group.rows) for group in imports.error_groups(me, batch, 0)] == [("客户分类", 2)]
    assert imports.replace(me, batch, sheet=0, column=1, old="钻石", new="VIP客户") == 2
    imports.fix(me, batch, sheet=0, row=3, column=2, text="c@d.cn")
    assert check(me, batch) == counts(new=3)
    assert [row.number for row in imports.problems(me, batch, sheet=0, kind="new").rows] == [2, 3, 4]
    assert run(me, batch) == counts(new=3)


def test_the_header_is_found_and_can_be_moved_and_columns_be_chosen(me, begin):
    text = "名单,,\n客户名称,落脚点,负责人\n甲公司,成都,周敏\n合计,,1\n".encode()
    batch = begin("名单.csv", text)
    (sheet,) = imports.sheets(me, batch)

    assert (sheet.header_row, sheet.rows, [row.reason for row in sheet.skipped]) == (2, 1, ["表头上方的标题", "合计行"])
    assert [column.field for column in sheet.columns] == ["name", None, "owner"]
    imports.set_plan(me, batch, {0: {"columns": {1: "city"}}})
    assert run(me, batch) == counts(new=1)
    again = begin("名单2.csv", text.replace("甲".encode(), "乙".encode()))
    (sheet,) = imports.sheets(me, again)
    assert [(column.field, column.confidence) for column in sheet.columns] == [
        ("name", "exact"),
        ("city", "history"),
        ("owner", "exact"),
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({5: {}}, "文件里没有第 6 张表。"),
        ({0: {"type_key": "no.such"}}, "没有可以导入的记录类型“no.such”。"),
        ({0: {"columns": {0: "no_such"}}}, "没有可以导入的字段“no_such”。"),
        ({0: {"columns": {9: "name"}}}, "表“文件”没有第 10 列。"),
        ({0: {"values": {1: {"企业客户": "diamond"}}}}, "“企业客户”不能对应到“diamond”。"),
        ({0: {"colums": {}}}, "导入设置里没有“colums”。"),
    ],
)
def test_a_plan_that_names_what_is_not_there_is_refused(me, begin, changes, sentence):
    batch = begin("名单.csv", customers("甲公司"))

    with pytest.raises(ExchangeError) as refused:
        imports.set_plan(me, batch, changes)

    assert str(refused.value) == sentence


def test_a_required_field_without_a_column_is_asked_for(me, begin):
    batch = begin("名单.csv", customers("甲公司"))
    imports.set_plan(me, batch, {0: {"columns": {0: None}}})

    with pytest.raises(ExchangeError, match="表“文件”缺少必填的列：客户名称。"):
        imports.check(me, batch)


@pytest.mark.req("IMX-09", part="log of imports, for oneself and for administrators")
def test_imports_are_logged_for_their_maker_and_for_administrators(me, begin, member_factory):
    seller = member_factory("sales", name="李雷").actor
    reader = member_factory("reader", name="韩梅").actor
    batch = begin("名单.csv", customers("甲公司"), actor=seller)

    assert [(each.file_name, each.member_name, each.mode) for each in imports.batches(me)] == [
        ("名单.csv", "李雷", "add")
    ]
    assert [each.pk for each in imports.batches(seller)] == [batch.pk]
    assert imports.batches(reader) == ()
    with pytest.raises(RecordNotFound):
        imports.batch(reader, batch.pk)
    with pytest.raises(NotAllowed):
        begin("名单.csv", customers("乙公司"), actor=reader)


def test_blank_cells_keep_old_values_unless_asked_otherwise(me, begin):
    run(me, begin("一.csv", "客户名称,备注,负责人\n甲公司,旧,周敏\n".encode()))
    blank = "客户名称,备注,负责人\n甲公司,,周敏\n".encode()

    assert run(me, begin("二.csv", blank, mode="both")) == counts(same=1)
    emptied = imports.set_mode(me, begin("三.csv", blank, mode="both"), mode="both", blank_keeps=False)
    assert run(me, emptied) == counts(update=1)
