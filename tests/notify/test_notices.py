"""Notices: for others than the actor, once each, read by their owner only."""

from __future__ import annotations

from kezhou import notify
from kezhou.testing import contract
from kezhou.testing.access import MemberFactory
from tenants.context import Current


def test_told_once_and_never_oneself(in_alpha: Current, member_factory: MemberFactory) -> None:
    one, two, three = (member_factory("sales").actor for _ in range(3))

    count = notify.tell(
        one, [two.member_pk, two.member_pk, three.member_pk, one.member_pk], kind="x", sentence="长" * 400
    )

    assert count == 2
    (notice,) = notify.unread(two)
    assert (len(notice.sentence), notice.sentence[-1], notice.by_name) == (300, "…", one.name)
    assert notify.unread(one) == ()


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
