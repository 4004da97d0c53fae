"""A company with the meetings plugin, a venue with two rooms, and a customer who wants to meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kezhou import records
from kezhou.access.actor import System
from kezhou.records.saved import SaveResult
from tenants.context import Current

DAY = "2027-03-15"


@pytest.fixture
def system() -> System:
    return System("tests of meetings")


@pytest.fixture
def meetings(in_alpha: Current, plugins_on: Callable[..., None]) -> None:
    plugins_on("customers", "meetings")


@pytest.fixture
def place(meetings: None, system: System) -> dict[str, int]:
    """锦江宾馆 with 锦江厅 and 芙蓉厅, the customer and its contact."""
    venue = records.save(system, "meetings.venue", [{"name": "锦江宾馆", "city": "成都"}]).demand().pk
    rooms = [{"name": name, "venue": venue, "full_day_price": 8000} for name in ("锦江厅", "芙蓉厅")]
    first, second = records.save(system, "meetings.room", rooms).demand().pks
    customer = records.save(system, "customers.customer", [{"name": "川西能源集团有限公司"}]).demand().pk
    contact = records.save(system, "customers.contact", [{"name": "陈嘉禾", "customer": customer}]).demand().pk
    return {"venue": venue, "锦江厅": first, "芙蓉厅": second, "customer": customer, "contact": contact}


@pytest.fixture
def order(place: dict[str, int], system: System) -> Callable[..., int]:
    """`order(bookings=[…], name="年会")`: the key of a new order of two days in March 2027."""

    def make(actor: Any = None, **values: Any) -> int:
        return booked(actor or system, place, **values).demand().pk

    return make


def booked(actor: Any, place: dict[str, int], **values: Any) -> SaveResult:
    """Save an order of the customer."""
    start = {"customer": place["customer"], "contact": place["contact"], "people": 120}
    days = {"starts_on": DAY, "ends_on": "2027-03-16"}
    return records.save(actor, "meetings.order", [{"name": "年度会议", **start, **days, **values}])


def hours(room: int, begin: str, end: str, **values: Any) -> dict[str, Any]:
    """A booking on the first day."""
    return {"room": room, "starts_at": f"{DAY} {begin}", "ends_at": f"{DAY} {end}", **values}
