"""The pages in a real browser: what a person does by hand, and how the pages look."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from kezhou.testing.access import Person
from kezhou.testing.browser import PHONE, Screen
from tests.web.conftest import Customers

pytestmark = [pytest.mark.browser, pytest.mark.committed]


def test_home_and_list_stand(screen: Screen, boss: Person, customers: Customers) -> None:
    customers(boss, "川西能源集团有限公司", "锐进精密仪器（苏州）有限公司")
    screen.sign_in(boss)

    page = screen.open("/")
    page.get_by_role("heading", name="周敏").wait_for()
    screen.shot("home")
    page = screen.open("/r/customers.customer/")

    page.get_by_role("link", name="川西能源集团有限公司").wait_for()
    screen.shot("list")


def test_search_is_narrowed_on_a_phone(screen: Screen, boss: Person, customers: Customers) -> None:
    customers(boss, "川西能源集团有限公司", "川西航空科技有限公司")
    screen.sign_in(boss)
    screen.size(*PHONE)
    page = screen.open("/search?q=川西")

    page.get_by_role("button", name="收窄结果").click()
    screen.shot("search-narrow-390")
    page.get_by_label("最近 7 天").check()

    page.wait_for_url("**since=7**")
    expect(page.locator("article")).to_have_count(2)


def test_what_a_member_may_not_do_is_absent(screen: Screen, boss: Person, seller: Person, customers: Customers) -> None:
    (pk,) = customers(seller, "青衣江茶业集团有限公司")
    screen.sign_in(seller)

    page = screen.open(f"/r/customers.customer/{pk}")
    expect(page.get_by_role("link", name="编辑")).to_be_visible()
    page.get_by_role("button", name="更多").click()
    expect(page.locator("#kz-more").get_by_role("link", name="删除")).to_have_count(0)
    expect(page.get_by_role("link", name="设置")).to_have_count(0)
    page = screen.open("/settings/recycle-bin")

    expect(page.get_by_role("heading", level=1)).to_have_text("你没有这一步的权限")
