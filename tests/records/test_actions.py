"""Actions: domain verbs with a form, a right, states and an entry of their own."""

from __future__ import annotations

from typing import Any

import pytest

from kezhou import records
from kezhou.access.actor import System
from kezhou.records.spec import NotAllowed, RecordNotFound
from kezhou.sdk.hooks import Grant

pytestmark = pytest.mark.usefixtures("projects")

ORDER = "testplugin.order"


def order(actor: Any, **values: Any) -> int:
    return records.save(actor, ORDER, [{"name": "会务", "state": "sent", **values}]).demand().pk


def test_an_action_changes_records_and_history_names_it(system: System) -> None:
    pk = order(system)

    result = records.act(system, ORDER, "approve", [pk], {"approver": "周敏"}).demand()

    entry = records.get(system, ORDER, pk)
    change = records.history(system, ORDER, pk)[0]
    assert (entry.values["state"], entry.values["approved_by"], result.saved[0].kind) == ("approved", "周敏", "acted")
    assert (change.kind, change.verb, change.action) == ("acted", "批准", result.action)
    assert [(f.field.key, f.new_text) for f in change.fields] == [("state", "已批准"), ("approved_by", "周敏")]


def test_an_action_that_changes_nothing_is_told_as_well(system: System) -> None:
    pk = order(system)

    records.act(system, ORDER, "remind", [pk]).demand()

    change = records.history(system, ORDER, pk)[0]
    assert (change.verb, change.fields, records.get(system, ORDER, pk).version) == ("催办", (), 2)


def test_undo_takes_an_action_back(system: System) -> None:
    pk = order(system)
    act = records.act(system, ORDER, "approve", [pk], {"approver": "周敏"}).demand().action

    assert records.undo(system, act).problems == ()

    entry = records.get(system, ORDER, pk)
    assert (entry.values["state"], entry.values["approved_by"]) == ("sent", None)


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({}, {"approver": ("请填写批准人。",)}),
        ({"approver": "周" * 41}, {"approver": ("批准人最多 40 个字，现在是 41 个，请缩短。",)}),
        (
            {"approver": "周敏", "due_on": "昨日"},
            {"due_on": ("“昨日”不是日期，请填写如 2026-05-06、2026/5/6 或 2026年5月6日 的日期。",)},
        ),
        ({"approver": "周敏", "colour": "红"}, {"colour": ("“批准”不问“colour”。",)}),
    ],
)
def test_a_wrong_form_is_told_at_its_fields(
    system: System, values: dict[str, Any], errors: dict[str, tuple[str, ...]]
) -> None:
    pk = order(system)

    assert records.act(system, ORDER, "approve", [pk], values).errors() == errors
    assert records.get(system, ORDER, pk).version == 1


def test_all_or_nothing_and_each_record_says_why(system: System) -> None:
    good, draft = order(system), order(system, state="draft")

    result = records.act(system, ORDER, "approve", [good, draft], {"approver": "周敏"})

    assert [(problem.position, problem.sentence) for problem in result.problems] == [
        (1, "“草稿”时不能批准，要先到：已发出。")
    ]
    assert records.get(system, ORDER, good).values["state"] == "sent"


def test_what_the_plugin_refuses_takes_everything_back(system: System) -> None:
    good, bad = order(system), order(system, name="不理")

    result = records.act(system, ORDER, "remind", [good, bad])

    assert [(problem.position, problem.sentence) for problem in result.problems] == [
        (1, "这张订单不能催，请改日再试。")
    ]
    assert records.get(system, ORDER, good).version == 1


def test_rights_decide_what_is_offered_and_done(projects: None, member_with: Any, system: System) -> None:
    approver = member_with(Grant("testplugin.order", "read approve", "all"), name="批准人")
    reader = member_with(Grant("testplugin.order", "read", "all"), name="看客")
    stranger = member_with(Grant("testplugin.order", "read update", "own"), name="外人")
    pk = order(system)

    offered = records.actions(approver, ORDER, records.get(approver, ORDER, pk))

    assert [(offer.key, offer.allowed, [field.key for field in offer.fields]) for offer in offered] == [
        ("approve", True, ["approver", "due_on"])
    ]
    assert records.actions(reader, ORDER, records.get(reader, ORDER, pk)) == ()
    with pytest.raises(NotAllowed):
        records.act(reader, ORDER, "approve", [pk], {"approver": "看客"})
    with pytest.raises(RecordNotFound):
        records.act(stranger, ORDER, "approve", [pk], {"approver": "外人"})
    assert records.act(approver, ORDER, "approve", [pk], {"approver": "周敏"}).ok


def test_an_action_in_the_wrong_state_is_there_with_the_reason(system: System) -> None:
    pk = order(system, state="draft")

    approve, remind = records.actions(system, ORDER, records.get(system, ORDER, pk))

    assert (approve.allowed, approve.reason) == (False, "“草稿”时不能批准，要先到：已发出。")
    assert (remind.allowed, remind.immediate) == (True, False)


def test_somebody_elses_save_in_between_refuses_the_action(system: System) -> None:
    pk = order(system)
    records.save(system, ORDER, [{"pk": pk, "name": "改名"}]).demand()

    result = records.act(system, ORDER, "remind", [pk], versions={pk: 1})

    assert result.problems[0].code == "conflict"


def test_an_action_that_does_not_exist_is_not_found(system: System) -> None:
    with pytest.raises(RecordNotFound, match="没有“fly”这个操作"):
        records.act(system, ORDER, "fly", [order(system)])
