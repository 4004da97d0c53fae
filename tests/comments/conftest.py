"""A company with two salespeople and a customer of one of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kezhou import records
from kezhou.testing.access import MemberFactory, Person
from tenants.context import Current

CUSTOMERS = "customers.customer"


@pytest.fixture
def shop(in_alpha: Current, plugins_on: Callable[..., None]) -> Current:
    plugins_on("customers", "sales")
    return in_alpha


@pytest.fixture
def boss(shop: Current, member_factory: MemberFactory) -> Person:
    return member_factory("admin", name="周敏")


@pytest.fixture
def seller(shop: Current, member_factory: MemberFactory) -> Person:
    return member_factory("sales", name="李思源")


@pytest.fixture
def other(shop: Current, member_factory: MemberFactory) -> Person:
    return member_factory("sales", name="罗欣")


@pytest.fixture
def customer(seller: Person) -> int:
    """A customer that the salesperson owns; the other one does not see it."""
    return records.save(seller.actor, CUSTOMERS, [{"name": "川西能源集团有限公司"}]).pk
