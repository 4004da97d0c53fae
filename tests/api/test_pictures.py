"""The pages of tokens and of the API's description fit every width; pictures are kept under build/screens."""

from __future__ import annotations

import pytest

from kezhou.api import tokens
from kezhou.testing.access import MemberFactory
from kezhou.testing.browser import PHONE, Screen
from tenants.context import Current

pytestmark = [pytest.mark.browser, pytest.mark.committed]


def test_the_pages_of_the_api_fit_every_width(screen: Screen, company: Current, member_factory: MemberFactory) -> None:
    boss = member_factory("admin", name="李总")
    seller = member_factory("sales", name="周敏")
    screen.sign_in(boss)
    screen.open("/settings/tokens").locator("#main").wait_for()
    screen.pictures("tokens-empty")
    tokens.make(boss.actor, name="官网表单", read_only=True)
    tokens.make(boss.actor, name="财务系统对账程序", member=seller.pk)

    overflow = {}
    for name, path in {"tokens": "/settings/tokens", "api-docs": "/api/v1/docs"}.items():
        screen.open(path).locator("#main").wait_for()
        screen.pictures(name)
        screen.size(*PHONE)
        overflow[name] = screen.too_wide()
        screen.size(1440, 900)

    assert {name: wide for name, wide in overflow.items() if wide} == {}
