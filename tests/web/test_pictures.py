"""Pictures of the pages with believable data, kept under build/screens to be laid beside the design."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone

from kezhou import demo, records
from kezhou.access.actor import System
from kezhou.sdk.hooks import Occasion
from kezhou.testing.access import MemberFactory, Person
from kezhou.testing.browser import PHONE, Screen
from tests.web.conftest import CUSTOMERS

pytestmark = [pytest.mark.browser, pytest.mark.committed]


@pytest.fixture
def full(boss: Person, member_factory: MemberFactory) -> Person:
    """The administrator of a company with the samples of the demo company."""
    people = [
        boss,
        member_factory("sales", name="李思源"),
        member_factory("sales", name="陈嘉禾"),
        member_factory("service", name="何雨桐"),
    ]
    today: date = timezone.localdate()
    demo.seed_samples(System("pictures need data"), Occasion(today=today, members=[person.pk for person in people]))
    return boss


def some_customer(person: Person, name: str = "川西能源集团有限公司") -> int:
    """The key of a sample customer."""
    return records.query(person.actor, CUSTOMERS).get(name=name).pk


def test_pages_fit_every_width(screen: Screen, full: Person) -> None:
    pk = some_customer(full)
    records.save(
        full.actor, CUSTOMERS, [{"pk": pk, "phone": "028 8512 6600", "remark": "总部差旅统一由行政部对接。"}]
    ).demand()
    records.save(full.actor, CUSTOMERS, [{"pk": pk, "travel_budget": "200万", "tier": None}])
    screen.sign_in(full)
    pages = {
        "home": "/",
        "list": f"/r/{CUSTOMERS}/",
        "list-filtered": f'/r/{CUSTOMERS}/?filter=["and",[["category","in",["vip"]],["or",[["city","contains","成都"],["travel_budget","gt",1000000]]]]]&sort=-travel_budget,name',
        "list-empty": f"/r/{CUSTOMERS}/?q=没有这样的名字",
        "record": f"/r/{CUSTOMERS}/{pk}",
        "history": f"/r/{CUSTOMERS}/{pk}/history?day={timezone.localdate():%Y-%m-%d}",
        "form": f"/r/{CUSTOMERS}/new",
        "edit": f"/r/{CUSTOMERS}/{pk}/edit",
        "search": "/search?q=成都",
        "search-empty": "/search?q=月球基地",
        "help": "/help",
        "missing": "/r/customers.customer/999999",
        "bin": "/settings/recycle-bin",
    }

    overflow = {}
    nameless = {}
    for name, path in pages.items():
        page = screen.open(path)
        page.locator("#main").wait_for()
        nameless[name] = screen.nameless()
        screen.pictures(name)
        screen.size(*PHONE)
        overflow[name] = screen.too_wide()
        screen.size(1440, 900)

    assert {name: what for name, what in nameless.items() if what} == {}
    assert {name: wide for name, wide in overflow.items() if wide} == {}
