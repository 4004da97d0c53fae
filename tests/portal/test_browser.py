"""The portal in a real browser: in by invitation on a telephone, a record added; its pages looked at in all sizes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kezhou import records
from kezhou.testing.browser import PHONE, WIDE, Screen
from portal import users
from tenants.context import tenant
from tests.portal.conftest import CONTACT, CUSTOMER, OPPORTUNITY, ORDER, PASSWORD, Shop

pytestmark = [pytest.mark.browser, pytest.mark.committed]


def test_a_contact_comes_in_on_a_telephone_and_adds_a_record(
    shop: Shop, give: Callable[..., int], screen: Screen
) -> None:
    give(
        "customer",
        {
            ORDER: "read create update export print",
            CONTACT: "read create update",
            CUSTOMER: "read update",
            OPPORTUNITY: "read",
        },
    )
    with tenant(shop.place):
        actor = shop.boss.actor
        company = {"name": "川西能源集团有限公司", "phone": "028-61234567", "address": "成都市高新区天府大道 1268 号"}
        customer = records.save(actor, CUSTOMER, [company]).demand().pk
        people = [{"name": "何国栋", "customer": customer, "mobile": "13800001234", "email": "he@example.com"}]
        people += [
            {"name": name, "customer": customer, "mobile": f"1380000{n:04d}"}
            for n, name in enumerate(("刘文博", "韩晓东"))
        ]
        contact = records.save(actor, CONTACT, people, twins="allow").demand().pks[0]
        orders = [
            {
                "name": "新疆光伏项目启动会",
                "customer": customer,
                "starts_on": "2026-12-14",
                "ends_on": "2026-12-18",
                "people": 36,
                "bookings": [],
                "services": [{"name": "茶歇", "quantity": 2, "price": 1800}],
            },
            {"name": "年度供应商大会", "customer": customer, "starts_on": "2027-01-08", "people": 120},
        ]
        order = records.save(actor, ORDER, orders, twins="allow").demand().pks[0]
        way = users.open_for(actor, CONTACT, contact)
    path = way.link.partition("alpha.localhost")[2].partition("/")[2]

    screen.size(*PHONE)
    page = screen.open(f"/{path}")
    screen.shot("portal-invitation-390")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_label("再输一次").fill(PASSWORD)
    page.get_by_role("button", name="进入门户").click()
    page.get_by_role("heading", name="何国栋，你好").wait_for()
    screen.pictures("portal-home", full=True)
    screen.size(*PHONE)
    screen.open(f"/portal/r/{CONTACT}/new")
    page.get_by_label("姓名").fill("谢嘉树")
    screen.shot("portal-form-390", full=True)
    page.get_by_role("button", name="保存").click()
    page.get_by_role("heading", name="谢嘉树").wait_for()
    for name, address in (
        ("list", f"/portal/r/{ORDER}/"),
        ("record", f"/portal/r/{ORDER}/{order}"),
        ("edit", f"/portal/r/{ORDER}/{order}/edit"),
        ("me", "/portal/me"),
        ("password", "/portal/me/password"),
        ("search", "/portal/search?q=光伏"),
    ):
        screen.open(address)
        screen.pictures(f"portal-{name}", full=True)
        screen.size(*PHONE)
        assert (address, screen.too_wide(), screen.nameless(), screen.small()) == (address, 0, [], [])
    screen.size(*WIDE)
    screen.demand_quiet()


def test_the_settings_and_the_account_page_fit(shop: Shop, give: Callable[..., int], screen: Screen) -> None:
    group = give("customer", {ORDER: "read create", CONTACT: "read"})
    with tenant(shop.place):
        customer = records.save(shop.boss.actor, CUSTOMER, [{"name": "川西能源集团"}]).demand().pk
        row = {"name": "何国栋", "customer": customer, "email": "he@example.com"}
        contact = records.save(shop.boss.actor, CONTACT, [row]).demand().pk
    screen.sign_in(shop.boss)
    page = screen.open(f"/r/{CONTACT}/{contact}")
    page.get_by_role("link", name="开通门户").or_(page.get_by_role("button", name="开通门户")).first.click()
    page.locator("dialog[open]").get_by_role("button", name="开通门户").click()
    page.get_by_text("已邀请，还没有接受").first.wait_for()
    screen.pictures("portal-contact")
    for name, address in (
        ("account", f"/r/{CONTACT}/{contact}/portal"),
        ("settings", "/settings/portal"),
        ("group", f"/settings/portal/{group}"),
    ):
        screen.open(address)
        screen.pictures(f"portal-{name}", full=True)
        assert (address, screen.too_wide(), screen.nameless()) == (address, 0, [])
    screen.demand_quiet()
