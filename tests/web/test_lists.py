"""Lists: what the address says is what is shown."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from kezhou.testing.access import Person
from tests.web.conftest import Customers

LIST = "/r/customers.customer/"


def test_list_shows_what_the_person_may_see(
    boss: Person, seller: Person, customers: Customers, browser_of: Callable[[Person], Client]
) -> None:
    customers(boss, "川西能源集团有限公司")
    customers(seller, "青衣江茶业集团有限公司")

    seen_by_boss = browser_of(boss).get(LIST).content.decode()
    seen_by_seller = browser_of(seller).get(LIST).content.decode()

    assert "川西能源集团有限公司" in seen_by_boss
    assert "青衣江茶业集团有限公司" in seen_by_boss
    assert "川西能源集团有限公司" not in seen_by_seller
    assert "青衣江茶业集团有限公司" in seen_by_seller
