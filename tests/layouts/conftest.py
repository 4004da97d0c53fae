"""A company with customers, an administrator and a salesperson."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from kezhou.records.layouts import storing
from kezhou.testing.access import MemberFactory, Person, SignIn
from tenants.context import Current

CUSTOMERS = "customers.customer"

Arrange = Callable[..., None]


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
    """A salesperson."""
    return member_factory("sales", name="李思源")


@pytest.fixture
def admin(boss: Person, sign_in: SignIn) -> Client:
    """The administrator's browser."""
    return sign_in(Client(), boss)


@pytest.fixture
def colleague(seller: Person, sign_in: SignIn) -> Client:
    """The salesperson's browser."""
    return sign_in(Client(), seller)


@pytest.fixture
def arrange(boss: Person) -> Arrange:
    """``arrange("form", {...}, role="sales", record_class="vip")`` saves an arrangement of customers as the administrator."""

    def really(kind: str, content: object, *, role: str = "", record_class: str = "", type: str = CUSTOMERS) -> None:
        place = storing.slot(boss.actor, type, kind, role=role, record_class=record_class)
        storing.put(boss.actor, place, content, version=storing.state(place).version)

    return really
