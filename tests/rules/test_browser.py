"""Rules and computed fields in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from kezhou import records
from kezhou.access.actor import System
from kezhou.records import custom
from kezhou.records.rules import keeping
from kezhou.records.rules.declared import options, require, show
from kezhou.testing.access import MemberFactory
from kezhou.testing.browser import Screen
from tenants.context import Current

pytestmark = [pytest.mark.browser, pytest.mark.committed]
PROJECT = "testplugin.project"


@pytest.mark.req("FLD-08")
def test_forms_and_settings_in_the_browser(
    screen: Screen, in_alpha: Current, plugins_on: Callable[..., None], member_factory: MemberFactory
) -> None:
    plugins_on("testplugin")
    system = System("tests of rules")
    effects = (show("budget"), require("budget people"), options("tags", "air car"))
    keeping.keep(system, PROJECT, title="大项目要预算", when=["kind", "eq", "big"], effects=effects)
    custom.add_field(
        system, PROJECT, label="人均", kind="formula", rules={"formula": "{预算} / {人数}", "result": "money"}
    )
    records.save(
        system, PROJECT, [{"name": "川藏线考察", "kind": "big", "budget": 9000, "people": 30}], source="system"
    )
    screen.sign_in(member_factory("admin", name="周敏"))

    page = screen.open(f"/r/{PROJECT}/new")
    expect(page.locator("[data-field=budget]")).to_be_hidden()
    page.get_by_label("类别").select_option("big")
    expect(page.locator("[data-field=budget]")).to_be_visible()
    expect(page.locator("[data-field=people] .kz-req")).to_be_visible()
    expect(page.locator("[data-field=tags] .kz-option:visible")).to_have_count(2)
    screen.pictures("rules-form")

    page = screen.open(f"/settings/computed/{PROJECT}?field=new&kind=formula")
    page.get_by_label("公式", exact=True).fill("{预算} / {人口}")
    expect(page.locator("[data-formula-said]")).to_contain_text("没有字段“人口”")
    page.get_by_label("公式", exact=True).fill("{预算} / {人数}")
    expect(page.locator("[data-formula-said]")).to_contain_text("“川藏线考察”算出来是：300")
    screen.pictures("computed-formula")
    page = screen.open(f"/settings/computed/{PROJECT}?field=new&kind=rollup")
    page.get_by_role("button", name="条件", exact=True).first.click()
    screen.pictures("computed-rollup")

    page = screen.open(f"/settings/rules/{PROJECT}?rule=new")
    page.get_by_role("button", name="条件", exact=True).first.click()
    expect(page.locator("[data-leaf]")).to_have_count(1)
    screen.pictures("rules-settings")
