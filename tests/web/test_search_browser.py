"""The search page under a person's hands: suggestions by the keyboard, a search kept, reasons that open and close."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from kezhou import records
from kezhou.testing.access import Person
from kezhou.testing.browser import Screen
from search import freshness, keeping
from search.engines import engine
from tests.web.conftest import Customers

pytestmark = [pytest.mark.browser, pytest.mark.committed]


@pytest.mark.req("SRH-04", part="suggestions while typing, in a browser")
def test_suggestions_reasons_and_kept_searches(
    screen: Screen, boss: Person, seller: Person, customers: Customers, search_folder: Path
) -> None:
    pks = customers(boss, "川西能源集团有限公司", "四川西部旅行社", category="vip")
    customers(seller, "锦江酒店管理有限公司", remark="客户要求航变时改签到早班机，川西方面已知")
    records.save(boss.actor, "sales.opportunity", [{"name": "川西年会", "customer": pks[0]}]).demand()
    keeping.rebuild(engine())
    freshness.beat(engine(), 0.0)
    screen.sign_in(boss)

    page = screen.open("/search?q=川西&sort=newest")
    page.get_by_role("button", name="存这次搜索").click()
    expect(page.locator(".kz-facets .kz-saved")).to_have_text("川西")
    page = screen.open("/search?q=川西")
    why, reasons = page.locator("[data-why]").first, page.locator("[data-explained]")
    why.click()
    expect(reasons).to_contain_text("“川西”在客户名称里")
    page.wait_for_timeout(200)
    screen.pictures("search-why")
    why.click()
    expect(reasons).to_have_count(0)

    page = screen.open("/search")
    box = page.locator("[data-offers]")
    box.press_sequentially("四")
    offers = page.locator("#kz-suggest [role=option]")
    expect(offers).to_have_text(["四川西部旅行社客户"])
    box.press("Escape")
    expect(page.locator("#kz-suggest")).to_be_hidden()
    box.fill("川")
    expect(offers.first).to_have_text("川西存过的搜索")
    screen.pictures("search-suggestions")
    expect(offers.first).to_be_visible()
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url("**/search?**sort=newest")
    expect(page.locator("article")).to_have_count(4)  # 四川西部 holds the two characters as well
    screen.demand_quiet()
