"""A company with customers, and somebody signed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from kezhou import records
from kezhou.testing.access import MemberFactory, Person, SignIn
from tenants.context import Current

CUSTOMERS = "customers.customer"
CONTACTS = "customers.contact"

Customers = Callable[..., list[int]]


@pytest.fixture
def shop(in_alpha: Current, plugins_on: Callable[..., None]) -> Current:
    """The company alpha with customers and sales switched on."""
    plugins_on("customers", "sales")
    return in_alpha


@pytest.fixture
def boss(shop: Current, member_factory: MemberFactory) -> Person:
    """An administrator."""
    return member_factory("admin", name="周敏")


@pytest.fixture
def seller(shop: Current, member_factory: MemberFactory) -> Person:
    """A salesperson, who sees own customers only."""
    return member_factory("sales", name="李思源")


@pytest.fixture
def customers(shop: Current) -> Customers:
    """``customers(person, "川西能源集团有限公司", …)`` saves customers owned by the person; answers their keys."""

    def make(person: Person, *names: str, **values: object) -> list[int]:
        rows = [{"name": name, **values} for name in names]
        return list(records.save(person.actor, CUSTOMERS, rows).demand().pks)

    return make


@pytest.fixture
def browser_of(sign_in: SignIn) -> Callable[[Person], Client]:
    """``browser_of(person)`` is a test client with that person's session."""

    def make(person: Person) -> Client:
        return sign_in(Client(), person)

    return make
