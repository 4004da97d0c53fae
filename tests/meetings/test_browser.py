"""Two people book the same room in their browsers: the second is refused at the room, and nothing typed is lost (MTG-02)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from kezhou import records
from kezhou.access.actor import System
from kezhou.testing.access import MemberFactory, Person
from kezhou.testing.browser import Screen
from tests.meetings.conftest import DAY

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.committed]
ROOM = "“锦江厅”在 2027年3月15日 09:00 至 2027年3月15日 12:00 这段时间已经被预订，请换一间会议室，或改时间。"


@pytest.fixture
def people(meetings: None, member_factory: MemberFactory) -> tuple[Person, Person]:
    return member_factory("admin", name="周敏"), member_factory("admin", name="王浩然")


def choose(page: Page, name: str, words: str, title: str) -> None:
    """Type into a look-up and take the record."""
    page.locator(f'[name="{name}__text"]').press_sequentially(words)
    page.locator(f'[data-field="{name}"]').get_by_role("option", name=re.compile(title)).click()


def fill(page: Page, title: str) -> None:
    """An order with one room, up to the save."""
    page.get_by_label("会议名称").fill(title)
    choose(page, "contact", "陈嘉", "陈嘉禾")
    page.get_by_label("会议开始日期").fill(DAY)
    page.locator("#lines-bookings [data-line-add]").click()
    choose(page, "bookings.1.room", "锦江", "锦江厅")
    page.locator('[name="bookings.1.starts_at"]').fill(f"{DAY}T09:00")
    page.locator('[name="bookings.1.ends_at"]').fill(f"{DAY}T12:00")


@pytest.mark.req("MTG-02", part="double booking in two browsers")
@pytest.mark.req("UIX-13", part="order")
def test_the_second_is_refused_at_the_room_and_keeps_what_was_typed(
    screen: Screen, touch: Screen, people: tuple[Person, Person], place: dict[str, int], order: Callable[..., int]
) -> None:
    from playwright.sync_api import expect

    for window, person, title in ((screen, people[0], "先到的会"), (touch, people[1], "后到的会")):
        window.sign_in(person)
        fill(window.open("/r/meetings.order/new"), title)
        expect(window.page.locator('[name="customer__text"]')).to_have_value(
            "川西能源集团有限公司"
        )  # brought along by the contact
    screen.page.get_by_role("button", name="保存", exact=True).click()
    expect(screen.page.get_by_role("heading", level=1)).to_have_text("先到的会")
    later = touch.page
    later.get_by_role("button", name="保存", exact=True).click()

    cell = later.locator('[data-field="bookings.0.room"]')
    expect(cell.get_by_role("alert")).to_have_text(ROOM)
    expect(later.get_by_label("会议名称")).to_have_value("后到的会")
    expect(later.locator('[name="contact__text"]')).to_have_value("陈嘉禾")
    expect(later.locator('[name="bookings.0.room__text"]')).to_have_value("锦江厅")
    expect(later.locator('[name="bookings.0.ends_at"]')).to_have_value(f"{DAY}T12:00")
    assert touch.too_wide() == 0
    touch.shot("meeting-refused-390", full=True)

    later.locator('[name="bookings.0.starts_at"]').fill(f"{DAY}T13:00")
    later.locator('[name="bookings.0.ends_at"]').fill(f"{DAY}T17:00")
    later.get_by_role("button", name="保存", exact=True).click()
    expect(later.get_by_role("heading", level=1)).to_have_text("后到的会")
    assert touch.too_wide() == 0
    orders = records.query(System("look"), "meetings.order").values_list("name", "room_count")
    assert sorted(orders) == [("先到的会", 1), ("后到的会", 1)]
