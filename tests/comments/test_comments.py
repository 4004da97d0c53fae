"""Comments through their functions: who may, who is told, what stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kezhou import comments, notify, records
from kezhou.access.actor import System
from kezhou.comments.leaving import delete_with_records
from kezhou.comments.models import Comment
from kezhou.records.spec import NotAllowed, RecordNotFound
from kezhou.testing import contract
from kezhou.testing.access import MemberFactory, Person
from tests.comments.conftest import CUSTOMERS


def told(person: Person) -> list[tuple[str, str]]:
    return [(notice.kind, notify.told(person.actor, notice)) for notice in notify.unread(person.actor)]


def test_who_is_mentioned_is_told_once_and_who_cannot_see_is_named(
    boss: Person, seller: Person, other: Person, customer: int
) -> None:
    written = comments.write(seller.actor, CUSTOMERS, customer, "@周敏 价格确认了，@罗欣 也看一下。@周敏")

    assert (written.told, written.blind) == (1, ("罗欣",))
    assert told(boss) == [("mentioned", "李思源 提到了你：@周敏 价格确认了，@罗欣 也看一下。@周敏")]
    assert told(other) == []
    assert told(seller) == []


def test_of_two_with_one_name_the_picked_one_is_meant(
    boss: Person, seller: Person, customer: int, member_factory: MemberFactory
) -> None:
    first, second = member_factory("admin", name="王伟"), member_factory("admin", name="王伟")

    comments.write(seller.actor, CUSTOMERS, customer, "@王伟 请看", chosen=[second.pk])

    assert (len(told(first)), len(told(second))) == (0, 1)


def test_the_longest_name_counts(seller: Person, customer: int, member_factory: MemberFactory) -> None:
    short, long = member_factory("admin", name="王浩"), member_factory("admin", name="王浩然")

    comments.write(seller.actor, CUSTOMERS, customer, "@王浩然你来跟")

    assert (len(told(short)), len(told(long))) == (0, 1)


def test_a_department_reaches_its_people(
    seller: Person, customer: int, member_factory: MemberFactory, department_factory: Callable[..., int]
) -> None:
    place = department_factory("票务部")
    inside = member_factory("admin", name="赵一鸣", department=place)
    outside = member_factory("admin", name="孙婧")

    written = comments.write(seller.actor, CUSTOMERS, customer, "@票务部 明天出票")

    assert (written.told, len(told(inside)), len(told(outside))) == (1, 1, 0)


def test_replies_go_to_the_first_comment_and_tell_its_author(boss: Person, seller: Person, customer: int) -> None:
    first = comments.write(seller.actor, CUSTOMERS, customer, "客户要两份合同")
    answer = comments.write(boss.actor, CUSTOMERS, customer, "寄一份", reply_to=first.pk)
    again = comments.write(seller.actor, CUSTOMERS, customer, "好的", reply_to=answer.pk)

    assert [row.parent for row in Comment.objects.order_by("pk")] == [None, first.pk, first.pk]
    assert told(seller) == [("replied", "周敏 回复了你的评论：寄一份")]
    assert told(boss) == [("replied", "李思源 回复了你的评论：好的")]
    assert again.pk > answer.pk


def test_another_wording_keeps_the_earlier_one(boss: Person, seller: Person, customer: int) -> None:
    pk = comments.write(seller.actor, CUSTOMERS, customer, "价格 100 @周敏").pk

    comments.edit(seller.actor, CUSTOMERS, customer, pk, "价格 120 @周敏")

    row = Comment.objects.get(pk=pk)
    assert (row.text, [edit["text"] for edit in row.edits]) == ("价格 120 @周敏", ["价格 100 @周敏"])
    assert len(told(boss)) == 1
    with pytest.raises(NotAllowed, match="只有写评论的人能修改它"):
        comments.edit(boss.actor, CUSTOMERS, customer, pk, "价格 80")


def test_own_comments_are_taken_back_and_administrators_take_back_any(
    boss: Person, seller: Person, customer: int
) -> None:
    mine = comments.write(seller.actor, CUSTOMERS, customer, "写错了").pk
    his = comments.write(boss.actor, CUSTOMERS, customer, "注意账期").pk

    with pytest.raises(NotAllowed):
        comments.remove(seller.actor, CUSTOMERS, customer, his)
    comments.remove(seller.actor, CUSTOMERS, customer, mine)
    comments.remove(boss.actor, CUSTOMERS, customer, his)

    assert Comment.objects.filter(removed_at=None).count() == 0
    with pytest.raises(comments.CommentNotFound):
        comments.edit(seller.actor, CUSTOMERS, customer, mine, "又写")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("", "评论是空的"), (" \u200b\u202e\x00 ", "评论是空的"), ("长" * 5001, "评论有 5001 个字，最多 5000 个")],
)
def test_bad_texts_are_refused_with_a_sentence(seller: Person, customer: int, text: str, sentence: str) -> None:
    with pytest.raises(comments.CommentRefused, match=sentence):
        comments.write(seller.actor, CUSTOMERS, customer, text)

    assert Comment.objects.count() == 0


def test_a_record_out_of_sight_takes_no_comment(other: Person, seller: Person, customer: int) -> None:
    pk = comments.write(seller.actor, CUSTOMERS, customer, "内部").pk

    for attempt in (
        lambda: comments.write(other.actor, CUSTOMERS, customer, "看看"),
        lambda: comments.remove(other.actor, CUSTOMERS, customer, pk),
        lambda: comments.pin(other.actor, CUSTOMERS, customer, pk, pinned=True),
    ):
        with pytest.raises(RecordNotFound):
            attempt()


def test_pinning_needs_the_right_to_change(seller: Person, customer: int, member_factory: MemberFactory) -> None:
    reader = member_factory("reader", name="只读")
    pk = comments.write(seller.actor, CUSTOMERS, customer, "付款前先对账").pk

    comments.pin(seller.actor, CUSTOMERS, customer, pk, pinned=True)
    with pytest.raises(NotAllowed, match="不能置顶"):
        comments.pin(reader.actor, CUSTOMERS, customer, pk, pinned=False)

    assert Comment.objects.get(pk=pk).pinned_by == "李思源"


def test_statements_do_not_grow_with_the_number_of_names(seller: Person, customer: int, boss: Person) -> None:
    comments.write(seller.actor, CUSTOMERS, customer, "@周敏 先把规则读进内存")

    one = contract.statements(lambda: comments.write(seller.actor, CUSTOMERS, customer, "@周敏 一"))
    many = contract.statements(lambda: comments.write(seller.actor, CUSTOMERS, customer, "@周敏 二 @李思源 @周敏"))

    assert one == many


def test_comments_leave_with_a_purged_record(boss: Person, seller: Person, customer: int) -> None:
    (kept,) = records.save(seller.actor, CUSTOMERS, [{"name": "青衣江茶业集团有限公司"}]).pks
    comments.write(seller.actor, CUSTOMERS, customer, "旧")
    comments.write(seller.actor, CUSTOMERS, kept, "新")
    records.delete(System("a test"), CUSTOMERS, [customer])
    records.purge(boss.actor, CUSTOMERS, [customer])

    assert delete_with_records() == 1
    assert [row.text for row in Comment.objects.all()] == ["新"]


def test_the_picker_finds_by_pinyin_and_knows_departments(
    boss: Person, seller: Person, department_factory: Callable[..., int]
) -> None:
    department_factory("成都分公司")

    people = [found.name for found in comments.suggestions(boss.actor, "李思")]
    places = [(found.kind, found.name) for found in comments.suggestions(boss.actor, "成都分")]

    assert people == ["李思源"]
    assert places == [("department", "成都分公司")]
