"""Settings in a real browser: they fit, every control has a name, and a choice narrows the one below it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from kezhou import records
from kezhou.testing.access import Person
from kezhou.testing.browser import PHONE, WIDE, Screen
from tests.web.conftest import CUSTOMERS, Customers, boss, customers, shop

__all__ = ["boss", "customers", "shop"]
pytestmark = [pytest.mark.browser, pytest.mark.committed]

PAGES = {
    "settings-home": "/settings/",
    "settings-parameters": "/settings/parameters",
    "settings-dictionary": "/settings/dictionaries/customers.industry?value=liquor",
    "settings-merge": "/settings/dictionaries/customers.source?value=internet&into=phone",
    "settings-paste": "/settings/dictionaries/customers.source?tool=paste",
    "help-form": "/help?at=/r/customers.customer/new",
    "manual-settings": "/help/manual/administrators-settings",
    "my-preferences": "/me/preferences",
    "my-shortcuts": "/shortcuts",
    "dictionary-excel": "/exchange/dictionaries/customers.source",
}


@pytest.mark.parametrize("name", PAGES)
def test_settings_fit_every_width(screen: Screen, boss: Person, customers: Customers, name: str) -> None:
    customers(boss, "川西能源集团有限公司", "锐进精密仪器（苏州）有限公司", source="internet", industry_detail="liquor")
    screen.sign_in(boss)

    screen.open(PAGES[name])
    screen.pictures(name)

    for size in (WIDE, (1024, 768), PHONE):
        screen.size(*size)
        assert screen.too_wide() == 0
    assert screen.nameless() == []
    screen.demand_quiet()


@pytest.mark.req("CFG-03")
def test_choosing_the_parent_narrows_the_child(screen: Screen, boss: Person) -> None:
    screen.sign_in(boss)
    page = screen.open(f"/r/{CUSTOMERS}/new")
    child = page.get_by_label("行业细分")
    offered = child.locator("option:not([hidden])")

    page.get_by_label("行业", exact=True).select_option("food")
    expect(offered).to_have_text(["请选择", "白酒", "葡萄酒", "副食", "机械包装", "原料", "流通", "服务机构", "其他"])
    child.select_option("liquor")
    page.get_by_label("行业", exact=True).select_option("hotel")
    expect(child).to_have_value("")
    page.get_by_label("行业", exact=True).select_option("")
    child.select_option("wine")
    expect(page.get_by_label("行业", exact=True)).to_have_value("food")
    page.get_by_label("客户名称").fill("酒行")
    page.get_by_role("button", name="保存", exact=True).click()

    expect(page.get_by_role("heading", name="酒行")).to_be_visible()
    (pk,) = records.pks(boss.actor, CUSTOMERS, records.ListRequest(q="酒行"))
    values = records.get(boss.actor, CUSTOMERS, pk).values
    assert (values["industry"], values["industry_detail"]) == ("food", "wine")
    screen.demand_quiet()


def test_values_are_dragged_into_another_order(screen: Screen, boss: Person) -> None:
    screen.sign_in(boss)
    page = screen.open("/settings/dictionaries/customers.tier")
    first, second = page.locator("[data-grip]").nth(0), page.locator("[data-grip]").nth(1)

    first.hover()
    page.mouse.down()
    box = second.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 4, box["y"] + box["height"] + 12, steps=8)
    page.mouse.up()

    expect(page.locator("[data-sort-rows] a")).to_have_text(["二级客户", "一级客户"])
    screen.demand_quiet()
