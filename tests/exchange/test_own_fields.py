"""A tenant's own fields come in and go out like standard ones, and a member's rights bind an import as they bind a form."""

from __future__ import annotations

import io
from datetime import datetime
from decimal import Decimal

import openpyxl
import pytest

from kezhou import files, records
from kezhou.access.actor import System
from kezhou.access.actors import actor_for
from kezhou.exchange import exports, imports
from kezhou.jobs import get
from kezhou.jobs.running import run as work
from kezhou.records import custom
from tests.exchange.conftest import CUSTOMER, check, counts, rows, run

SYSTEM = System("a test looks at everything")
TEXT = "客户名称,负责人,合作级别,年营收,下次回访,会员号,是否上市\n甲公司,周敏,金牌,１.２亿,2026年5月6日,A-01,是\n乙公司,周敏,铜牌,多,2026-05-32,a,也许\n"


@pytest.fixture
def fields(me):
    return {
        "level": custom.add_field(
            me,
            CUSTOMER,
            label="合作级别",
            kind="choice",
            options=[{"label": "金牌", "hue": "amber"}, {"label": "银牌"}],
        ),
        "revenue": custom.add_field(me, CUSTOMER, label="年营收", kind="number", rules={"minimum": 0}),
        "visit": custom.add_field(me, CUSTOMER, label="下次回访", kind="date"),
        "code": custom.add_field(
            me, CUSTOMER, label="会员号", kind="text", rules={"pattern": "[A-Z]-[0-9]{2}", "pattern_hint": "如 A-01。"}
        ),
        "listed": custom.add_field(me, CUSTOMER, label="是否上市", kind="yes_no"),
    }


@pytest.mark.req("FLD-02", part="import and export")
@pytest.mark.committed
def test_own_fields_are_mapped_checked_imported_and_exported(me, fields, begin):
    me = actor_for(me.member_pk)  # as of a request after the fields were made
    batch = begin("名单.csv", TEXT.encode(), actor=me)
    (sheet,) = imports.sheets(me, batch)

    assert [column.field for column in sheet.columns] == ["name", "owner", *(field.key for field in fields.values())]
    assert check(me, batch) == counts(new=1, wrong=1)
    assert run(me, batch) == counts(new=1, wrong=1)
    assert [title for _row, title in rows(batch, "wrong")] == ["合作级别", "年营收", "下次回访", "会员号", "是否上市"]
    (row,) = records.page(SYSTEM, CUSTOMER, records.ListRequest()).rows
    values = records.get(SYSTEM, CUSTOMER, row.pk).values
    assert values[fields["revenue"].key] == Decimal(120000000)
    assert values[fields["listed"].key] is True

    job = exports.start(me, CUSTOMER, columns=["name", *(field.key for field in fields.values())])
    work(job.pk)

    content = files.open(me, get(me, job.pk).file).read()
    lines = [[cell.value for cell in line] for line in openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows()]
    assert lines == [
        ["客户名称", "合作级别", "年营收", "下次回访", "会员号", "是否上市"],
        ["甲公司", "金牌", 120000000, datetime(2026, 5, 6), "A-01", "是"],
    ]
    assert run(me, begin("回来.xlsx", content, mode="both", actor=me)) == counts(same=1)


def test_a_salesperson_may_enter_for_a_colleague_and_then_sees_only_own_ones(me, begin, member_factory):
    seller = member_factory("sales", name="李雷").actor
    mine = begin("我的.csv", "客户名称\n甲公司\n乙公司\n".encode(), actor=seller)
    foreign = begin("别人的.csv", "客户名称,负责人\n丙公司,周敏\n丁公司,李雷\n".encode(), actor=seller)

    assert run(seller, mine) == counts(new=2)
    assert run(seller, foreign) == counts(new=2)
    owners = records.page(SYSTEM, CUSTOMER, records.ListRequest(columns=("name", "owner", "created_by")))
    assert sorted(row.texts for row in owners) == [
        ["丁公司", "李雷", "李雷"],
        ["丙公司", "周敏", "李雷"],
        ["乙公司", "李雷", "李雷"],
        ["甲公司", "李雷", "李雷"],
    ]
    seen = records.page(seller, CUSTOMER, records.ListRequest(columns=("name",)))
    assert sorted(row.texts[0] for row in seen) == ["丁公司", "乙公司", "甲公司"]


def test_a_twin_that_the_importer_may_not_see_is_only_said_to_exist(me, begin, member_factory):
    run(me, begin("一.csv", "客户名称,负责人\n甲公司,周敏\n".encode()))
    seller = member_factory("sales", name="李雷").actor
    batch = begin("二.csv", "客户名称\n甲 公司\n乙公司\n".encode(), actor=seller, mode="both")

    assert check(seller, batch) == counts(new=1, twin=1)
    assert run(seller, batch) == counts(new=1, twin=1)
    (row,) = records.page(SYSTEM, CUSTOMER, records.ListRequest(filter=["name", "eq", "甲公司"])).rows
    assert records.get(SYSTEM, CUSTOMER, row.pk).values["owner"] == me.member_pk
