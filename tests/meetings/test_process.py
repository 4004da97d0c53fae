"""The whole booking process from enquiry to settlement, with what each step demands and does (MTG-02, MTG-03)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from kezhou import records
from kezhou.access.actor import System
from kezhou.access.roles import seed
from kezhou.records.lines.reading import line_tables
from kezhou.records.listing import ListRequest
from kezhou.records.spec import NotAllowed
from kezhou.testing.access import MemberFactory
from plugins.meetings.hooks import roles
from tests.meetings.conftest import hours

ORDER = "meetings.order"
Order = Callable[..., int]


@pytest.fixture
def manager(meetings: None, member_factory: MemberFactory) -> Any:
    return member_factory("manager", name="王浩然")


@pytest.fixture
def full(place: dict[str, int], order: Order) -> int:
    """An order of 8,000 rent and 150 meals of 88: 21,200 with everything, 20,000 after the discount."""
    return order(
        discount=1200,
        bookings=[hours(place["锦江厅"], "09:00", "17:00", price=8000)],
        services=[{"name": "自助午餐", "quantity": 150, "price": 88}],
        tasks=[{"name": "布置会场", "due_on": "2027-03-14"}],
    )


def value(pk: int, key: str) -> Any:
    return records.get(System("look"), ORDER, pk).values[key]


def moves(actor: Any, pk: int) -> list[tuple[str, bool]]:
    return [(move.title, move.allowed) for move in records.moves(actor, ORDER, records.get(actor, ORDER, pk))]


@pytest.mark.req("MTG-02")
def test_a_meeting_goes_from_enquiry_to_settlement(system: System, full: int, manager: Any) -> None:
    assert (value(full, "state"), value(full, "total"), value(full, "balance")) == ("enquiry", 20_000, 20_000)

    records.act(
        system, ORDER, "offer", [full], {"valid_until": "2027-02-01", "follow_up_on": "2027-01-20", "note": "含茶歇"}
    ).demand()
    records.move(system, ORDER, full, "booked").demand()
    records.move(
        system, ORDER, full, "confirmed", {"onsite_contact": manager.pk, "onsite_phone": "13800000000"}
    ).demand()
    paid = {"paid_on": "2027-03-01", "way": "transfer"}
    records.act(system, ORDER, "pay", [full], {"payment_kind": "deposit", "amount": "5000", **paid}).demand()
    records.move(system, ORDER, full, "running").demand()
    records.move(system, ORDER, full, "done", {"return_visit_on": "2027-03-20"}).demand()
    early = records.move(system, ORDER, full, "settled", {"settled_on": "2027-03-18"})
    records.act(system, ORDER, "pay", [full], {"payment_kind": "balance", "amount": "15,000", **paid}).demand()
    records.move(system, ORDER, full, "settled", {"settled_on": "2027-03-18"}).demand()

    refusal = "还有未结清的金额，不能结算。请先用“付款登记”收齐尾款，或登记退款。"
    assert early.errors() == {"state": (refusal,)}
    entry = records.get(system, ORDER, full)
    assert (entry.values["state"], entry.values["paid"], entry.values["balance"]) == ("settled", 20_000, 0)
    assert [step for step, _allowed in moves(system, full)] == []
    states = [
        field.new for change in reversed(records.history(system, ORDER, full)) for field in change.fields
        if field.field.key == "state"
    ]  # fmt: skip
    assert states == ["enquiry", "quoted", "booked", "confirmed", "running", "done", "settled"]


@pytest.mark.req("MTG-02", part="offer")
def test_an_offer_keeps_what_was_offered_when_the_order_changes(system: System, full: int) -> None:
    records.act(system, ORDER, "offer", [full], {"valid_until": "2027-02-01", "note": "含茶歇"}).demand()
    records.save(system, ORDER, [{"pk": full, "discount": 0}]).demand()
    records.act(system, ORDER, "offer", [full], {}).demand()

    quotes = records.query(system, "meetings.quote").order_by("pk").values("total", "content", "valid_until", "number")
    assert [(row["total"], row["valid_until"]) for row in quotes] == [(20_000, date(2027, 2, 1)), (21_200, None)]
    assert quotes[0]["content"].splitlines() == [
        "会议 2027-03-15 09:00–17:00 ¥8,000.00", "自助午餐 150 × ¥88.00 = ¥13,200.00", "含茶歇",
    ]  # fmt: skip
    assert quotes[0]["number"].startswith("BJ")
    assert value(full, "quoted_on") == timezone.localdate()


def test_each_step_asks_for_what_it_needs(system: System, place: dict[str, int], order: Order) -> None:
    bare = order(contact=None, people=None)

    by_hand = records.save(system, ORDER, [{"pk": bare, "state": "quoted"}])
    offer = records.act(system, ORDER, "offer", [bare], {})
    booking = records.move(system, ORDER, bare, "booked")
    rooms = records.move(system, ORDER, bare, "booked", {"contact": place["contact"], "people": 80})
    jump = records.save(system, ORDER, [{"pk": bare, "state": "settled"}])

    assert by_hand.errors() == {"state": ("改为“已报价”请用“报价”。",)}
    assert offer.errors() == {"": ("还没有金额，不能报价。请先填写会议室的场租或服务项目。",)}
    assert booking.errors() == {
        "contact": ("改为“已预订”要先填写联系人。",), "people": ("改为“已预订”要先填写参会人数。",),
    }  # fmt: skip
    assert rooms.errors() == {"state": ("还没有选会议室，不能预订。请先在“会议室”里添加场次。",)}
    assert list(jump.errors()) == ["state"]
    assert moves(system, bare) == [("预订", True), ("取消", True)]


@pytest.mark.req("MTG-02", part="cancellation")
def test_a_cancelled_order_says_why_and_gives_money_back(system: System, full: int) -> None:
    pay = {"paid_on": "2027-03-01"}
    records.move(system, ORDER, full, "booked").demand()
    records.act(system, ORDER, "pay", [full], {"payment_kind": "deposit", "amount": 3000, **pay}).demand()

    silent = records.move(system, ORDER, full, "cancelled")
    records.move(system, ORDER, full, "cancelled", {"cancel_reason": "customer", "cancel_note": "改期"}).demand()
    too_much = records.act(system, ORDER, "pay", [full], {"payment_kind": "refund", "amount": 3001, **pay})
    nothing = records.act(system, ORDER, "pay", [full], {"payment_kind": "refund", "amount": 0, **pay})
    records.act(system, ORDER, "pay", [full], {"payment_kind": "refund", "amount": 3000, **pay}).demand()

    assert silent.errors() == {"cancel_reason": ("请填写取消原因。（规则：取消的订单要说明原因）",)}
    assert too_much.errors() == {"amount": ("这个订单一共收到 ¥3,000.00，退款不能比它多。",)}
    assert nothing.errors() == {"amount": ("金额要大于 0。",)}
    assert value(full, "paid") == Decimal(0)


def test_a_running_meeting_keeps_its_rooms_and_a_settled_one_everything(
    system: System, place: dict[str, int], full: int, manager: Any
) -> None:
    records.move(system, ORDER, full, "booked").demand()
    records.move(system, ORDER, full, "confirmed", {"onsite_contact": manager.pk}).demand()
    records.move(system, ORDER, full, "running").demand()

    rooms = records.save(system, ORDER, [{"pk": full, "bookings": []}])
    attending = records.save(system, ORDER, [{"pk": full, "participants": [{"name": "李思源", "attended": True}]}])

    assert rooms.errors() == {"bookings": ("会议正在执行，场次、客户和优惠不能再改。",)}
    assert attending.ok
    assert value(full, "registered") == 1


@pytest.mark.req("MTG-02", part="services, participants, agenda")
def test_services_bring_their_price_and_the_agenda_stays_within_the_meeting(
    system: System, place: dict[str, int], order: Order
) -> None:
    lunch = {"name": "自助午餐", "kind": "catering", "unit": "person", "price": 88, "cost": 60}
    service = records.save(system, "meetings.service", [lunch]).demand().pk
    pk = order(services=[{"name": "午餐", "service": service, "quantity": 100}])

    outside = records.save(
        system, ORDER,
        [{"pk": pk, "agenda": [{"name": "开幕", "starts_at": "2027-03-14 09:00", "ends_at": "2027-03-14 10:00"}]}],
    )  # fmt: skip
    inside = records.save(
        system, ORDER,
        [{"pk": pk, "agenda": [{"name": "开幕", "starts_at": "2027-03-15 09:00", "ends_at": "2027-03-15 10:00"}],
          "participants": [{"name": "陈嘉禾", "contact": place["contact"], "diet": "halal"}]}],
    )  # fmt: skip

    assert (value(pk, "services_total"), value(pk, "cost")) == (8800, 6000)
    sentence = "议程“开幕”不在会议的日期 2027-03-15 至 2027-03-16 里，请改议程时间或会议日期。"
    assert outside.errors() == {"agenda.0.starts_at": (sentence,)}
    assert inside.ok
    tables = {table.lines.key: table for table in line_tables(system, records.get(system, ORDER, pk))}
    assert [row.values["name"] for row in tables["agenda"].rows] == ["开幕"]
    assert [row.values["diet"] for row in tables["participants"].rows] == ["halal"]


@pytest.mark.req("MTG-03")
def test_tracking_before_and_after_the_sale(system: System, full: int, manager: Any) -> None:
    today = timezone.localdate()
    records.act(system, ORDER, "offer", [full], {"follow_up_on": today}).demand()
    waiting = next(view for view in records.type_of(system, ORDER).views if view.key == "follow_up")
    due = next(view for view in records.type_of(system, "meetings.followup").views if view.key == "due")
    tracked = [
        {"name": "客户要求再优惠", "kind": "offer", "happened_on": today, "person": manager.pk, "next_on": today},
        {"name": "电话回访，满意", "kind": "return_visit", "happened_on": today, "satisfaction": "satisfied"},
    ]

    records.save(system, ORDER, [{"pk": full, "followups": tracked}]).demand()
    (task,) = records.query(system, "meetings.preparation").values_list("pk", flat=True)
    before = value(full, "open_tasks")
    records.save(system, "meetings.preparation", [{"pk": task, "done": True}]).demand()

    assert records.pks(system, ORDER, ListRequest(filter=waiting.filter)) == [full]
    assert len(records.pks(system, "meetings.followup", ListRequest(filter=due.filter))) == 1
    assert (before, value(full, "open_tasks")) == (1, 0)


def test_who_may_what(system: System, place: dict[str, int], full: int, member_factory: MemberFactory) -> None:
    seed(list(roles()))
    seller = member_factory("sales", name="陈晨").actor
    reader = member_factory("reader", name="读者").actor
    boss = member_factory("manager", name="主管").actor
    mine = records.save(seller, ORDER, [{"name": "我的会", "customer": None}])

    assert list(mine.errors()) == ["customer"]
    assert [key for key in records.types(reader) if key.startswith("meetings.")] != []
    assert "settle" not in records.type_of(seller, ORDER).operations
    assert "settle" in records.type_of(boss, ORDER).operations
    with pytest.raises(NotAllowed, match="新建会议订单"):
        records.save(reader, ORDER, [{"name": "不行"}])
    with pytest.raises(NotAllowed, match="新建会议场地"):
        records.save(seller, "meetings.venue", [{"name": "不行"}])
