"""To the recycle bin and back; what refers to a record decides (BAS-04)."""

from __future__ import annotations

import pytest

from kezhou import records
from kezhou.access.actor import System
from kezhou.records.listing import ListRequest
from kezhou.records.spec import NotAllowed, RecordNotFound
from kezhou.testing.access import MemberFactory

pytestmark = pytest.mark.usefixtures("projects")
PROJECT, TASK, NOTE, BILL = (f"testplugin.{name}" for name in ("project", "task", "note", "bill"))


def made(actor: System, type: str, **values: object) -> int:
    return records.save(actor, type, [values], twins="allow").pk


@pytest.mark.req("BAS-04", part="refused or cascades visibly, recycle bin, restore")
def test_what_refers_to_a_record_is_refused_taken_along_or_cleared(system: System) -> None:
    project = made(system, PROJECT, name="甲")
    task, note = made(system, TASK, name="任务", project=project), made(system, NOTE, name="便条", project=project)
    bill = made(system, BILL, name="账单", project=project)

    told = {(ref.type.key, ref.on_delete, ref.count) for ref in records.references(system, PROJECT, project)}
    refused = records.delete(system, PROJECT, [project])
    records.delete(system, BILL, [bill])
    gone = records.delete(system, PROJECT, [project])

    assert told == {(TASK, "cascade", 1), (NOTE, "clear", 1), (BILL, "refuse", 1)}
    assert refused.problems[0].sentence == "测试项目“甲”还有 1 条测试账单，不能删除。请先处理它们。"
    assert gone.ok
    assert gone.cascaded == ((TASK, 1),)
    assert records.get(system, NOTE, note).values["project"] is None
    with pytest.raises(RecordNotFound):
        records.get(system, TASK, task)
    assert [row.pk for row in records.page(system, PROJECT, ListRequest(deleted=True))] == [project]
    assert records.page(system, PROJECT, ListRequest()).total == 0


def test_restoring_brings_back_what_went_along_and_nothing_else(system: System) -> None:
    project, other = made(system, PROJECT, name="甲"), made(system, PROJECT, name="乙")
    along, before = (
        made(system, TASK, name="同去", project=project),
        made(system, TASK, name="早已删除", project=project),
    )
    others = made(system, TASK, name="别的", project=other)
    records.delete(system, TASK, [before])
    records.delete(system, PROJECT, [project, other])

    back = records.restore(system, PROJECT, [project])

    assert back.ok
    assert back.cascaded == ((TASK, 1),)
    assert records.get(system, PROJECT, project).title == "甲"
    assert records.get(system, TASK, along).title == "同去"
    for pk in (before, others):
        with pytest.raises(RecordNotFound):
            records.get(system, TASK, pk)


def test_deleting_needs_the_right_on_every_record(system: System, member_factory: MemberFactory) -> None:
    seller, reader = member_factory("sales").actor, member_factory("reader").actor
    mine, theirs = made(seller, PROJECT, name="我的"), made(system, PROJECT, name="别人的")

    both = records.delete(seller, PROJECT, [mine, theirs])

    assert [(p.position, p.code) for p in both.problems] == [(1, "not_found")]
    assert records.get(seller, PROJECT, mine).title == "我的"
    with pytest.raises(NotAllowed):
        records.delete(reader, PROJECT, [mine])
    assert records.delete(seller, PROJECT, [mine]).ok


def test_twins_may_be_entered_again_after_deletion(system: System) -> None:
    records.delete(system, PROJECT, [made(system, PROJECT, name="甲")])

    assert records.save(system, PROJECT, [{"name": "甲"}]).ok


def test_purging_is_for_administrators_and_for_the_bin_only(system: System, member_factory: MemberFactory) -> None:
    seller = member_factory("sales").actor
    pk = made(seller, PROJECT, name="甲")

    assert not records.purge(system, PROJECT, [pk]).ok
    records.delete(seller, PROJECT, [pk])
    with pytest.raises(NotAllowed):
        records.purge(seller, PROJECT, [pk])
    assert records.purge(system, PROJECT, [pk]).ok
    assert records.page(system, PROJECT, ListRequest(deleted=True)).total == 0
