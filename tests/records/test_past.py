"""History, the record as of a moment, and taking an action back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kezhou import records
from kezhou.access.actor import System
from kezhou.records.models import History
from kezhou.records.spec import RecordNotFound
from kezhou.testing.access import MemberFactory

pytestmark = pytest.mark.usefixtures("projects")
PROJECT, TASK = "testplugin.project", "testplugin.task"
START = datetime(2026, 1, 1, tzinfo=UTC)


def age(pk: int) -> None:
    """Put the steps of a record a day apart, beginning with START."""
    for place, step in enumerate(History.objects.filter(type=PROJECT, record=pk).order_by("id")):
        History.objects.filter(pk=step.pk).update(at=START + timedelta(days=place))


@pytest.mark.req("LOG-02")
def test_the_record_as_of_any_moment(system: System, member_factory: MemberFactory) -> None:
    owner = member_factory("sales", name="王一")
    pk = records.save(system, PROJECT, [{"name": "甲", "budget": 100, "kind": "big"}]).pk
    records.save(system, PROJECT, [{"pk": pk, "name": "乙", "owner": owner.pk}]).demand()
    records.save(system, PROJECT, [{"pk": pk, "budget": None, "name": "丙"}]).demand()
    age(pk)

    def at(days: float) -> tuple[object, ...]:
        entry = records.as_of(system, PROJECT, pk, START + timedelta(days=days))
        return entry.version, entry.title, entry.values["budget"], entry.text("owner"), entry.values["kind"]

    assert at(0.5) == (1, "甲", 100, "", "big")
    assert at(1.5)[:3] == (2, "乙", 100)
    assert "王一" in str(at(1.5)[3])
    assert at(2.5)[:3] == (3, "丙", None)
    with pytest.raises(RecordNotFound):
        records.as_of(system, PROJECT, pk, START - timedelta(days=1))
    step = History.objects.filter(type=PROJECT, record=pk).latest("id")
    assert (step.type, step.record) == (PROJECT, pk), "the source record is found from its history"


def test_a_record_in_the_bin_was_there_before(system: System) -> None:
    pk = records.save(system, PROJECT, [{"name": "甲"}]).pk
    records.delete(system, PROJECT, [pk])
    age(pk)

    assert records.as_of(system, PROJECT, pk, START + timedelta(hours=1)).title == "甲"
    with pytest.raises(RecordNotFound):
        records.as_of(system, PROJECT, pk, START + timedelta(days=2))


def test_history_tells_who_when_and_what_newest_first(member_factory: MemberFactory) -> None:
    person = member_factory("sales", name="王一")
    result = records.save(person.actor, PROJECT, [{"name": "甲", "kind": "big"}])
    records.save(person.actor, PROJECT, [{"pk": result.pk, "kind": "small"}], source="api").demand()

    changed, created = records.history(person.actor, PROJECT, result.pk)

    assert (created.kind, created.name, created.action, created.version) == ("created", "王一", result.action, 1)
    assert (changed.kind, changed.source, changed.member) == ("changed", "api", person.pk)
    (field,) = changed.fields
    assert (field.field.key, field.old, field.new) == ("kind", "big", "small")
    assert (field.old_text, field.new_text) == ("大项目", "小项目")
    assert [c.pk for c in records.history(person.actor, PROJECT, result.pk, before=changed.pk)] == [created.pk]
    with pytest.raises(RecordNotFound):
        records.history(member_factory("sales").actor, PROJECT, result.pk)


def test_an_action_is_taken_back_as_a_whole(system: System) -> None:
    old = records.save(system, PROJECT, [{"name": "旧", "budget": 5, "starts_on": "2026-03-04", "tags": ["air"]}]).pk
    action = records.new_action()
    new = records.save(system, PROJECT, [{"name": f"新{n}"} for n in range(3)], action=action).pks
    records.save(system, TASK, [{"name": "任务", "project": new[0]}], action=action).demand()
    change = {"pk": old, "name": "改", "budget": None, "starts_on": "2026-05-06", "tags": ["hotel"]}
    records.save(system, PROJECT, [change], action=action).demand()

    undone = records.undo(system, action)

    assert (undone.ok, undone.records) == (True, 5)
    entry = records.get(system, PROJECT, old)
    assert (entry.title, entry.values["budget"], str(entry.values["starts_on"]), entry.values["tags"]) == (
        "旧",
        5,
        "2026-03-04",
        ("air",),
    )
    assert records.query(system, PROJECT).count() == 1
    assert records.query(system, TASK).count() == 0
    assert records.undo(system, undone.action).ok, "taking back is an action that can be taken back"
    assert records.query(system, PROJECT).count() == 4


def test_a_deletion_is_taken_back(system: System) -> None:
    project = records.save(system, PROJECT, [{"name": "甲"}]).pk
    records.save(system, TASK, [{"name": "任务", "project": project}]).demand()
    gone = records.delete(system, PROJECT, [project])

    assert records.undo(system, gone.action).records == 2
    assert records.query(system, TASK).count() == 1
    again = records.restore(system, PROJECT, records.delete(system, PROJECT, [project]).pks)
    assert records.undo(system, again.action).ok
    assert records.query(system, PROJECT).count() == 0


@pytest.mark.req("IMX-09", part="undone as a whole while unused")
def test_what_was_changed_or_used_since_is_not_taken_back(system: System) -> None:
    action = records.new_action()
    first, second = records.save(system, PROJECT, [{"name": "甲"}, {"name": "乙"}], action=action, source="import").pks
    records.save(system, PROJECT, [{"pk": first, "people": 3}]).demand()
    records.save(system, TASK, [{"name": "任务", "project": second}]).demand()

    refused = records.undo(system, action)

    assert refused.problems == (
        "测试项目“甲”之后又被修改过，不能撤销。",
        "测试项目“乙”已被测试任务使用，不能撤销。",
    )
    assert records.query(system, PROJECT).count() == 2
    assert records.undo(system, records.new_action()).problems == ("没有找到这次操作，或者它的记录类型已经停用。",)


def test_taking_back_needs_the_rights(system: System, member_factory: MemberFactory) -> None:
    result = records.save(system, PROJECT, [{"name": "甲"}])

    assert not records.undo(member_factory("reader").actor, result.action).ok
    assert records.get(system, PROJECT, result.pk).title == "甲"
