"""Exports: the chosen columns, the list's filter and order, typed values, no formulas, the same rights as the list."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import openpyxl
import pytest
from django.utils import timezone

from kezhou import files, records
from kezhou.access.actor import System
from kezhou.exchange import exports, imports
from kezhou.exchange.models import ExportLog
from kezhou.exchange.views import ExchangeError
from kezhou.jobs import get
from kezhou.jobs.running import run as work
from kezhou.records import custom, shape
from kezhou.records.spec import FilterError, NotAllowed
from tests.exchange.conftest import CUSTOMER, counts, run

SYSTEM = System("a test looks at everything")


@pytest.fixture
def customers(me):
    made = [
        {"name": '=HYPERLINK("http://example.com")', "travel_budget": "1.5万", "category": "vip"},
        {"name": "乙公司", "travel_budget": "200.50", "registered_on": "2026-05-06", "remark": "+86 \u202e一\n二"},
        {"name": "甲公司", "owner": me.member_pk, "category": "company"},
    ]
    return records.save(SYSTEM, CUSTOMER, made).demand().pks


def exported(actor, **given):
    job = exports.start(actor, CUSTOMER, **given)
    work(job.pk)
    done = get(actor, job.pk)
    assert (done.state, done.message) == ("done", done.message)
    return files.open(actor, done.file).read()


@pytest.mark.committed
def test_a_workbook_holds_typed_values_in_the_lists_order(me, customers):
    columns = ("name", "travel_budget", "registered_on", "category", "owner")

    content = exported(me, columns=columns, sort="-travel_budget", filter='["registered_on", "not_empty"]')

    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    lines = list(sheet.iter_rows())
    today = records.get(SYSTEM, CUSTOMER, customers[0]).values["registered_on"]
    assert [[cell.value for cell in line] for line in lines] == [
        ["客户名称", "年度差旅预算", "登记日期", "客户分类", "负责人"],
        ['=HYPERLINK("http://example.com")', 15000, _midnight(today), "VIP客户", None],
        ["乙公司", 200.5, _midnight(date(2026, 5, 6)), None, None],
        ["甲公司", None, _midnight(today), "企业客户", "周敏"],
    ]
    assert lines[1][0].data_type == "s"


def _midnight(day):
    from datetime import datetime

    return datetime(day.year, day.month, day.day)


@pytest.mark.committed
def test_text_export_defuses_formulas_and_comes_back_by_import(me, customers, begin):
    content = exported(me, columns=("name", "remark"), sort="name", format="csv")

    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert lines == [
        ["客户名称", "备注"],
        ['\'=HYPERLINK("http://example.com")', ""],
        ["甲公司", ""],
        ["乙公司", "'+86 一\n二"],
    ]
    assert run(me, begin("再次.csv", content)) == counts(twin=3)


@pytest.mark.committed
@pytest.mark.req("IMX-09", part="log of exports")
def test_an_export_is_logged_and_its_file_expires(me, customers):
    exported(me, columns=("name",), q="甲公司")

    (log,) = exports.recent(me)
    assert (log.member_name, log.type_label, log.rows, log.sentence) == (
        "周敏",
        "客户",
        1,
        "列：客户名称；关键词：甲公司",
    )
    assert log.expires_at - timezone.now() < timedelta(days=7)
    assert ExportLog.objects.get(pk=log.pk).conditions == {"filter": "", "sort": "", "q": "甲公司", "lines": []}


@pytest.mark.committed
@pytest.mark.req("IMX-06", part="only what the list shows to the same person")
def test_an_export_holds_only_what_its_maker_may_see(me, customers, member_factory):
    manager = member_factory("manager", name="王主管").actor
    records.save(SYSTEM, CUSTOMER, [{"pk": customers[1], "owner": manager.member_pk}]).demand()

    content = exported(manager, columns=("name",), format="csv")

    assert content.decode("utf-8-sig").split() == ["客户名称", "乙公司"]
    assert exports.recent(manager)[0].rows == 1


def test_what_cannot_be_exported_is_refused(me, customers, member_factory):
    seller = member_factory("sales", name="李雷").actor

    with pytest.raises(NotAllowed, match="你没有导出客户的权限。"):
        exports.start(seller, CUSTOMER)
    with pytest.raises(ExchangeError, match="没有可以导出的列“secret”。"):
        exports.start(me, CUSTOMER, columns=("secret",))
    with pytest.raises(ExchangeError, match="没有导出格式“pdf”"):
        exports.start(me, CUSTOMER, format="pdf")
    with pytest.raises(FilterError):
        exports.start(me, CUSTOMER, filter='["nothing", "eq", 1]')


def test_personal_data_are_marked_among_the_columns_and_named_in_the_log(me, customers):
    own = custom.add_field(SYSTEM, CUSTOMER, label="宗教忌讳", kind="text", personal=True)
    plain = custom.add_field(SYSTEM, CUSTOMER, label="宣传语", kind="text")
    card = custom.add_field(SYSTEM, CUSTOMER, label="法人证件", kind="identity_card")

    me = shape.unversioned(me)
    marked = {each.key for each in exports.exportable(me, CUSTOMER) if each.personal}
    exports.start(me, CUSTOMER, columns=("name", own.key, plain.key, card.key))
    custom.change_field(SYSTEM, CUSTOMER, own.key, personal=False)
    exports.start(me, CUSTOMER, columns=("name", own.key))

    declared = {field.key for field in records.type_of(SYSTEM, CUSTOMER).fields if field.personal and not field.custom}
    assert marked == {own.key, card.key, *declared}
    assert [log.sentence for log in exports.recent(me)] == [
        "列：客户名称、宗教忌讳",
        "列：客户名称、宗教忌讳、宣传语、法人证件；含个人信息：宗教忌讳、法人证件",
    ]


def test_a_template_names_every_field_that_may_be_imported(me):
    file = exports.template(me, CUSTOMER)

    sheet = openpyxl.load_workbook(files.open(me, file.pk)).active
    titles = [cell.value for cell in next(sheet.iter_rows())]
    assert file.name == "客户导入模板.xlsx"
    assert titles[:4] == [each.label for each in exports.exportable(me, CUSTOMER) if each.label in titles][:4]
    assert {"客户名称", "客户分类", "年度差旅预算", "负责人"} <= set(titles)


@pytest.mark.req("IMX-04", part="a filled template imports without mapping")
def test_a_filled_template_imports_without_mapping(me, begin):
    file = exports.template(me, CUSTOMER)
    book = openpyxl.load_workbook(files.open(me, file.pk))
    titles = [cell.value for cell in next(book.active.iter_rows())]
    filled = {
        "客户名称": "甲公司",
        "客户分类": "VIP客户",
        "年度差旅预算": "3.2万",
        "负责人": "周敏",
        "登记日期": date(2026, 5, 6),
    }
    book.active.append([filled.get(title) for title in titles])
    content = io.BytesIO()
    book.save(content)

    batch = begin("模板.xlsx", content.getvalue())

    assert all(column.confidence == "exact" for column in imports.sheets(me, batch)[0].columns)
    assert run(me, batch) == counts(new=1)
    (row,) = records.page(SYSTEM, CUSTOMER, records.ListRequest(columns=("name", "category", "travel_budget"))).rows
    assert row.texts == ["甲公司", "VIP客户", "¥ 32,000"]


@pytest.mark.committed
def test_what_one_file_cannot_hold_is_told_in_file_job_and_log(me, customers, monkeypatch):
    monkeypatch.setattr("kezhou.exchange.exporting.SIZE", 2)
    monkeypatch.setattr("kezhou.exchange.exporting.MOST", 2)

    job = exports.start(me, CUSTOMER, columns=("name",), sort="name", format="csv")
    work(job.pk)

    done, told = get(me, job.pk), "只导出了前 2 行，后面还有。请加筛选条件，分几次导出。"
    lines = files.open(me, done.file).read().decode("utf-8-sig").splitlines()
    assert (len(lines), lines[-1], done.message) == (4, told, told)
    assert exports.recent(me)[0].sentence == f"列：客户名称；排序：name；{told}"
