"""Notices: for others than the actor, once each, read by their owner only."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import translation

from kezhou import assignments, notify
from kezhou.testing import contract
from kezhou.testing.access import MemberFactory
from tenants.context import Current


def test_told_once_and_never_oneself(in_alpha: Current, member_factory: MemberFactory) -> None:
    one, two, three = (member_factory("sales").actor for _ in range(3))

    members = [two.member_pk, two.member_pk, three.member_pk, one.member_pk]
    count = notify.tell(one, members, kind="x", sentence="%(text)s", values={"text": "长" * 400})

    assert count == 2
    (notice,) = notify.unread(two)
    told = notify.told(two, notice)
    assert (len(told), told[-1], notice.by_name) == (300, "…", one.name)
    assert notify.unread(one) == ()


def test_a_notice_is_told_in_the_language_of_who_reads_it(
    in_alpha: Current, plugins_on: Callable[..., None], member_factory: MemberFactory
) -> None:
    plugins_on("customers")
    boss, seller = member_factory("admin", name="周敏").actor, member_factory("sales", name="李思源").actor
    (pk,) = contract.make(boss, "customers.customer")
    with translation.override("en"):
        assignments.assign(boss, "customers.customer", [pk], member=seller.member_pk, owner=True)
    (notice,) = notify.unread(seller)

    told = {}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            told[language] = notify.told(seller, notice)

    assert told == {"zh-hans": "周敏 把一条客户指派给你", "en": "周敏 assigned you a record: Customers"}


def test_reading_touches_only_ones_own(in_alpha: Current, member_factory: MemberFactory) -> None:
    one, two = (member_factory("sales").actor for _ in range(2))
    notify.tell(one, [two.member_pk], kind="x", sentence="甲", type="core.member", record=1)
    notify.tell(one, [two.member_pk], kind="x", sentence="乙", type="core.member", record=2)
    first, second = (notice.pk for notice in notify.unread(two)[::-1])

    assert notify.mark_read(one, [first, second]) == 0
    assert notify.mark_read(two, type="core.member", record=2) == 1
    assert (notify.unread_count(two), notify.unread(two)[0].pk) == (1, first)
    assert notify.mark_read(two) == 1


def test_one_statement_for_many(in_alpha: Current, member_factory: MemberFactory) -> None:
    actor = member_factory("sales").actor

    few = contract.statements(lambda: notify.tell(actor, [900], kind="x", sentence="甲"))
    many = contract.statements(lambda: notify.tell(actor, range(900, 950), kind="x", sentence="乙"))

    assert few == many
