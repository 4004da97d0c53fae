"""Line items: saved, told and taken back with the record that holds them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kezhou import records
from kezhou.access.actor import System
from kezhou.records.lines.reading import line_tables, line_tables_as_of, line_tables_of
from kezhou.records.listing import ListRequest
from kezhou.records.spec import NotAllowed, RecordNotFound
from kezhou.sdk.hooks import Grant

pytestmark = pytest.mark.usefixtures("projects")

ORDER, LINE = "testplugin.order", "testplugin.orderline"


def count(actor: Any, key: str) -> int:
    return records.count(actor, key, ListRequest())


def order(actor: Any, *rows: dict[str, Any], **values: Any) -> int:
    return records.save(actor, ORDER, [{"name": "会务", "items": list(rows), **values}]).demand().pk


def rows_of(actor: Any, pk: int) -> list[tuple[str, int, Decimal | None]]:
    (table,) = line_tables(actor, records.get(actor, ORDER, pk))
    return [(row.values["name"], row.values["quantity"], row.values["price"]) for row in table.rows]


def pks_of(actor: Any, pk: int) -> list[int]:
    return [row.pk for row in line_tables(actor, records.get(actor, ORDER, pk))[0].rows]


def test_lines_are_created_with_their_record_in_order_and_summed(system: System) -> None:
    pk = order(
        system, {"name": "会场", "quantity": "2", "price": "1,500"}, {"name": "午餐", "quantity": 30, "price": 68}
    )

    (table,) = line_tables(system, records.get(system, ORDER, pk))

    assert rows_of(system, pk) == [("会场", 2, Decimal(1500)), ("午餐", 30, Decimal(68))]
    assert table.totals == {"quantity": Decimal(32), "price": Decimal(1568)}
    assert [field.key for field in table.columns] == ["name", "quantity", "price", "served_on", "supplier"]


def test_rows_are_changed_added_removed_and_reordered_in_one_save(system: System) -> None:
    pk = order(system, {"name": "甲"}, {"name": "乙"}, {"name": "丙"})
    first, second, third = pks_of(system, pk)

    result = records.save(
        system,
        ORDER,
        [{"pk": pk, "version": 1, "items": [{"pk": third}, {"pk": first, "quantity": 5}, {"name": "丁"}]}],
    ).demand()

    assert [row[:2] for row in rows_of(system, pk)] == [("丙", 1), ("甲", 5), ("丁", 1)]
    assert (result.saved[0].kind, result.saved[0].version) == ("changed", 2)
    with pytest.raises(RecordNotFound):
        records.get(system, LINE, second)


def test_the_same_rows_again_change_nothing(system: System) -> None:
    pk = order(system, {"name": "甲", "quantity": 2}, {"name": "乙"})
    again = [{"pk": line, "name": name} for line, name in zip(pks_of(system, pk), ("甲", "乙"), strict=True)]

    result = records.save(system, ORDER, [{"pk": pk, "items": again}]).demand()

    assert (result.saved[0].kind, records.get(system, ORDER, pk).version) == ("same", 1)


def test_lines_that_are_not_named_stay(system: System) -> None:
    pk = order(system, {"name": "甲"})

    records.save(system, ORDER, [{"pk": pk, "name": "改名"}]).demand()

    assert [row[0] for row in rows_of(system, pk)] == ["甲"]


@pytest.mark.parametrize(
    ("row", "field", "sentence"),
    [
        (
            {"name": "会场", "quantity": "很多"},
            "items.1.quantity",
            "“很多”不是数字，请填写如 1234.5、1,234 或 3.2万 的数字。",
        ),
        ({"quantity": 1}, "items.1.name", "请填写项目。"),
        ({"name": "会场", "price": "-1"}, "items.1.price", "单价不能小于 0，现在是 -1。"),
        ({"name": "会场", "color": 1}, "items.1.color", "“测试明细”没有字段“color”。"),
        ("会场", "items.1", "测试明细的每一行应是字段和值。"),
        ({"pk": 999_999}, "items.1", "这一行不属于这条记录，请去掉它再保存。"),
        ({"name": "会场", "supplier": 999_999}, "items.1.supplier", "供应商不存在，或者你无权使用它，请重新选择。"),
    ],
)
def test_a_wrong_row_is_told_at_its_cell_and_nothing_is_written(
    system: System, row: Any, field: str, sentence: str
) -> None:
    result = records.save(system, ORDER, [{"name": "会务", "items": [{"name": "好的"}, row]}])

    assert [(problem.field, problem.sentence) for problem in result.problems] == [(field, sentence)]
    assert (count(system, ORDER), count(system, LINE)) == (0, 0)


def test_what_the_database_refuses_in_a_row_is_a_sentence_at_the_lines(system: System) -> None:
    result = records.save(system, ORDER, [{"name": "会务", "items": [{"name": "多", "quantity": 2_000_000}]}])

    assert [problem.field for problem in result.problems] == ["items"]
    assert "torderline_quantity" in result.sentence


@pytest.mark.parametrize("given", ["甲", {"name": "甲"}, 7])
def test_lines_that_are_no_list_are_refused(system: System, given: Any) -> None:
    result = records.save(system, ORDER, [{"name": "会务", "items": given}])

    assert result.errors() == {"items": ("测试明细应是一个行的列表。",)}


def test_more_than_five_hundred_rows_are_refused(system: System) -> None:
    result = records.save(system, ORDER, [{"name": "会务", "items": [{"name": "行"}] * 501}])

    assert result.errors() == {"items": ("测试明细最多 500 行，现在有 501 行。请分成几条记录。",)}


@pytest.mark.req("PLT-15", part="lines")
def test_a_save_begun_on_an_older_version_never_overwrites_lines(system: System) -> None:
    pk = order(system, {"name": "甲"})
    records.save(system, ORDER, [{"pk": pk, "version": 1, "items": [{"name": "别人的"}]}]).demand()

    result = records.save(system, ORDER, [{"pk": pk, "version": 1, "items": [{"name": "我的"}]}])

    assert [problem.code for problem in result.problems] == ["conflict"]
    assert [row[0] for row in rows_of(system, pk)] == ["别人的"]


@pytest.mark.req("PLT-15", part="lines")
def test_a_line_saved_by_itself_counts_its_record_up(system: System) -> None:
    pk = order(system, {"name": "甲"})
    (line,) = pks_of(system, pk)

    records.save(system, LINE, [{"pk": line, "quantity": 9}, {"order": pk, "name": "乙"}]).demand()

    stale = records.save(system, ORDER, [{"pk": pk, "version": 1, "name": "改名"}])
    assert [row[:2] for row in rows_of(system, pk)] == [("甲", 9), ("乙", 1)]
    assert [problem.code for problem in stale.problems] == ["conflict"]


def test_history_of_the_record_names_the_changes_of_its_lines(system: System) -> None:
    pk = order(system, {"name": "甲", "quantity": 1}, {"name": "乙"})
    first, _second = pks_of(system, pk)

    records.save(system, ORDER, [{"pk": pk, "items": [{"pk": first, "quantity": 3}, {"name": "丙"}]}]).demand()

    changed, created = records.history(system, ORDER, pk)
    told = [
        (line.lines, line.title, line.kind, [(f.field.key, f.old, f.new) for f in line.fields])
        for line in changed.lines
    ]
    assert told[0] == ("测试明细", "甲", "changed", [("quantity", 1, 3)])
    assert sorted((line.title, line.kind) for line in changed.lines) == [
        ("丙", "created"),
        ("乙", "deleted"),
        ("甲", "changed"),
    ]
    assert [line.title for line in created.lines] == ["甲", "乙"]


def test_undo_takes_line_changes_back(system: System) -> None:
    pk = order(system, {"name": "甲", "quantity": 1}, {"name": "乙"})
    first, _second = pks_of(system, pk)
    act = (
        records.save(system, ORDER, [{"pk": pk, "items": [{"name": "丙"}, {"pk": first, "quantity": 3}]}])
        .demand()
        .action
    )

    undone = records.undo(system, act)

    assert undone.problems == ()
    assert [row[:2] for row in rows_of(system, pk)] == [("甲", 1), ("乙", 1)]


def test_undoing_the_creation_takes_record_and_lines_away(system: System) -> None:
    result = records.save(system, ORDER, [{"name": "会务", "items": [{"name": "甲"}]}]).demand()

    assert records.undo(system, result.action).problems == ()

    assert (count(system, ORDER), count(system, LINE)) == (0, 0)


def test_lines_as_of_a_moment(system: System) -> None:
    pk = order(system, {"name": "甲", "quantity": 1}, {"name": "乙"})
    first, _second = pks_of(system, pk)
    moment = records.get(system, ORDER, pk).values["changed_at"]

    records.save(system, ORDER, [{"pk": pk, "items": [{"name": "丙"}, {"pk": first, "quantity": 3}]}]).demand()

    (table,) = line_tables_as_of(system, records.get(system, ORDER, pk), moment)
    assert [(row.values["name"], row.values["quantity"]) for row in table.rows] == [("甲", 1), ("乙", 1)]


def test_lines_go_to_the_bin_and_come_back_with_their_record_and_are_purged_with_it(system: System) -> None:
    pk = order(system, {"name": "甲"})

    records.delete(system, ORDER, [pk])
    assert count(system, LINE) == 0
    assert records.restore(system, ORDER, [pk]).ok
    assert [row[0] for row in rows_of(system, pk)] == ["甲"]

    records.delete(system, ORDER, [pk])
    assert records.purge(system, ORDER, [pk]).problems == ()


def test_lines_are_seen_and_written_as_their_record_is(projects, member_with) -> None:  # type: ignore[no-untyped-def]
    mine = member_with(Grant("testplugin.*", "read create update delete", "own"), name="我")
    other = member_with(Grant("testplugin.*", "read create update delete", "own"), name="别人")
    pk = order(mine, {"name": "甲"})
    (line,) = pks_of(mine, pk)

    assert count(other, LINE) == 0
    assert count(mine, LINE) == 1
    assert records.query(other, LINE).count() == 0
    assert records.query(mine, LINE).count() == 1
    with pytest.raises(RecordNotFound):
        records.get(other, LINE, line)
    refused = records.save(other, LINE, [{"pk": line, "quantity": 9}])
    assert [problem.code for problem in refused.problems] == ["not_found"]
    smuggled = records.save(other, LINE, [{"order": pk, "name": "混进来"}])
    assert smuggled.errors() == {"order": ("订单不存在，或者你无权使用它，请重新选择。",)}


def test_who_may_create_but_not_change_creates_with_lines(projects, member_with) -> None:  # type: ignore[no-untyped-def]
    clerk = member_with(Grant("testplugin.*", "read create", "own"))

    pk = order(clerk, {"name": "甲"})

    assert [row[0] for row in rows_of(clerk, pk)] == ["甲"]
    with pytest.raises(NotAllowed):
        records.save(clerk, LINE, [{"order": pk, "name": "乙"}])


@pytest.fixture
def clerk(member_with: Any) -> Any:
    return member_with(Grant("testplugin.*", "read create update delete", "own"))


def statements(run: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        run()
    return len(captured)


def test_statements_do_not_grow_with_rows_or_records(clerk: Any) -> None:
    def save(records_: int, rows: int) -> None:
        changes = [{"name": f"单{n}", "items": [{"name": f"行{m}"} for m in range(rows)]} for n in range(records_)]
        records.save(clerk, ORDER, changes).demand()

    save(1, 1)
    assert statements(lambda: save(1, 1)) == statements(lambda: save(20, 15)) == 6


def test_reading_lines_of_many_records_takes_as_many_statements_as_of_one(clerk: Any) -> None:
    pks = [order(clerk, {"name": "甲"}, {"name": "乙"}) for _n in range(5)]

    line_tables_of(clerk, ORDER, pks)
    one, many = (statements(lambda wanted=wanted: line_tables_of(clerk, ORDER, wanted)) for wanted in (pks[:1], pks))  # type: ignore[misc]
    assert one == many == 3
