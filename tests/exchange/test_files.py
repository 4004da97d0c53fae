"""The four files of the requirement come in exactly as `expected.json` says (issue 3, step 5 and bad input)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from kezhou import files, records
from kezhou.access.actor import System
from kezhou.access.actors import actor_for
from kezhou.access.entitlements import entitled
from kezhou.exchange import imports
from kezhou.exchange.models import ImportRow
from kezhou.exchange.readers import open_table
from tests.exchange.conftest import CONTACT, CUSTOMER, EXPECTED, OPPORTUNITY, check, counts, invite, rows, run

SYSTEM = System("a test looks at everything")


def number_of(type_key: str) -> int:
    return records.count(SYSTEM, type_key, records.ListRequest(exact=True))


def one(type_key: str, name: str) -> Any:
    found = records.page(SYSTEM, type_key, records.ListRequest(filter=["name", "eq", name]))
    (row,) = found.rows
    return records.get(SYSTEM, type_key, row.pk)


@pytest.mark.req("IMX-01", part="mapping, check and import without the pages")
def test_three_sheets_come_in_mapped_by_header_and_linked_by_name(me, begin):
    batch = begin("customers.xlsx")
    sheets = imports.sheets(me, batch)
    seats = entitled("seats", 0).used

    assert [(sheet.type_key, sheet.rows, sheet.missing) for sheet in sheets] == [
        (CUSTOMER, EXPECTED["customers"], ()),
        (CONTACT, EXPECTED["contacts"], ()),
        (OPPORTUNITY, EXPECTED["opportunities"], ()),
    ]
    assert [column.field for column in sheets[0].columns] == [
        "name", "category", "assessment", "industry", "ownership", "size", "credit_code", "province", "city", "address",
        "phone", "email", "owner", "travel_budget", "registered_on", "remark",
    ]  # fmt: skip
    assert [column.field for column in sheets[1].columns] == [
        "name", "customer", "position", "mobile", "email", "birth_date", "importance", "remark",
    ]  # fmt: skip
    assert [column.field for column in sheets[2].columns] == [
        "name", "customer", "stage", "amount", "expected_on", "owner", "competitor",
    ]  # fmt: skip
    invite(me, batch)
    total = EXPECTED["customers"] + EXPECTED["contacts"] + EXPECTED["opportunities"]

    assert check(me, batch) == counts(new=total)
    assert number_of(CUSTOMER) == 0
    assert run(me, batch) == counts(new=total)

    assert (number_of(CUSTOMER), number_of(CONTACT), number_of(OPPORTUNITY)) == (2000, 3483, 666)
    customer = one(CUSTOMER, "林芝佳禾酒店管理集团有限公司")
    assert {key: customer.text(key) for key in ("category", "assessment", "owner", "registered_on", "phone")} == {
        "category": "企业客户",
        "assessment": "潜在客户",
        "owner": "康爽婷",
        "registered_on": "2024年12月16日",
        "phone": "0703-82675567",
    }
    assert customer.values["travel_budget"] == Decimal(1172000)
    assert customer.values["created_by"] == me.member_pk
    assert one(CONTACT, "高亚慧").values["customer"] == customer.pk
    assert entitled("seats", 0).used == seats
    assert actor_for(customer.values["owner"]) is None


def test_a_messy_workbook_brings_two_hundred_new_ones_and_twenty_twins(me, begin, salespeople):
    run(me, begin("customers.xlsx"))

    batch = begin("customers-messy.xlsx")
    (sheet,) = imports.sheets(me, batch)

    assert batch.encoding == ""
    assert sheet.header_row == 3
    assert [(row.row, row.reason) for row in sheet.skipped] == [
        (1, "表头上方的标题"),
        (2, "表头上方的标题"),
        (224, "合计行"),
    ]
    wanted = counts(new=EXPECTED["messy_new"], twin=EXPECTED["messy_twins"])
    assert check(me, batch) == wanted
    assert run(me, batch) == wanted
    assert number_of(CUSTOMER) == EXPECTED["customers"] + EXPECTED["messy_new"]
    assert ImportRow.objects.filter(batch=batch, kind="twin").count() == EXPECTED["messy_twins"]
    twin = ImportRow.objects.filter(batch=batch, kind="twin").earliest("row")
    assert twin.sentence.startswith("客户名称与已有的客户“")


def test_twins_are_updated_when_that_was_chosen(me, begin, salespeople):
    run(me, begin("customers.xlsx"))
    batch = begin("customers-messy.xlsx", mode="both")

    assert check(me, batch) == counts(new=200, update=20)
    # Nineteen of the twins say the same as before: only one, whose name is spelt otherwise, is written.
    assert run(me, batch) == counts(new=200, update=1, same=19)
    assert number_of(CUSTOMER) == 2200


def test_only_updating_leaves_out_what_is_not_there(me, begin, salespeople):
    run(me, begin("customers.xlsx"))
    batch = begin("customers-messy.xlsx", mode="update")

    assert check(me, batch) == counts(update=20, wrong=200)
    assert run(me, batch) == counts(update=1, same=19, wrong=200)
    assert number_of(CUSTOMER) == 2000
    assert ImportRow.objects.filter(batch=batch, kind="wrong").values_list("sentence").distinct().get() == (
        "没有找到要更新的客户。",
    )


def test_gb18030_is_recognised_and_told(me, begin, salespeople):
    batch = begin("customers-gb18030.csv")

    assert batch.encoding == "GB18030"
    assert check(me, batch) == counts(new=EXPECTED["gb18030"])
    assert run(me, batch) == counts(new=EXPECTED["gb18030"])
    first = one(CUSTOMER, "北京东城恒基博远投资（集团）有限公司")
    assert first.values["remark"] == "第一行；含分号,逗号\n还有换行"
    assert first.values["travel_budget"] == Decimal(376000)


SENTENCES = {
    2: ("客户名称", "请填写客户名称。"),
    3: ("客户类别", "“钻石客户”不是客户分类的选项，可选：企业客户、普通客户、VIP客户。"),
    4: ("年度差旅预算", "“约五十万”不是金额，请填写如 1234.5、￥1,234.00 或 3.2万元 的金额。"),
    5: ("登记日期", "“2024年13月40日”不是日期，请填写如 2026-05-06、2026/5/6 或 2026年5月6日 的日期。"),
    6: ("电子邮件", "“没有邮箱”不是电子邮件地址，请填写如 name@example.com 的地址。"),
    7: ("统一社会信用代码", "“91510100MA6XXXXXXX”不是统一社会信用代码：校验位不对，请逐位核对。"),
    8: ("客户名称", "客户名称最多 100 个字，现在是 400 个，请缩短。"),
    9: ("负责人", "没有名为“查无此人”的成员，请为负责人选择一位成员，或先添加这位成员。"),
    10: ("年度差旅预算", "年度差旅预算不能小于 0，现在是 -1。"),
}


@pytest.mark.req("IMX-05", part="checked with the rules of the form; rows with line, column and reason in a file")
def test_every_bad_row_is_named_with_row_column_and_reason(me, begin, salespeople, tmp_path):
    batch = begin("customers-bad.csv")

    assert batch.encoding == "UTF-8（带 BOM）"
    assert check(me, batch) == counts(new=1, wrong=9, noted=1)
    dry = rows(batch, "wrong")
    assert run(me, batch) == counts(new=1, wrong=9, noted=1)
    assert rows(batch, "wrong") == dry == [(bad["row"], bad["column"]) for bad in EXPECTED["bad"][:-1]]
    assert rows(batch, "noted") == [(EXPECTED["bad"][-1]["row"], EXPECTED["bad"][-1]["column"])]
    kept = one(CUSTOMER, '=HYPERLINK("http://example.com")')
    assert kept.values["name"] == '=HYPERLINK("http://example.com")'

    table = open_table(files.location(me, imports.error_file(me, batch).pk))
    head, *lines = [cells for _number, cells in table.rows(0)]
    assert head[-3:] == ["原行号", "出错的列", "错误原因"]
    assert {int(line[-3]): (line[-2], line[-1]) for line in lines} == SENTENCES
    assert lines[1][:3] == ["开封嘉年文化传媒股份有限公司", "钻石客户", "客户"]


def test_the_error_file_mended_can_be_imported_again(me, begin, salespeople):
    batch = begin("customers-bad.csv")
    run(me, batch)
    errors = files.location(me, imports.error_file(me, batch).pk).read_bytes()

    again = begin("错误行.xlsx", errors)
    (sheet,) = imports.sheets(me, again)
    imports.set_plan(me, again, {0: {"values": {1: {"钻石客户": "vip"}}}})

    assert [column.field for column in sheet.columns[-3:]] == [None, None, None]
    assert run(me, again) == counts(new=1, wrong=8)
    assert one(CUSTOMER, "开封嘉年文化传媒股份有限公司").values["category"] == "vip"
