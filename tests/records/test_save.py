"""One write path: what is written, refused, corrected, and how many statements it takes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kezhou import records
from kezhou.access.actor import System
from kezhou.records.gate import AccessUndecided
from kezhou.records.models import History
from kezhou.records.saved import SaveRefused
from kezhou.records.spec import NotAllowed, RecordNotFound
from kezhou.testing.access import MemberFactory
from tenants.models import OutboxEvent
from tests.testplugin.models import Project

pytestmark = pytest.mark.usefixtures("projects")
PROJECT = "testplugin.project"


def save(actor, changes, **how):  # type: ignore[no-untyped-def]
    return records.save(actor, PROJECT, changes, **how)


def test_a_new_record_is_read_back_as_it_was_given(system: System) -> None:
    given = {
        "name": "  成都年会ＡＢ ",
        "kind": "小",
        "tags": "机票、酒店",
        "budget": "￥1.5万",
        "people": "１２０",
        "starts_on": "2026年5月6日",
        "meets_at": "2026-05-06 09:30",
        "urgent": "是",
        "phone": "138 0000 0000",
        "email": "a@example.com",
    }

    entry = records.get(system, PROJECT, save(system, [given]).pk)

    assert entry.title == "成都年会AB"
    assert entry.values["kind"] == "small"
    assert entry.values["tags"] == ("air", "hotel")
    assert entry.values["budget"] == Decimal("15000")
    assert entry.values["people"] == Decimal(120)
    assert entry.values["starts_on"] == date(2026, 5, 6)
    assert entry.values["meets_at"] == datetime(2026, 5, 6, 1, 30, tzinfo=UTC)
    assert entry.values["urgent"] is True
    assert entry.values["number"] == f"P{entry.pk:06d}"
    assert entry.values["description"] is None
    assert entry.version == 1


@pytest.mark.req("BAS-02")
def test_who_entered_and_who_changed_are_recorded(member_factory: MemberFactory) -> None:
    one, other = member_factory("sales").actor, member_factory("admin").actor

    before = datetime.now(UTC)
    pk = save(one, [{"name": "甲", "collector": other.member_pk, "remark": "备注"}]).pk
    created = records.get(other, PROJECT, pk)
    save(other, [{"pk": pk, "version": 1, "name": "乙"}]).demand()
    changed = records.get(other, PROJECT, pk)

    assert created.values["created_by"] == one.member_pk
    assert created.values["collector"] == other.member_pk
    assert created.values["owner"] == one.member_pk
    assert before <= created.values["created_at"] <= datetime.now(UTC)
    assert created.values["registered_on"] == records.reading.context().today
    assert changed.values["created_by"] == one.member_pk
    assert changed.values["changed_by"] == other.member_pk
    assert changed.values["changed_at"] > created.values["changed_at"]
    assert (created.version, changed.version) == (1, 2)
    assert changed.values["remark"] == "备注"


def test_a_person_cannot_write_what_the_system_keeps(member_factory: MemberFactory) -> None:
    result = save(member_factory("sales").actor, [{"name": "甲", "created_by": 1, "nonsense": 2}])

    assert result.errors() == {
        "created_by": ("你不能修改“信息录入人”。",),
        "nonsense": ("“测试项目”没有字段“nonsense”。",),
    }


@pytest.mark.req("BAS-03", part="messages at each field")
def test_every_wrong_field_is_named_and_nothing_is_written(system: System) -> None:
    result = save(system, [{"name": "", "budget": "很多", "starts_on": "2026-02-30", "email": "nobody"}])

    assert set(result.errors()) == {"name", "budget", "starts_on", "email"}
    assert result.errors()["name"] == ("请填写项目名称。",)
    assert not result.saved
    assert records.query(system, PROJECT).count() == 0
    with pytest.raises(SaveRefused):
        result.demand()


def test_with_stop_one_bad_change_stops_all(system: System) -> None:
    result = save(system, [{"name": "甲"}, {"name": ""}, {"name": "丙"}])

    assert [(p.position, p.field) for p in result.problems] == [(1, "name")]
    assert result.saved == ()
    assert records.query(system, PROJECT).count() == 0
    assert not History.objects.filter(type=PROJECT).exists()


def test_with_skip_the_good_ones_stand_and_bad_ones_are_named_by_position(system: System) -> None:
    result = save(system, [{"name": "甲"}, {"name": ""}, {"name": "禁止"}, {"name": "丁"}], on_error="skip")

    assert [(p.position, p.field, p.code) for p in result.problems] == [(1, "name", "invalid"), (2, "name", "refused")]
    assert [s.position for s in result.saved] == [0, 3]
    assert sorted(records.query(system, PROJECT).values_list("name", flat=True)) == ["丁", "甲"]


def test_hooks_correct_and_refuse(system: System) -> None:
    good = save(system, [{"name": "甲", "description": "改我"}])
    bad = save(system, [{"name": "禁止"}])

    assert records.get(system, PROJECT, good.pk).values["description"] == "已由插件改写"
    assert bad.errors() == {"name": ("项目不能叫“禁止”，请换一个名称。",)}


def test_a_refused_record_takes_no_number(system: System) -> None:
    save(system, [{"name": "甲"}, {"name": "乙"}]).demand()
    save(system, [{"name": "丙"}, {"name": ""}])
    save(system, [{"name": "丁"}]).demand()

    first, second, third = (
        int(n[1:]) for n in records.query(system, PROJECT).order_by("pk").values_list("number", flat=True)
    )
    assert (second, third) == (first + 1, first + 2)


def test_numbers_of_what_was_rolled_back_are_not_given_to_others(member_factory: MemberFactory, system: System) -> None:
    seller, other = member_factory("sales").actor, member_factory("sales")
    away = {"pk": save(seller, [{"name": "我的"}]).pk, "owner": other.pk}

    result = save(seller, [{"name": "甲"}, away, {"name": "丙"}], on_error="skip")
    save(seller, [{"name": "丁"}]).demand()

    assert [(p.position, p.code) for p in result.problems] == [(1, "not_allowed")]
    rows = records.query(system, PROJECT).order_by("pk").values_list("pk", "number", "name")
    assert [name for _pk, _number, name in rows] == ["我的", "甲", "丙", "丁"]
    assert all(number == f"P{pk:06d}" for pk, number, _name in rows)


@pytest.mark.parametrize(
    "change", [{"pk": "abc"}, {"pk": 10**30}, {"pk": [1]}, {"pk": True}, {"pk": 1, "version": "x"}, {"pk": -1}]
)
def test_a_key_that_is_none_is_refused(system: System, change: dict[str, object]) -> None:
    result = save(system, [{**change, "name": "甲"}])

    assert result.problems[0].code == "invalid"
    assert records.query(system, PROJECT).count() == 0


def test_what_the_database_cannot_hold_is_a_sentence(system: System) -> None:
    result = save(system, [{"name": "甲"}, {"name": "乙", "people": 10**15}], on_error="skip")

    assert [(p.position, p.code) for p in result.problems] in ([(1, "constraint")], [(1, "invalid")])
    assert [s.position for s in result.saved] == [0]
    with pytest.raises(RecordNotFound):
        records.get(system, PROJECT, 10**30)


def test_a_violated_constraint_is_a_sentence_and_spares_the_others(system: System) -> None:
    save(system, [{"name": "甲", "code": "A1"}]).demand()

    alone = save(system, [{"name": "乙", "code": "A1"}])
    among = save(
        system,
        [{"name": "丙", "code": "A3"}, {"name": "丁", "code": "A1"}, {"name": "戊", "code": "A5"}],
        on_error="skip",
    )

    assert alone.errors() == {"code": ("已有项目代码相同的测试项目。",)}
    assert [(p.position, p.field, p.code) for p in among.problems] == [(1, "code", "constraint")]
    assert [s.position for s in among.saved] == [0, 2]
    assert records.query(system, PROJECT).count() == 3


def test_what_does_not_change_is_not_written(system: System) -> None:
    pk = save(system, [{"name": "甲", "budget": "5"}]).pk

    again = save(system, [{"pk": pk, "version": 1, "name": "甲", "budget": "5.00"}])

    assert [(s.kind, s.version) for s in again.saved] == [("same", 1)]
    assert History.objects.filter(type=PROJECT, record=pk).count() == 1


def test_history_and_outbox_are_written_with_the_row(system: System) -> None:
    result = save(system, [{"name": "甲"}])
    save(system, [{"pk": result.pk, "name": "乙", "budget": "12.5"}]).demand()

    first, second = History.objects.filter(type=PROJECT, record=result.pk).order_by("id")
    assert (first.kind, first.version, str(first.action), first.changes["name"]) == (
        "created",
        1,
        result.action,
        [None, "甲"],
    )
    assert (second.kind, second.version) == ("changed", 2)
    assert second.changes == {"name": ["甲", "乙"], "budget": [None, 12.5]}
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind FROM public.tenants_outboxevent WHERE type = %s ORDER BY id", [PROJECT])
        assert [row[0] for row in cursor.fetchall()] == ["created", "changed"]
    assert OutboxEvent._meta.db_table == "tenants_outboxevent"


@pytest.mark.req("PLT-15")
def test_the_second_of_two_editors_is_refused_with_a_comparison(member_factory: MemberFactory) -> None:
    one, other = member_factory("admin", name="王一").actor, member_factory("admin", name="李二").actor
    pk = save(one, [{"name": "甲", "budget": 100, "people": 3, "description": "原"}]).pk

    save(one, [{"pk": pk, "version": 1, "budget": 200, "people": 4}]).demand()
    late = save(other, [{"pk": pk, "version": 1, "budget": 300, "description": "新", "people": 3}])

    (conflict,) = late.conflicts
    assert not late.ok
    assert (late.problems[0].code, conflict.version, conflict.changed_by) == ("conflict", 2, "王一")
    assert [(f.field, f.original, f.theirs, f.mine) for f in conflict.fields] == [("budget", 100, 200, 300)]
    assert [(f.field, f.original, f.theirs) for f in conflict.others] == [("people", 3, 4)]
    assert records.get(other, PROJECT, pk).values["budget"] == 200
    save(other, [{"pk": pk, "version": 2, "budget": 300, "description": "新"}]).demand()
    assert records.get(one, PROJECT, pk).values["budget"] == 300


def test_without_a_version_the_last_one_wins(system: System) -> None:
    pk = save(system, [{"name": "甲"}]).pk
    save(system, [{"pk": pk, "name": "乙"}]).demand()

    assert save(system, [{"pk": pk, "name": "丙"}]).ok


def test_rights_decide_what_may_be_written(member_factory: MemberFactory, system: System) -> None:
    seller, other, reader = (member_factory(role).actor for role in ("sales", "sales", "reader"))
    mine = save(seller, [{"name": "我的"}]).pk
    theirs = save(other, [{"name": "别人的"}]).pk

    assert save(seller, [{"pk": theirs, "name": "改"}]).problems[0].code == "not_found"
    assert save(seller, [{"pk": mine, "owner": other.member_pk}]).problems[0].code == "not_allowed"
    with pytest.raises(NotAllowed, match="你没有新建测试项目的权限。"):
        save(reader, [{"name": "新"}])
    with pytest.raises(RecordNotFound):
        records.get(seller, PROJECT, theirs)
    assert records.get(system, PROJECT, theirs).title == "别人的"


def test_a_record_goes_to_the_department_of_its_new_owner(member_factory: MemberFactory, system: System) -> None:
    place = records.save(system, "core.department", [{"name": "成都分公司"}], source="system").pk
    inside, boss = member_factory("sales", department=place).actor, member_factory("admin").actor
    pk = save(boss, [{"name": "甲"}]).pk

    save(boss, [{"pk": pk, "owner": inside.member_pk}]).demand()

    assert records.get(boss, PROJECT, pk).values["department"] == place


def test_a_link_must_point_to_something_the_actor_may_see(member_factory: MemberFactory, system: System) -> None:
    hidden = records.save(system, "customers.customer", [{"name": "别人的客户"}], twins="allow").pk

    sentence = ("客户不存在，或者你无权使用它，请重新选择。",)
    assert save(member_factory("sales").actor, [{"name": "甲", "customer": hidden}]).errors() == {"customer": sentence}
    assert save(system, [{"name": "甲", "customer": 999_999}]).errors() == {"customer": sentence}
    assert save(system, [{"name": "甲", "customer": "别人的客户"}]).ok


@pytest.mark.parametrize(
    ("twins", "saved", "problems", "skipped"),
    [("ask", 0, 2, 0), ("skip", 0, 0, 2), ("update", 1, 0, 1), ("allow", 2, 0, 0)],
)
def test_twins_are_found_and_treated_as_asked(
    system: System, twins: str, saved: int, problems: int, skipped: int
) -> None:
    pk = save(system, [{"name": "成都锦城旅行社"}]).pk

    again = [{"name": "成都 錦城旅行社", "people": 7}, {"name": "成都锦城旅行社", "people": 9}]
    result = save(system, again, twins=twins, on_error="skip")

    assert (len(result.saved), len(result.problems), len(result.skipped)) == (saved, problems, skipped)
    if twins == "update":
        assert result.saved[0].pk == pk
    if twins == "ask":
        assert result.twins[0].pk == pk
        assert result.problems[0].sentence == "已有项目名称相同的测试项目“成都锦城旅行社”。"


def test_a_twin_one_may_not_see_is_told_without_its_name(member_factory: MemberFactory) -> None:
    owner = member_factory("sales", name="周三").actor
    save(owner, [{"name": "成都锦城旅行社"}]).demand()

    result = save(member_factory("sales").actor, [{"name": "成都锦城旅行社"}])

    assert result.twins[0].title is None
    assert result.problems[0].sentence == "已有项目名称相同的测试项目，负责人是周三，你无权查看。"


def statements(run: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        run()
    return len(captured)


@pytest.mark.parametrize("count", [1, 500])
def test_the_number_of_statements_does_not_depend_on_the_number_of_changes(
    member_factory: MemberFactory, count: int
) -> None:
    actor = member_factory("admin").actor
    fresh = [{"name": f"项目{n}", "budget": n, "kind": "big"} for n in range(count)]

    records.types(actor)
    created = statements(lambda: save(actor, fresh).demand())
    pks = list(records.query(actor, PROJECT).order_by("pk").values_list("pk", flat=True))
    changed = statements(lambda: save(actor, [{"pk": pk, "version": 1, "people": 5} for pk in pks]).demand())

    assert len(pks) == count
    assert created == 6, "savepoint, twins, rows, history, events, release"
    assert changed == 6, "savepoint, lock, rows, history, events, release"


def test_rows_are_written_by_the_engine_alone(system: System) -> None:
    pk = save(system, [{"name": "甲"}]).pk
    row = records.query(system, PROJECT).get(pk=pk)

    with pytest.raises(AccessUndecided):
        row.save()
    with pytest.raises(AccessUndecided):
        row.delete()
    with pytest.raises(AccessUndecided):
        Project.objects.create(name="乙")
