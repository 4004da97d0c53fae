"""The samples of the demo company: content with text, orders in every state, no room twice, all through `records.save`."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from kezhou import demo, records
from kezhou.access.actor import System
from kezhou.sdk.hooks import Occasion
from kezhou.testing.access import MemberFactory


@pytest.mark.req("MTG-01", part="venues, rooms, services with text, capacity, equipment, catering, packages, prices")
def test_the_demo_company_has_meetings_in_every_state(
    meetings: None, system: System, member_factory: MemberFactory
) -> None:
    people = [member_factory("sales", name="陈嘉禾").pk, member_factory("manager", name="王浩然").pk]

    demo.seed_samples(system, Occasion(today=date(2027, 3, 1), members=people))

    orders = records.query(system, "meetings.order")
    states = Counter(orders.values_list("state", flat=True))
    assert states == {
        "enquiry": 2, "quoted": 2, "booked": 2, "confirmed": 2, "running": 1, "done": 1, "settled": 1, "cancelled": 1,
    }  # fmt: skip
    assert orders.get(state="settled").balance == 0
    assert orders.get(state="cancelled").room_count == 1
    assert records.query(system, "meetings.booking").filter(holds=False).count() == 1
    venue = records.query(system, "meetings.venue").get(name="锦江宾馆")
    assert all([venue.introduction, venue.catering, venue.equipment, venue.packages])
    room = records.query(system, "meetings.room").get(name="锦江厅")
    assert (room.capacity, room.full_day_price, len(room.equipment)) == (600, 30_000, 5)
    assert records.query(system, "meetings.service").filter(price__isnull=True).count() == 0
