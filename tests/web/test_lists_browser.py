"""Lists under a hand: building conditions, saving them as a view, drawing columns."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from playwright.sync_api import expect

from kezhou.testing.access import Person
from kezhou.testing.browser import Screen
from tests.web.conftest import CUSTOMERS
from tests.web.test_pictures import full

pytestmark = [pytest.mark.browser, pytest.mark.committed]
__all__ = ["full"]

LIST = f"/r/{CUSTOMERS}/"


@pytest.mark.req("QRY-02", part="builder")
@pytest.mark.req("QRY-08", part="builder")
def test_conditions_are_built_by_hand_and_saved_as_a_view(screen: Screen, full: Person) -> None:
    screen.sign_in(full)
    page = screen.open(LIST)
    page.get_by_role("button", name="筛选", exact=True).click()
    builder = page.locator("#kz-filter")
    builder.get_by_label("字段").first.select_option(label="城市")
    builder.get_by_label("条件", exact=True).first.select_option("contains")
    builder.get_by_label("值").first.fill("成都")
    builder.get_by_role("button", name="关联记录").first.click()
    inner = builder.locator("[data-any]")
    expect(inner.locator("[data-leaf]")).to_have_count(0)
    inner.locator("[data-how]").select_option("least")
    inner.get_by_label("条数").fill("1")
    builder.get_by_role("button", name="条件组").first.click()
    screen.pictures("list-builder")
    builder.locator(".kz-fb-in:not([data-any])").get_by_role("button", name="移除").last.click()
    builder.get_by_role("button", name="按条件筛选").click()

    page.wait_for_url("**filter=**")
    assert '["any","customers.contact:customer",["and",[]],1,null]' in unquote(page.url)
    expect(page.locator(".kz-conds")).to_contain_text("城市")
    page.get_by_role("link", name="存为视图").click()
    dialog = page.locator("#kz-dialog")
    dialog.get_by_label("名称").fill("成都有联系人的")
    screen.shot("view-form")
    dialog.get_by_role("button", name="保存", exact=True).click()
    page.wait_for_url("**view=**")
    expect(page.locator(".kz-tabs1 a.on")).to_contain_text("成都有联系人的")
    expect(page.locator(".kz-conds")).not_to_contain_text("已修改")
    page.get_by_role("button", name="全部视图").click()
    expect(page.locator("#kz-views .kz-li")).to_have_count(4)
    screen.pictures("list-views")


def test_pasted_list_and_linked_field_come_back_as_they_were(screen: Screen, full: Person) -> None:
    screen.sign_in(full)
    page = screen.open(LIST)
    page.get_by_role("button", name="筛选", exact=True).click()
    builder = page.locator("#kz-filter")
    builder.get_by_label("字段").first.select_option("parent.")
    builder.get_by_label("上级客户").select_option("city")
    builder.get_by_label("条件", exact=True).first.select_option("in")
    builder.get_by_label("值").fill("成都\n重庆\n重庆\n昆明")
    expect(builder.get_by_role("status").first).to_have_text("3 个值")
    builder.get_by_role("button", name="按条件筛选").click()
    page.wait_for_url("**filter=**")
    assert '["parent.city","in",["成都","重庆","昆明"]]' in unquote(page.url)
    page.get_by_role("button", name="筛选，1 个条件").click()
    expect(builder.get_by_label("上级客户")).to_have_value("city")
    expect(builder.get_by_label("值")).to_have_value("成都\n重庆\n昆明")


def test_column_is_drawn_wider_and_stays_so(screen: Screen, full: Person) -> None:
    screen.sign_in(full)
    page = screen.open(LIST)
    head = page.locator("th[data-key=category]")
    grip = head.locator(".kz-colgrip").bounding_box()
    was = head.bounding_box()
    assert grip is not None
    assert was is not None
    with page.expect_response("**/width*"):
        page.mouse.move(grip["x"] + 3, grip["y"] + 8)
        page.mouse.down()
        page.mouse.move(grip["x"] + 83, grip["y"] + 8, steps=4)
        page.mouse.up()
    page = screen.open(LIST)
    now = page.locator("th[data-key=category]").bounding_box()
    assert now is not None
    assert round(now["width"] - was["width"]) == 80
    page.get_by_role("button", name="列", exact=True).click()
    expect(page.locator("#kz-columns [data-columns-list]")).to_be_visible()
    screen.shot("list-columns")
