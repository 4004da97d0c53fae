"""The timeline through its functions: everything, newest first, by pages without gap or double, within the reader's rights (BAS-09)."""

from __future__ import annotations

import io

import pytest

from kezhou import comments, records, timeline
from kezhou.access.roles import seed
from kezhou.files import attachments
from kezhou.records.spec import FilterError
from kezhou.sdk.hooks import Grant, RoleSeed
from kezhou.testing import contract
from kezhou.testing.access import MemberFactory, Person
from tests.comments.conftest import CUSTOMERS, boss, customer, other, seller, shop

__all__ = ["boss", "customer", "other", "seller", "shop"]
CONTACTS, DEALS = "customers.contact", "sales.opportunity"


def stream(person: Person, pk: int, **wanted: object) -> timeline.Stream:
    return timeline.of(person.actor, records.get(person.actor, CUSTOMERS, pk), **wanted)


def kinds(person: Person, pk: int, **wanted: object) -> list[str]:
    return [event.kind for event in stream(person, pk, **wanted).events]


@pytest.fixture
def lively(seller: Person, customer: int) -> int:
    """A customer with one of everything."""
    records.save(seller.actor, CUSTOMERS, [{"pk": customer, "city": "成都"}]).demand()
    comments.write(seller.actor, CUSTOMERS, customer, "价格确认了")
    attachments.attach(seller.actor, CUSTOMERS, customer, "报价单.txt", io.BytesIO(b"1"))
    records.save(seller.actor, CONTACTS, [{"name": "何国栋", "customer": customer}]).demand()
    return customer


def test_everything_newest_first(seller: Person, lively: int) -> None:
    events = stream(seller, lively).events

    assert [event.kind for event in events] == ["linked", "file", "comment", "change", "change"]
    assert (events[0].title, events[0].type.key, events[0].change.kind) == ("何国栋", CONTACTS, "created")
    assert (events[1].file.name, events[2].said.text) == ("报价单.txt", "价格确认了")
    assert [(f.field.key, f.old_text, f.new_text) for f in events[3].change.fields] == [("city", "", "成都")]
    assert events[4].change.kind == "created"
    found = timeline.counts(seller.actor, records.get(seller.actor, CUSTOMERS, lively))
    assert found == {"comment": 1, "move": 0, "change": 2, "file": 1, "linked": 1, "assignment": 0}


def test_kinds_are_filtered_and_unknown_ones_refused(seller: Person, lively: int) -> None:
    assert kinds(seller, lively, kinds=("comment", "file")) == ["file", "comment"]
    for wanted in ({"kinds": ("nonsense",)}, {"before": "!"}, {"before": "MjAyNnwwfDE"}):
        with pytest.raises(FilterError):
            stream(seller, lively, **wanted)


def test_pages_go_on_without_gap_or_double(seller: Person, lively: int) -> None:
    rows = [{"name": f"联系人{n}", "customer": lively} for n in range(5)]
    records.save(seller.actor, CONTACTS, rows).demand()  # five entries of one moment
    whole = [(event.kind, event.pk) for event in stream(seller, lively).events]

    walked, before = [], ""
    while True:
        part = stream(seller, lively, before=before, size=2)
        walked += [(event.kind, event.pk) for event in part.events]
        before = part.next
        if not before:
            break

    assert walked == whole
    assert len(whole) == 10


def test_linked_records_out_of_sight_are_not_told(boss: Person, seller: Person, lively: int) -> None:
    records.save(boss.actor, DEALS, [{"name": "老板的商机", "customer": lively, "owner": boss.pk}]).demand()

    assert kinds(boss, lively, kinds=("linked",)) == ["linked", "linked"]
    assert [event.title for event in stream(seller, lively, kinds=("linked",)).events] == ["何国栋"]
    seen = timeline.counts(seller.actor, records.get(seller.actor, CUSTOMERS, lively))
    assert seen["linked"] == 1


def test_changes_of_hidden_fields_are_neither_shown_nor_counted(
    boss: Person, seller: Person, lively: int, member_factory: MemberFactory
) -> None:
    seed([RoleSeed("clerk", "文员", [Grant(CUSTOMERS, "read", "all", hidden=("city",))])])
    reader = member_factory("clerk", name="只读")

    assert kinds(seller, lively, kinds=("change",)) == ["change", "change"]
    assert kinds(reader, lively, kinds=("change",)) == ["change"]
    assert timeline.counts(reader.actor, records.get(reader.actor, CUSTOMERS, lively))["change"] == 1


def test_answers_stand_below_and_pinned_ones_apart(boss: Person, seller: Person, lively: int) -> None:
    first = comments.write(seller.actor, CUSTOMERS, lively, "两份合同 @周敏").pk
    answer = comments.write(boss.actor, CUSTOMERS, lively, "寄一份", reply_to=first).pk
    comments.pin(seller.actor, CUSTOMERS, lively, first, pinned=True)
    entry = records.get(seller.actor, CUSTOMERS, lively)

    said = stream(seller, lively, kinds=("comment",)).events[0].said
    assert ([reply.pk for reply in said.replies], said.pinned) == ([answer], True)
    assert str(said.html) == '两份合同 <span class="kz-at">@周敏</span>'
    assert [comment.pk for comment in timeline.pinned(entry)] == [first]


def test_a_comment_taken_back_stays_as_long_as_it_is_answered(boss: Person, seller: Person, customer: int) -> None:
    first = comments.write(seller.actor, CUSTOMERS, customer, "<b>秘密</b>").pk
    alone = comments.write(seller.actor, CUSTOMERS, customer, "没人回").pk
    comments.write(boss.actor, CUSTOMERS, customer, "收到", reply_to=first)
    for pk in (first, alone):
        comments.remove(seller.actor, CUSTOMERS, customer, pk)

    (event,) = stream(seller, customer, kinds=("comment",)).events
    assert (event.said.removed, event.said.text, str(event.said.html)) == (True, "", "")
    assert [reply.text for reply in event.said.replies] == ["收到"]


def test_few_and_many_take_equally_many_statements(seller: Person, lively: int) -> None:
    def read() -> None:
        entry = records.get(seller.actor, CUSTOMERS, lively)
        timeline.of(seller.actor, entry)
        timeline.counts(seller.actor, entry)

    few = contract.statements(read)
    records.save(seller.actor, CONTACTS, [{"name": f"联系人{n}", "customer": lively} for n in range(30)]).demand()
    for number in range(10):
        comments.write(seller.actor, CUSTOMERS, lively, f"第 {number} 条")

    assert contract.statements(read) == few
