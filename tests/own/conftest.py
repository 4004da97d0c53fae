"""An administrator and a salesperson of alpha, and a company where customers are on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from kezhou.access.actor import Actor, System
from kezhou.testing.access import MemberFactory, Person, SignIn
from tenants.context import Current
from tests.pages.conftest import admin, administrator, customers_on, salesman, seller

__all__ = ["admin", "administrator", "customers_on", "salesman", "seller"]


@pytest.fixture
def shop(in_alpha: Current, plugins_on: Callable[..., None]) -> Current:
    """alpha entered, with customers on."""
    plugins_on("customers")
    return in_alpha


@pytest.fixture
def system(shop: Current) -> Actor:
    return System("makes record types")


@pytest.fixture
def boss(shop: Current, member_factory: MemberFactory) -> Person:
    return member_factory("admin", name="周敏")


@pytest.fixture
def client(boss: Person, sign_in: SignIn) -> Client:
    return sign_in(Client(), boss)
