"""A room is never booked twice: the database refuses it, a sentence names room and time, and what falls away frees it (MTG-02)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kezhou import records
from kezhou.access.actor import System
from kezhou.records.saved import SaveResult
from tests.derived.test_together import at_once
from tests.meetings.conftest import booked, hours

ORDER, BOOKING = "meetings.order", "meetings.booking"
TAKEN = "“锦江厅”在 2027年3月15日 11:00 至 2027年3月15日 14:00 这段时间已经被预订，请换一间会议室，或改时间。"
Order = Callable[..., int]


@pytest.mark.req("MTG-02", part="double booking")
def test_a_room_is_refused_while_somebody_else_has_it(system: System, place: dict[str, int], order: Order) -> None:
    order(bookings=[hours(place["锦江厅"], "09:00", "12:00")])

    over = booked(system, place, name="另一会", bookings=[hours(place["锦江厅"], "11:00", "14:00")])
    after = booked(system, place, name="接着开", bookings=[hours(place["锦江厅"], "12:00", "14:00")])
    beside = booked(system, place, name="隔壁", bookings=[hours(place["芙蓉厅"], "09:00", "12:00")])

    assert over.errors() == {"bookings.0.room": (TAKEN,)}
    assert after.ok
    assert beside.ok
    assert records.query(system, ORDER).count() == 3


def test_twice_in_one_order_and_by_the_line_alone(system: System, place: dict[str, int], order: Order) -> None:
    twice = booked(
        system,
        place,
        bookings=[hours(place["锦江厅"], "09:00", "12:00"), hours(place["锦江厅"], "11:00", "14:00")],
    )
    pk = order(bookings=[hours(place["锦江厅"], "09:00", "12:00")])
    alone = records.save(system, BOOKING, [{"order": pk, **hours(place["锦江厅"], "11:00", "14:00")}])

    assert list(twice.errors()) == ["bookings.1.room"]
    assert alone.errors() == {"room": (TAKEN,)}


@pytest.mark.req("MTG-02", part="cancelled and deleted orders free the room")
def test_cancelled_and_deleted_orders_free_the_room_and_take_it_back_only_when_it_is_free(
    system: System, place: dict[str, int], order: Order
) -> None:
    first = order(bookings=[hours(place["锦江厅"], "11:00", "14:00")])
    records.move(system, ORDER, first, "cancelled", {"cancel_reason": "date"}).demand()
    second = order(name="后来的", bookings=[hours(place["锦江厅"], "11:00", "14:00")])

    reopened = records.move(system, ORDER, first, "enquiry")
    records.delete(system, ORDER, [second])
    again = records.move(system, ORDER, first, "enquiry")
    restored = records.restore(system, ORDER, [second])

    assert reopened.errors() == {"bookings": (TAKEN,)}
    assert again.ok
    assert [problem.sentence for problem in restored.problems] == [f"不能恢复：{TAKEN}"]


def test_an_enquiry_that_reserves_nothing_meets_the_refusal_when_it_is_booked(
    system: System, place: dict[str, int], order: Order
) -> None:
    first = order(bookings=[hours(place["锦江厅"], "11:00", "14:00", reserved=False)])
    second = order(name="竞争", bookings=[hours(place["锦江厅"], "11:00", "14:00", reserved=False)])

    records.move(system, ORDER, first, "booked").demand()
    refused = records.move(system, ORDER, second, "booked")

    assert refused.errors() == {"bookings": (TAKEN,)}
    assert records.get(system, ORDER, second).values["state"] == "enquiry"


def test_two_bookings_of_an_order_change_places_in_one_save(
    system: System, place: dict[str, int], order: Order
) -> None:
    pk = order(bookings=[hours(place["锦江厅"], "09:00", "12:00"), hours(place["锦江厅"], "13:00", "17:00")])
    first, second = records.query(system, BOOKING).order_by("starts_at").values_list("pk", flat=True)

    swapped = [
        {"pk": first, **hours(place["锦江厅"], "13:00", "17:00")},
        {"pk": second, **hours(place["锦江厅"], "09:00", "12:00")},
    ]
    result = records.save(system, ORDER, [{"pk": pk, "bookings": swapped}])

    assert result.ok, result.errors()


def test_an_end_before_the_beginning_and_a_wrong_time_are_told(system: System, place: dict[str, int]) -> None:
    backwards = booked(system, place, bookings=[hours(place["锦江厅"], "12:00", "09:00")])
    wrong = booked(system, place, bookings=[hours(place["锦江厅"], "25:00", "26:00")])

    assert backwards.errors() == {"bookings": ("会议室的结束时间要晚于开始时间。",)}
    assert sorted(wrong.errors()) == ["bookings.0.ends_at", "bookings.0.starts_at"]


@pytest.mark.committed
@pytest.mark.req("MTG-02", part="double booking by two people at once")
def test_of_two_people_at_once_one_gets_the_room(system: System, place: dict[str, int]) -> None:
    def book(name: str) -> Callable[[], SaveResult]:
        return lambda: booked(system, place, name=name, bookings=[hours(place["锦江厅"], "11:00", "14:00")])

    results = at_once([book("甲"), book("乙")])

    assert sorted(result.ok for result in results) == [False, True]
    refused = next(result for result in results if not result.ok)
    assert refused.errors() == {"bookings.0.room": (TAKEN,)}
    assert records.query(system, BOOKING).count() == 1
