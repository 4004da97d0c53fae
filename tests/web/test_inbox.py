"""The bell's inbox: tabs, what waits, reading, kinds that one does without; and the one endpoint of what is new."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from kezhou import assignments, comments, notify, records
from kezhou.notify import inbox
from kezhou.notify.models import Notice
from kezhou.testing import contract
from kezhou.testing.access import Person
from tests.web.conftest import CUSTOMERS, Customers

BrowserOf = Callable[[Person], Client]


@pytest.fixture
def pk(boss: Person, seller: Person, customers: Customers) -> int:
    """A customer of the seller, in which both have said something."""
    (pk,) = customers(seller, "川西能源集团有限公司")
    comments.write(boss.actor, CUSTOMERS, pk, "@李思源 请看")
    assignments.assign(boss.actor, CUSTOMERS, [pk], member=seller.pk, note="回访")
    return pk


def test_each_notice_stands_under_its_tab_with_the_title_of_its_record(
    boss: Person, seller: Person, pk: int, browser_of: BrowserOf
) -> None:
    client = browser_of(seller)

    todo = client.get("/inbox").content.decode()
    mentions = client.get("/inbox?tab=mention").content.decode()

    assert "处理完才会离开，1 条" in todo
    assert "周敏 把一条客户指派给你" in todo
    assert "周敏 提到了你" in mentions
    assert "川西能源集团有限公司" in mentions
    assert "这一栏还没有通知" in client.get("/inbox?tab=system").content.decode()
    assert client.get("/inbox?tab=x").status_code == 400


def test_what_may_not_be_seen_any_more_is_not_named(
    boss: Person, seller: Person, pk: int, browser_of: BrowserOf
) -> None:
    records.save(boss.actor, CUSTOMERS, [{"pk": pk, "owner": boss.pk}]).demand()

    html = browser_of(seller).get("/inbox?tab=mention").content.decode()

    assert "你看不到的记录" in html
    assert "川西能源" not in html


def test_opening_reads_it_and_what_waits_stays(boss: Person, seller: Person, pk: int, browser_of: BrowserOf) -> None:
    client = browser_of(seller)
    assigned, mentioned = notify.unread(seller.actor)

    gone = client.get(f"/inbox/{mentioned.pk}")
    client.post("/inbox?tab=todo")

    assert gone["Location"] == f"/r/{CUSTOMERS}/{pk}"
    assert notify.unread_count(seller.actor) == 0
    assert [notice.pk for notice in inbox.inbox(seller.actor, "todo").waiting] == [assigned.pk]
    assert browser_of(boss).get(f"/inbox/{mentioned.pk}").status_code == 404


def test_a_kind_that_one_does_without_is_not_left(boss: Person, seller: Person, pk: int, browser_of: BrowserOf) -> None:
    client = browser_of(seller)
    client.post("/me/notices", {"kind": ["replied"]})
    notify.mark_read(seller.actor)

    comments.write(boss.actor, CUSTOMERS, pk, "@李思源 再看")
    assignments.assign(boss.actor, CUSTOMERS, [pk], member=seller.pk)

    assert [notice.kind for notice in notify.unread(seller.actor)] == ["assigned"]
    assert "mentioned" in inbox.muted(seller.actor)


def test_old_notices_go_and_those_that_wait_stay(boss: Person, seller: Person, pk: int) -> None:
    Notice.objects.update(created_at=timezone.now() - timedelta(days=91))

    assert inbox.forget() == 1
    assert [notice.kind for notice in notify.unread(seller.actor)] == ["assigned"]


def test_the_count_comes_alive_in_one_statement_beside_the_session(
    boss: Person, seller: Person, pk: int, browser_of: BrowserOf
) -> None:
    client = browser_of(seller)
    client.post("/live")

    few = contract.statements(lambda: client.post("/live"))
    for number in range(30):
        notify.tell(boss.actor, [seller.pk], kind="x", sentence=f"第 {number} 条")
    many = contract.statements(lambda: client.post("/live"))

    assert (client.post("/live").json(), few) == ({"unread": 32}, many)


def test_the_inbox_takes_as_many_statements_for_few_as_for_many(
    boss: Person, seller: Person, pk: int, browser_of: BrowserOf
) -> None:
    client = browser_of(seller)
    client.get("/inbox?tab=system")
    notify.tell(boss.actor, [seller.pk], kind="x", sentence="一", type=CUSTOMERS, record=pk)
    few = contract.statements(lambda: client.get("/inbox?tab=system"))

    for number in range(29):
        notify.tell(boss.actor, [seller.pk], kind="x", sentence=f"{number}", type=CUSTOMERS, record=pk)

    assert contract.statements(lambda: client.get("/inbox?tab=system")) == few
