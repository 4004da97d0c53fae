"""Assigning (BAS-07): to a member or department, with day and note; told, taken, done, handed back, reminded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from kezhou import assignments, notify, records
from kezhou.assignments import AssignmentRefused, reminding
from kezhou.notify import inbox
from kezhou.records.spec import NotAllowed, RecordNotFound
from kezhou.testing import contract
from kezhou.testing.access import MemberFactory, Person
from tests.web.conftest import CUSTOMERS, Customers

LIST = f"/r/{CUSTOMERS}/"
BrowserOf = Callable[[Person], Client]


@pytest.mark.req("BAS-07", part="member, due date, note, told")
def test_the_receiver_is_told_what_to_do_until_when(boss: Person, seller: Person, customers: Customers) -> None:
    (pk,) = customers(seller, "川西能源集团有限公司")
    due = timezone.localdate() + timedelta(days=2)

    done = assignments.assign(boss.actor, CUSTOMERS, [pk], member=seller.pk, due=due, note="回访\u202e并确认行程")

    (row,) = assignments.mine(seller.actor)
    (told,) = notify.unread(seller.actor)
    assert (done.pks, done.left) == ((pk,), ())
    assert (row.record, row.due_on, row.note, row.by_name) == (pk, due, "回访并确认行程", "周敏")
    assert (told.kind, notify.told(seller.actor, told), told.note) == (
        "assigned",
        "周敏 把一条客户指派给你",
        "回访并确认行程",
    )
    assert notify.unread(boss.actor) == ()


@pytest.mark.req("BAS-07", part="department")
def test_a_department_is_told_until_one_takes_it(
    boss: Person, member_factory: MemberFactory, department_factory: Callable[..., int], customers: Customers
) -> None:
    place = department_factory("西南大区")
    one, two = (member_factory("sales", name=name, department=place) for name in ("陈嘉禾", "王浩然"))
    (pk,) = (
        records.save(boss.actor, CUSTOMERS, [{"name": "云岭数联", "owner": one.pk, "department": place}]).demand().pks
    )

    done = assignments.assign(boss.actor, CUSTOMERS, [pk], department=place)

    (row,) = assignments.mine(one.actor)
    assert done.pks == (pk,)
    assert assignments.mine(two.actor) == (row,)
    taken = assignments.take(one.actor, row.pk)
    assert (taken.member, taken.receiver) == (one.pk, "陈嘉禾")
    assert assignments.mine(two.actor) == ()
    assert [notice.kind for notice in notify.unread(boss.actor)] == ["assignment_taken"]
    with pytest.raises(RecordNotFound):
        assignments.take(two.actor, row.pk)


def test_who_could_not_see_it_does_not_get_it_unless_as_owner(
    boss: Person, seller: Person, customers: Customers
) -> None:
    (pk,) = customers(boss, "天府沐光律师事务所")

    refused = assignments.assign(boss.actor, CUSTOMERS, [pk], member=seller.pk)
    given = assignments.assign(boss.actor, CUSTOMERS, [pk], member=seller.pk, owner=True)

    assert refused.pks == ()
    assert refused.left == ((pk, "李思源 看不到这条客户，请同时把负责人改给他，或另选一位。"),)
    assert given.pks == (pk,)
    assert records.get(seller.actor, CUSTOMERS, pk).owner == seller.pk


@pytest.mark.parametrize(("deed", "kind"), [("finish", "assignment_done"), ("hand_back", "assignment_returned")])
def test_done_or_handed_back_it_leaves_and_the_giver_is_told(
    deed: str, kind: str, boss: Person, seller: Person, customers: Customers
) -> None:
    (pk,) = customers(seller, "云岭数联")
    assignments.assign(boss.actor, CUSTOMERS, [pk], member=seller.pk, note="寄合同")
    (row,) = assignments.mine(seller.actor)

    getattr(assignments, deed)(seller.actor, row.pk, "快递 SF1234")

    (told,) = notify.unread(boss.actor)
    assert (told.kind, told.note) == (kind, "快递 SF1234")
    assert assignments.mine(seller.actor) == ()
    assert notify.unread_count(seller.actor) == 0
    assert inbox.inbox(seller.actor, "todo").waiting == ()
    with pytest.raises(AssignmentRefused):
        assignments.finish(seller.actor, row.pk)


def test_only_the_two_sides_may_close_it(
    boss: Person, seller: Person, member_factory: MemberFactory, customers: Customers
) -> None:
    third = member_factory("sales", name="第三人")
    (pk,) = customers(seller, "云岭数联")
    assignments.assign(boss.actor, CUSTOMERS, [pk], member=seller.pk)
    (row,) = assignments.mine(seller.actor)

    for deed in (assignments.finish, assignments.take, assignments.withdraw):
        with pytest.raises(RecordNotFound):
            deed(third.actor, row.pk)
    with pytest.raises(NotAllowed):
        assignments.withdraw(seller.actor, row.pk)
    with pytest.raises(AssignmentRefused):
        assignments.hand_back(seller.actor, row.pk, "  ")
    assert assignments.withdraw(boss.actor, row.pk).state == "withdrawn"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "member"),
        ({"member": 987654321}, "member"),
        ({"department": 987654321}, "department"),
        ({"member": 1, "department": 1}, "member"),
        ({"note": "长" * 301}, "note"),
    ],
)
def test_wrong_answers_are_refused_with_a_sentence(
    given: dict[str, object], field: str, boss: Person, customers: Customers
) -> None:
    (pk,) = customers(boss, "云岭数联")

    with pytest.raises(AssignmentRefused) as error:
        assignments.assign(boss.actor, CUSTOMERS, [pk], **given)  # type: ignore[arg-type]

    assert error.value.field == field


def test_many_take_as_many_statements_as_few(boss: Person, seller: Person, customers: Customers) -> None:
    warm, few = customers(seller, "热身"), customers(seller, "一", "二")
    many = customers(seller, *[f"第{n}家" for n in range(30)])

    def assign(pks: list[int]) -> int:
        return contract.statements(lambda: assignments.assign(boss.actor, CUSTOMERS, pks, member=seller.pk))

    assign(warm)
    assert assign(few) == assign(many)
    assert notify.unread_count(seller.actor) == 33


def test_what_is_due_is_reminded_of_once_a_day(boss: Person, seller: Person, customers: Customers) -> None:
    today, late, later = customers(seller, "今天的", "逾期的", "以后的")
    for pk, days in ((today, 0), (late, -3), (later, 5)):
        due = timezone.localdate() + timedelta(days=days)
        assignments.assign(boss.actor, CUSTOMERS, [pk], member=seller.pk, due=due)

    assert (reminding.remind(), reminding.remind()) == (2, 0)
    told = {
        notice.record: notify.told(seller.actor, notice) for notice in inbox.inbox(seller.actor, "reminder").notices
    }
    assert told == {today: "指派给你的事情今天到期", late: "指派给你的事情已逾期"}


@pytest.mark.req("BAS-07", part="batch from a list")
def test_a_list_assigns_many_and_finds_them_by_a_chip(
    boss: Person, seller: Person, customers: Customers, browser_of: BrowserOf
) -> None:
    pks = customers(seller, "第一家", "第二家")
    customers(seller, "没指派的")
    hidden = customers(boss, "老板自己的")
    client, own = browser_of(boss), browser_of(seller)

    asked = client.post(f"{LIST}bulk/assign", {"pk": [*pks, *hidden]})
    wrong = client.post(
        f"{LIST}bulk/assign", {"pk": pks, "sure": "1", "member": "", "member__text": "查无此人", "note": "打电话"}
    )
    done = client.post(f"{LIST}bulk/assign", {"pk": [*pks, *hidden], "sure": "1", "member": seller.pk}, follow=True)
    html = own.get(f"{LIST}?chips=assigned").content.decode()

    assert "指派 3 个客户" in asked.content.decode()
    assert wrong.status_code == 422
    assert "没有名为“查无此人”的成员" in wrong.content.decode()
    assert "打电话" in wrong.content.decode()
    assert "指派了 2 条，1 条没有" in done.content.decode()
    assert ("第一家" in html, "第二家" in html, "没指派的" in html) == (True, True, False)


def test_the_record_page_shows_it_and_its_receiver_closes_it(
    boss: Person, seller: Person, customers: Customers, browser_of: BrowserOf
) -> None:
    (pk,) = customers(seller, "川西能源")
    client, own = browser_of(boss), browser_of(seller)
    client.post(f"{LIST}{pk}/assign", {"member": seller.pk, "note": "<b>回访</b>", "due": "2020-01-01"})
    (row,) = assignments.mine(seller.actor)

    page = own.get(f"{LIST}{pk}").content.decode()
    home = own.get("/").content.decode()
    back = own.post(f"/assignments/{row.pk}/return", {"answer": "", "next": f"{LIST}{pk}"})
    own.post(f"/assignments/{row.pk}/return", {"answer": "不归我管", "next": f"{LIST}{pk}"})

    assert "周敏 指派给 李思源：&lt;b&gt;回访&lt;/b&gt;" in page
    assert "逾期" in page
    assert "川西能源" in home
    assert back.status_code == 422
    assert "请写一句退回的原因" in back.content.decode()
    assert notify.unread(boss.actor)[0].note == "不归我管"
    assert "指派给" not in own.get(f"{LIST}{pk}").content.decode().split("kz-rcols")[0].split("kz-rhead")[1]
