"""The settings of own record types in a real browser: a type from nothing to its first record, without a complaint."""

from __future__ import annotations

import pytest

from kezhou.access.actor import System
from kezhou.testing.access import Person
from kezhou.testing.browser import Screen
from tenants.context import Current, tenant
from tenants.directory import find_by_slug
from tests.own import making

pytestmark = [pytest.mark.browser, pytest.mark.committed]


def test_a_type_is_made_shaped_and_used_with_the_mouse(
    alpha: Current, administrator: Person, customers_on: None, screen: Screen
) -> None:
    screen.sign_in(administrator)
    page = screen.open("/settings/own?open=new")
    page.get_by_label("名称").fill("车辆保养")
    page.locator("input[name=icon][value=car]").check(force=True)
    screen.pictures("own-new")
    page.get_by_role("button", name="建好并加字段").click()
    page.wait_for_url("**/settings/fields/own.t_*")
    screen.pictures("own-fields")
    key = page.url.rpartition("/")[2]
    page.get_by_role("link", name="状态", exact=True).click()
    page.get_by_label("状态，每行一个，按先后").fill("待保养\n保养中\n已完成")
    page.get_by_role("button", name="建好状态").click()
    page.wait_for_selector(".kz-own-moves")
    screen.pictures("own-states")

    screen.open(f"/r/{key}/new")
    page.get_by_label("名称").fill("川A12345 三万公里保养")
    page.get_by_role("button", name="保存", exact=True).first.click()
    page.get_by_role("heading", name="川A12345 三万公里保养").wait_for()

    assert screen.too_wide() == 0
    screen.demand_quiet()


def test_every_tab_fits_and_names_its_controls(
    alpha: Current, administrator: Person, customers_on: None, screen: Screen
) -> None:
    place = find_by_slug("alpha")  # with the modules that are on by now
    assert place is not None
    with tenant(place):
        whole = making.whole(System("pictures"), linked="customers.customer")
        making.plain(System("pictures"))
    screen.sign_in(administrator)
    for path in ("", f"/{whole.key}", *(f"/{whole.key}?tab={tab}" for tab in ("lines", "number", "rights", "list"))):
        screen.open(f"/settings/own{path}")
        name = path.rpartition("=")[2] if "=" in path else ("basics" if path else "all")
        screen.pictures(f"own-{name}")
        assert (path, screen.too_wide(), screen.nameless()) == (path, 0, [])
    screen.demand_quiet()
