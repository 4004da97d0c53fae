"""The pages in a real browser: what a person does by hand, and how the pages look."""

from __future__ import annotations

import pytest

from kezhou.testing.access import Person
from kezhou.testing.browser import Screen
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
