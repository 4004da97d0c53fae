"""Records and their lines on sheets of their own: whole records come in or are refused, and what was exported comes back."""

from __future__ import annotations

from io import BytesIO

import openpyxl
import pytest

from kezhou import files, records
from kezhou.access.actor import System
from kezhou.exchange import exports, imports, nesting, running
from kezhou.exchange.models import ExportLog, ImportRow
from kezhou.exchange.sheets import write_workbook
from kezhou.exchange.views import ExchangeError
from kezhou.jobs.running import run as work
from kezhou.records.lines.reading import line_tables
from tests.exchange.conftest import check, counts, run, silent

SYSTEM = System("a test looks at everything")
ORDER, LINE = "testplugin.order", "testplugin.orderline"
HEAD, LINE_HEAD = ["编号", "名称", "客户"], ["测试订单编号", "项目", "数量", "单价"]


@pytest.fixture
def orders(me, plugins_on):
    plugins_on("customers", "testplugin")
    return me


def workbook(*sheets):
    target = BytesIO()
    write_workbook(target, sheets)
    return target.getvalue()


def book(parents, lines):
    head = ["编号", str(records.type_of(SYSTEM, ORDER).by_key["name"].label)]
    return workbook(("测试订单", [head, *parents]), ("测试明细", [LINE_HEAD, *lines]))


def told(batch):
    """(row number, sentences) of the wrong rows of all sheets."""
    found = ImportRow.objects.filter(batch=batch, kind="wrong").values_list("row", "problems")
    return [(row, "".join(sentence for _column, sentence in problems)) for row, problems in found]


def standing(number):
    """Name and rows of an order by its number; None when there is none."""
    found = records.page(SYSTEM, ORDER, records.ListRequest(columns=("name",), filter=["number", "eq", number])).rows
    if not found:
        return None
    entry = records.get(SYSTEM, ORDER, found[0].pk)
    (table,) = line_tables(SYSTEM, entry)
    return (entry.title, [(row.values["name"], row.values["quantity"], row.values["price"]) for row in table.rows])


def test_records_come_in_with_their_lines_in_the_files_order(orders, begin):
    content = book(
        [["A1", "会务"], ["A2", "接机"]], [["A2", "大巴", 2, 800], ["A1", "会场", 1, 1500], ["A2", "司机", 1, ""]]
    )
    batch = begin("订单.xlsx", content, type_key=ORDER)

    assert check(orders, batch) == counts(new=5)
    assert run(orders, batch) == counts(new=5)
    assert standing("A1") == ("会务", [("会场", 1, 1500)])
    assert standing("A2") == ("接机", [("大巴", 2, 800), ("司机", 1, None)])
    assert imports.undo(orders, batch) > 0
    assert standing("A1") is None


def test_one_wrong_line_keeps_its_whole_record_out_and_everything_is_told_at_its_row(orders, begin):
    content = book(
        [["A1", "会务"], ["A2", "接机"]],
        [["A1", "会场", 1, 1], ["A1", "午餐", "很多", 1], ["A2", "大巴", 1, 1], ["A9", "谁的", 1, 1]],
    )
    batch = begin("订单.xlsx", content, type_key=ORDER)

    for do in (check, run):
        assert do(orders, batch) == counts(new=2, wrong=4)
        assert told(batch) == [
            (2, "测试明细第 3 行：“很多”不是数字，请填写如 1234.5、1,234 或 3.2万 的数字。"),
            (2, "所属的测试订单“A1”没有导入，这一行也就没有导入。"),
            (3, "“很多”不是数字，请填写如 1234.5、1,234 或 3.2万 的数字。"),
            (5, "没有找到测试订单“A9”：文件的表里没有，系统里也没有，或者你无权查看。"),
        ]
    assert (standing("A1"), standing("A2")) == (None, ("接机", [("大巴", 1, 1)]))

    wrong = openpyxl.load_workbook(files.open(orders, imports.error_file(orders, batch).pk))
    assert [(sheet.title, sheet.max_row - 1) for sheet in wrong] == [("测试订单", 1), ("测试明细", 3)]


def test_a_wrong_record_keeps_its_lines_out(orders, begin):
    batch = begin("订单.xlsx", book([["A1", ""]], [["A1", "会场", 1, 1]]), type_key=ORDER)

    assert run(orders, batch) == counts(wrong=2)
    assert told(batch)[1] == (2, "所属的测试订单“A1”没有导入，这一行也就没有导入。")


@pytest.mark.parametrize(
    ("mode", "stands"),
    [
        ("add", [("甲", 1, 5), ("乙", 2, None), ("丙", 9, None)]),
        ("update", [("丙", 9, 5)]),
    ],
)
def test_lines_of_a_record_that_is_there_are_added_or_say_all_its_rows(orders, begin, mode, stands):
    given = [{"name": "甲", "quantity": 1, "price": 5}, {"name": "乙", "quantity": 2}]
    number = records.save(SYSTEM, ORDER, [{"name": "会务", "items": given}]).demand().pk
    number = records.get(SYSTEM, ORDER, number).values["number"]
    content = workbook(("测试明细", [LINE_HEAD, [number, "丙", 9, ""]]))
    batch = begin("明细.xlsx", content, type_key=ORDER, mode=mode)

    assert check(orders, batch) == counts(update=1)
    assert run(orders, batch) == counts(update=1)
    assert standing(number) == ("会务", stands)


def test_lines_of_records_that_somebody_may_not_change_are_told(orders, begin, member_factory):
    pk = records.save(SYSTEM, ORDER, [{"name": "会务", "state": "sent"}]).demand().pk
    records.save(SYSTEM, ORDER, [{"pk": pk, "state": "approved"}], source="system", verb="approve").demand()
    number = records.get(SYSTEM, ORDER, pk).values["number"]
    batch = begin("明细.xlsx", workbook(("测试明细", [LINE_HEAD, [number, "丙", 9, ""]])), type_key=ORDER)

    assert run(orders, batch) == counts(wrong=1)
    assert "不能修改" in told(batch)[0][1]


@pytest.mark.committed
def test_a_killed_import_of_records_with_lines_goes_on_without_doubles(orders, begin, monkeypatch):
    monkeypatch.setattr(nesting, "AT_ONCE", 2)
    parents = [[f"A{each}", f"第{each}单"] for each in range(1, 5)]
    lines = [[f"A{each}", f"行{place}", 1, 1] for each in range(1, 5) for place in (1, 2)]
    batch = begin("订单.xlsx", book(parents, lines), type_key=ORDER)

    class Killed(BaseException):
        """As when the process dies between two batches."""

    def die(done, total, message):
        if done >= 6:
            raise Killed

    with pytest.raises(Killed):
        running.run_import(orders, batch, die)
    halfway = imports.batch(orders, batch.pk)
    assert halfway.counts == counts(new=6)
    running.run_import(orders, halfway, silent)

    assert imports.batch(orders, batch.pk).counts == counts(new=12)
    assert [standing(f"A{each}") for each in range(1, 5)] == [
        (f"第{each}单", [("行1", 1, 1), ("行2", 1, 1)]) for each in range(1, 5)
    ]


def test_csv_has_no_room_for_lines_and_unknown_kinds_are_refused(orders):
    with pytest.raises(ExchangeError, match="CSV 只有一张表，放不下明细。请选 Excel，或者不带明细。"):
        exports.start(orders, ORDER, lines=("items",), format="csv")
    with pytest.raises(ExchangeError, match="没有可以导出的明细“no”。"):
        exports.start(orders, ORDER, lines=("no",))


@pytest.mark.committed
def test_lines_are_exported_with_their_records_number_even_when_that_was_not_chosen(orders):
    made = records.save(
        SYSTEM, ORDER, [{"name": "会务", "items": [{"name": "会场"}, {"name": "午餐"}]}, {"name": "空"}]
    )
    number = records.get(SYSTEM, ORDER, made.demand().pks[0]).values["number"]

    job = exports.start(orders, ORDER, columns=("name",), lines=("items",), sort="name")
    work(job.pk)

    log = ExportLog.objects.get()
    found = openpyxl.load_workbook(files.open(orders, log.file_pk))
    assert [sheet.title for sheet in found] == ["测试订单", "测试明细"]
    assert [[cell.value for cell in line][:2] for line in found["测试明细"].iter_rows()] == [
        LINE_HEAD[:2], [number, "会场"], [number, "午餐"],
    ]  # fmt: skip
    assert [line[1].value for line in found["测试订单"].iter_rows()][1:] == ["会务", "空"]
    assert log.sentence.endswith("；明细：测试明细；排序：name")
