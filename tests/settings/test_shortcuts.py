"""Shortcuts and preferences of each member (UIX-08)."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from kezhou import records
from kezhou.records.preferences import settings_of
from kezhou.testing.access import Person
from kezhou.web.shortcuts import keeping
from tenants.context import Current, tenant

pytestmark = pytest.mark.usefixtures("customers_on")
CUSTOMERS = "customers.customer"
LIST = "/r/customers.customer/?filter=%5B%22city%22%2C%22eq%22%2C%22%E6%88%90%E9%83%BD%22%5D"


def titles(place: Current, person: Person) -> list[tuple[str, str]]:
    with tenant(place):
        return [(link.title, link.url) for link in keeping.of(person.actor)]


@pytest.mark.req("UIX-08")
def test_functions_queries_and_records_are_kept_ordered_and_only_ones_own(
    seller: Client, admin: Client, alpha: Current, salesman: Person, administrator: Person
) -> None:
    with tenant(alpha):
        pk = records.save(salesman.actor, CUSTOMERS, [{"name": "青衣江茶业"}]).demand().pk
    record = f"/r/customers.customer/{pk}"

    for url, title in ((LIST, "成都的客户"), (record, "青衣江茶业"), ("/search?q=茶", "茶"), (LIST, "又一次")):
        seller.post("/shortcuts", {"do": "add", "url": url, "title": title, "next": url})
    with tenant(alpha):
        records.save(salesman.actor, CUSTOMERS, [{"pk": pk, "name": "青衣江茶业集团"}]).demand()
        first, second, third = (link.pk for link in keeping.of(salesman.actor))
    seller.post("/shortcuts", {"do": "up", "pk": third})
    seller.post("/shortcuts", {"do": "rename", "pk": first, "title": "我的成都"})

    kept = [("我的成都", LIST), ("茶", "/search?q=茶"), ("青衣江茶业集团", record)]
    assert titles(alpha, salesman) == kept
    assert titles(alpha, administrator) == []
    admin.post("/shortcuts", {"do": "remove", "pk": second})
    assert titles(alpha, salesman) == kept
    for page in (seller.get("/"), seller.get("/shortcuts"), seller.get("/palette")):
        assert "我的成都" in page.content.decode()
    star = seller.get("/shortcuts", {"at": LIST, "title": "客户"}, headers={"HX-Request": "true"}).content.decode()
    assert "把这一页移出快捷方式" in star
    seller.post("/shortcuts", {"do": "remove", "pk": first})
    assert [title for title, _url in titles(alpha, salesman)] == ["茶", "青衣江茶业集团"]


def test_a_record_that_may_not_be_seen_any_more_tells_nothing(
    seller: Client, alpha: Current, salesman: Person, administrator: Person
) -> None:
    with tenant(alpha):
        pk = records.save(salesman.actor, CUSTOMERS, [{"name": "机密公司"}]).demand().pk
    seller.post("/shortcuts", {"do": "add", "url": f"/r/customers.customer/{pk}", "title": "机密公司"})
    with tenant(alpha):
        change = {"pk": pk, "owner": administrator.pk, "name": "改名后的机密"}
        records.save(administrator.actor, CUSTOMERS, [change]).demand()

    assert titles(alpha, salesman) == [("没有权限或已删除", "")]
    assert "机密" not in seller.get("/shortcuts").content.decode() + seller.get("/").content.decode()


@pytest.mark.parametrize(
    "url", ["https://example.com/", "//example.com", "javascript:alert(1)", "/no/such", "", "/\x00"]
)
def test_only_pages_of_ours_become_shortcuts(seller: Client, alpha: Current, salesman: Person, url: str) -> None:
    answer = seller.post("/shortcuts", {"do": "add", "url": url, "title": "<script>"}, follow=True)

    assert answer.status_code == 200
    assert "不是客舟里的页面" in answer.content.decode()
    assert titles(alpha, salesman) == []


@pytest.mark.req("UIX-08")
@pytest.mark.req("UIX-12", part="chosen by the person")
def test_preferences_act_in_every_browser(seller: Client, alpha: Current, salesman: Person) -> None:
    seller.post(
        "/me/preferences",
        {
            "start": "/r/customers.customer/",
            "size": "20",
            "panel": "closed",
            "theme": "dark",
            "density": "compact",
            "language": "en",
        },
    )
    other = Client(SERVER_NAME="alpha.localhost")

    begun = other.post("/account/sign-in", {"login": salesman.username, "password": salesman.password})

    assert begun["Location"] == "/r/customers.customer/"
    page = other.get(begun["Location"]).content.decode()
    head = page[: page.index("<head>")]
    assert re.findall(r'(?:lang|data-theme|data-density|data-panel)="([^"]*)"', head) == [
        "en",
        "dark",
        "compact",
        "closed",
    ]
    with tenant(alpha):
        assert settings_of(salesman.actor, CUSTOMERS).size == 20
    seller.post("/me/preferences", {"start": "https://example.com/", "size": "7"})
    again = other.post("/account/sign-out")
    assert again.status_code == 302
    begun = other.post("/account/sign-in", {"login": salesman.username, "password": salesman.password})
    assert begun["Location"] == "/"
    wanted = Client(SERVER_NAME="alpha.localhost")
    posted = {"login": salesman.username, "password": salesman.password, "next": "/search"}
    assert wanted.post("/account/sign-in", posted)["Location"] == "/search"
