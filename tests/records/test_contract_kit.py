"""The contract kit on the test plugin's own types, and that it notices."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kezhou.access.actor import Actor, System
from kezhou.testing import contract

pytestmark = pytest.mark.usefixtures("projects")
KEYS = (
    "testplugin.project",
    "testplugin.task",
    "testplugin.note",
    "testplugin.bill",
    "testplugin.order",
    "testplugin.orderline",
    "testplugin.area",
    "testplugin.tariff",
    "customers.customer",
    "core.department",
)


@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("key", KEYS)
def test_types_keep_the_contract(system: System, key: str, check: Callable[[Actor, str], None]) -> None:
    check(system, key)
