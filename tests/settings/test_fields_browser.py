"""The panel of own fields in a real browser: every type fits at every width, and rows are dragged into another order."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from kezhou.access.actor import System
from kezhou.records import custom
from kezhou.records.fields import field_types
from kezhou.testing.access import Person
from kezhou.testing.browser import PHONE, WIDE, Screen
from tests.web.conftest import CUSTOMERS, boss, shop

__all__ = ["boss", "shop"]
pytestmark = [pytest.mark.browser, pytest.mark.committed]
PAGE = f"/settings/fields/{CUSTOMERS}"


def test_the_panel_fits_with_every_type(screen: Screen, boss: Person) -> None:
    screen.sign_in(boss)
    page = screen.open(f"{PAGE}?field=new")

    for size in (WIDE, PHONE):
        screen.size(*size)
        for kind in field_types():
            page.locator("[data-kind]").select_option(kind)
            assert screen.too_wide() == 0, kind
            assert screen.nameless() == [], kind
    page.locator("[data-kind]").select_option("choice")
    screen.pictures("field-new-choice")
    screen.demand_quiet()


def test_own_fields_are_dragged_and_tell_where_they_are_used(screen: Screen, boss: Person) -> None:
    system = System("a test of the fields page")
    first, second = (
        custom.add_field(system, CUSTOMERS, label=label, kind="number").key for label in ("房晚", "客房数量")
    )
    rules = {"formula": f"{{{first}}} * {{{second}}}", "result": "number"}
    custom.add_field(system, CUSTOMERS, label="间夜合计", kind="formula", rules=rules)
    screen.sign_in(boss)
    page = screen.open(f"{PAGE}?shown=own")

    page.wait_for_load_state("networkidle")  # the script that moves rows is there
    page.locator("[data-grip]").nth(0).hover()
    page.mouse.down()
    box = page.locator("[data-grip]").nth(2).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 4, box["y"] + box["height"] + 24, steps=25)
    page.mouse.up()

    names = page.locator("tbody [data-key] .kz-nm")
    expect(names).to_have_text(["客房数量", "间夜合计", "房晚"])
    page.get_by_role("button", name="上移 房晚").click()
    expect(names).to_have_text(["客房数量", "房晚", "间夜合计"])
    screen.open(f"{PAGE}?field={first}")
    expect(page.get_by_role("link", name="间夜合计").last).to_be_visible()
    screen.pictures("field-uses")
    screen.demand_quiet()
