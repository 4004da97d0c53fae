"""States: where records begin, the ways between, what a state demands and locks; the same however a change comes."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kezhou import records
from kezhou.access.actor import System
from kezhou.records.spec import NotAllowed
from kezhou.records.states.dwelling import entered
from kezhou.records.states.locking import locks
from kezhou.sdk.hooks import Grant

pytestmark = pytest.mark.usefixtures("projects")

ORDER, LINE = "testplugin.order", "testplugin.orderline"
SOURCES = ("page", "api", "import", "system")


def order(actor: Any, **values: Any) -> int:
    return records.save(actor, ORDER, [{"name": "会务", **values}]).demand().pk


def go(actor: Any, pk: int, *states: str, **values: Any) -> None:
    for state in states:
        records.move(actor, ORDER, pk, state, values).demand()


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(("state", "ok"), [("draft", True), ("sent", True), ("approved", False), ("cancelled", False)])
def test_new_records_begin_in_an_initial_state_however_they_come(
    system: System, source: str, state: str, ok: bool
) -> None:
    result = records.save(system, ORDER, [{"name": "会务", "state": state}], source=source)

    assert result.ok is ok
    if not ok:
        (problem,) = result.problems
        assert (problem.field, problem.code) == ("state", "state")
        assert problem.sentence.endswith("可以从这些状态开始：草稿、已发出。")


@pytest.mark.parametrize("source", SOURCES)
def test_only_declared_ways_lead_on_however_the_change_comes(system: System, source: str) -> None:
    pk = order(system)

    refused = records.save(system, ORDER, [{"pk": pk, "state": "approved"}], source=source)
    sent = records.save(system, ORDER, [{"pk": pk, "state": "sent"}], source=source)

    assert refused.errors() == {"state": ("不能从“草稿”改为“已批准”，可以改为：已发出、已取消。",)}
    assert sent.ok


def test_the_last_state_says_so(system: System) -> None:
    pk = order(system)
    go(system, pk, "cancelled", reason="客户取消")

    assert records.move(system, ORDER, pk, "draft").sentence == "“已取消”是最后的状态，不能再改为“草稿”。"


def test_what_a_way_needs_is_asked_at_its_field(system: System) -> None:
    pk = order(system)

    refused = records.save(system, ORDER, [{"pk": pk, "state": "cancelled"}])
    done = records.save(system, ORDER, [{"pk": pk, "state": "cancelled", "reason": "客户取消"}])

    assert refused.errors() == {"reason": ("改为“已取消”要先填写取消原因。",)}
    assert done.ok


def test_a_function_and_a_condition_have_the_last_word(system: System) -> None:
    friday = order(system, name="周五", due_on="2026-05-01")
    go(system, friday, "sent", "approved")
    plain = order(system, state="sent", due_on="2026-05-01")

    by_function = records.move(system, ORDER, friday, "done")
    by_condition = records.move(system, ORDER, plain, "done")

    assert by_function.errors() == {"state": ("周五的订单不能直接完成，请先改到期日。",)}
    assert by_condition.errors() == {"state": ("没有客户的订单不能直接完成。",)}


def test_conditions_of_a_batch_take_one_statement(projects: None, member_with: Any, system: System) -> None:
    boss = member_with(Grant("*", "read create update", "all"), name="头")
    customer = records.save(system, "customers.customer", [{"name": "甲公司"}]).pk
    pks = [order(boss, state="sent", due_on="2026-05-01", customer=customer) for _n in range(6)]

    def counted(wanted: list[int]) -> int:
        with CaptureQueriesContext(connection) as captured:
            records.save(boss, ORDER, [{"pk": pk, "state": "done"} for pk in wanted]).demand()
        return len(captured)

    assert counted(pks[:1]) == counted(pks[1:])


def test_a_state_locks_fields_and_lines_with_the_reason(system: System) -> None:
    pk = records.save(system, ORDER, [{"name": "会务", "state": "sent", "items": [{"name": "甲"}]}]).pk
    other = records.save(system, "customers.customer", [{"name": "乙公司"}]).pk

    customer = records.save(system, ORDER, [{"pk": pk, "customer": other}])
    go(system, pk, "approved")
    lines = records.save(system, ORDER, [{"pk": pk, "items": []}])
    alone = records.save(system, LINE, [{"order": pk, "name": "乙"}])

    assert customer.errors() == {"customer": ("已经发给客户，不能换客户。",)}
    assert lines.errors() == {"items": ("测试订单在“已批准”时不能修改这一项。",)}
    assert alone.errors() == {"": ("测试订单在“已批准”时不能修改测试明细。",)}
    spec = records.type_of(system, ORDER)
    assert locks(spec, {"state": "sent"}) == {"customer": "已经发给客户，不能换客户。"}


def test_a_state_that_locks_everything_keeps_the_record_but_lets_it_be_handed_on(
    projects: None, member_with: Any, system: System
) -> None:
    pk = order(system, state="sent", due_on="2026-05-01")
    go(system, pk, "approved", "done")
    heir = member_with(Grant("testplugin.*", "read", "own"), name="接手人").member_pk

    renamed = records.save(system, ORDER, [{"pk": pk, "name": "改名"}])
    deleted = records.delete(system, ORDER, [pk])
    handed = records.save(system, ORDER, [{"pk": pk, "owner": heir}])

    assert renamed.errors() == {"name": ("测试订单在“已完成”时不能修改这一项。",)}
    assert [problem.sentence for problem in deleted.problems] == ["测试订单在“已完成”时不能删除。"]
    assert handed.ok


def test_moves_tell_what_can_be_done_what_is_asked_and_why_not(projects: None, member_with: Any) -> None:
    clerk = member_with(Grant("testplugin.order", "read create update", "own"), Grant("testplugin.note", "read"))
    pk = order(clerk, state="sent")

    told = [
        (move.target, move.title, move.allowed, move.reason, [(field.key, field.required) for field in move.asks])
        for move in records.moves(clerk, ORDER, records.get(clerk, ORDER, pk))
    ]

    assert told == [
        ("draft", "收回", True, "", []),
        ("cancelled", "取消", True, "", [("reason", True)]),
        ("approved", "已批准", True, "", []),
        ("done", "直接完成", True, "", [("due_on", True)]),
    ]
    records.save(clerk, ORDER, [{"pk": pk, "due_on": "2026-05-01"}]).demand()
    direct = records.moves(clerk, ORDER, records.get(clerk, ORDER, pk))[-1]
    assert (direct.allowed, direct.reason) == (False, "没有客户的订单不能直接完成。")


def test_a_way_with_a_right_of_its_own(projects: None, member_with: Any, system: System) -> None:
    """Who may approve need not be able to change, and the other way round; a role that says nothing of it lets it follow 改."""
    clerk = member_with(Grant("testplugin.order", "read create update", "all"), name="文员")
    approver = member_with(Grant("testplugin.order", "read approve", "all"), name="批准人")
    reader = member_with(Grant("testplugin.order", "read", "all"), name="看客")
    pk = order(system, state="sent")
    entry = {name: records.get(actor, ORDER, pk) for name, actor in (("approver", approver), ("reader", reader))}

    assert [move.target for move in records.moves(approver, ORDER, entry["approver"])] == ["approved"]
    assert records.moves(reader, ORDER, entry["reader"]) == ()
    with pytest.raises(NotAllowed):
        records.move(reader, ORDER, pk, "approved")
    with pytest.raises(NotAllowed):
        records.save(approver, ORDER, [{"pk": pk, "name": "改名"}])
    records.move(approver, ORDER, pk, "approved").demand()
    assert records.move(clerk, ORDER, pk, "done", {"due_on": "2026-05-01"}).ok


def test_a_move_is_told_as_such_and_says_since_when(system: System) -> None:
    pk = order(system)
    go(system, pk, "sent")
    records.save(system, ORDER, [{"pk": pk, "name": "改名"}]).demand()

    changed, moved, created = records.history(system, ORDER, pk)

    assert [change.kind for change in (changed, moved, created)] == ["changed", "moved", "created"]
    assert [(f.field.key, f.old_text, f.new_text) for f in moved.fields] == [("state", "草稿", "已发出")]
    assert entered(records.type_of(system, ORDER), [pk]) == {pk: moved.at}


def test_undo_goes_back_where_no_way_leads(system: System) -> None:
    pk = order(system)
    act = records.move(system, ORDER, pk, "cancelled", {"reason": "误"}).demand().action

    assert records.undo(system, act).problems == ()

    assert records.get(system, ORDER, pk).values["state"] == "draft"
