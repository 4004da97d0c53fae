"""The main menu: what a module adds is there while it is on, and only for those who may use it (UIX-02)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from kezhou import switching
from kezhou.access.actor import System
from kezhou.testing.access import MemberFactory, SignIn
from tenants.context import Current


@pytest.mark.req("UIX-02", part="entries of modules that are on, for those who may use them")
def test_the_menu_has_what_is_on_and_may_be_used(
    in_alpha: Current, plugins_on: Callable[..., None], member_factory: MemberFactory, sign_in: SignIn
) -> None:
    plugins_on("customers", "sales", "meetings")
    people = {role: member_factory(role) for role in ("admin", "reader", "")}

    def rail(role: str) -> list[str]:
        html = sign_in(Client(), people[role]).get("/").content.decode()
        return re.findall(r"<span>([^<]+)</span>", html.split('class="kz-rail"')[1].split("</nav>")[0])

    before = {role: rail(role) for role in people}
    switching.switch_off(System("test"), "meetings")

    assert before == {
        "admin": ["首页", "客户", "销售", "会务", "设置"],
        "reader": ["首页", "客户", "销售", "会务"],
        "": ["首页"],
    }
    assert rail("admin") == ["首页", "客户", "销售", "设置"]
