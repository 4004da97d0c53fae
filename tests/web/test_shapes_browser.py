"""Lines and states under a user's hands: rows added, pasted, moved by keyboard; a state reached by one click."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from kezhou import records
from kezhou.access.actor import System
from kezhou.records.lines.reading import line_tables
from kezhou.testing.access import Person
from kezhou.testing.browser import Screen
from tenants.context import Current

pytestmark = [pytest.mark.browser, pytest.mark.committed]

ORDER = "testplugin.order"
PASTE = """([selector, text]) => { const data = new DataTransfer(); data.setData("text/plain", text);
  document.querySelector(selector).dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })); }"""


@pytest.fixture
def shop(in_alpha: Current, plugins_on: Callable[..., None]) -> Current:
    plugins_on("customers", "testplugin")
    return in_alpha


def test_rows_are_pasted_moved_summed_and_saved_and_the_state_moves_by_one_click(screen: Screen, boss: Person) -> None:
    screen.sign_in(boss)
    page = screen.open(f"/r/{ORDER}/new")
    page.get_by_label("订单名称").fill("成都国际会展年会会务")
    page.get_by_role("button", name="加一行").click()
    rows = page.locator("[data-line]")
    expect(rows).to_have_count(1)

    page.evaluate(PASTE, ["[data-line] [name$='.name']", "主会场\t2\t15000\n工作午餐\t120\t68\n同声传译\t4\t2600\n"])
    expect(rows).to_have_count(3)
    expect(page.locator("[data-line-total=quantity]")).to_have_text("126")
    expect(page.locator("[data-line-total=price]")).to_have_text("17,668")
    rows.nth(2).locator("[name$='.name']").press("Alt+ArrowUp")
    expect(rows.nth(1).locator("[name$='.name']")).to_have_value("同声传译")
    screen.pictures("shape-form")
    page.get_by_role("button", name="保存", exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("成都国际会展年会会务")
    expect(page.locator(".kz-lineread tbody tr")).to_have_count(3)
    screen.pictures("shape-record")
    page.locator(".kz-stagebar").get_by_text("已取消").click()
    page.locator("#kz-dialog").get_by_label("取消原因").fill("客户改期")
    screen.shot("shape-move")
    page.locator("#kz-dialog button[type=submit]").click()
    expect(page.locator(".kz-stagebar .kz-now")).to_have_text("已取消")
    (pk,) = records.pks(System("tests"), ORDER, records.ListRequest())
    (table,) = line_tables(System("tests"), records.get(System("tests"), ORDER, pk))
    assert [row.values["name"] for row in table.rows] == ["主会场", "同声传译", "工作午餐"]


@pytest.mark.req(
    "BAS-06", part="rows of lines that were added, moved and taken away, kept on this device and on the server"
)
def test_added_rows_are_in_the_draft_of_the_device_and_of_the_server(screen: Screen, boss: Person) -> None:
    rows = [{"name": "旧行一"}, {"name": "旧行二"}]
    pk = records.save(System("tests"), ORDER, [{"name": "年会", "items": rows}]).demand().pk
    screen.sign_in(boss)
    page = screen.open(f"/r/{ORDER}/{pk}/edit")
    names = page.locator("[data-line] [name$='.name']")

    def shown() -> list[str]:
        return [names.nth(place).input_value() for place in range(names.count())]

    def type_rows() -> None:
        page.get_by_role("button", name="去掉这一行").first.click()
        page.get_by_role("button", name="加一行").click()
        names.nth(1).fill("新的一行")
        names.nth(1).press("Alt+ArrowUp")

    page.route("**/drafts/**", lambda route: route.fulfill(status=503))
    type_rows()
    expect(page.locator("[data-draft-state]")).to_have_text(re.compile("这台设备"))
    page.evaluate("document.querySelector('form[data-draft]').dataset.leaving = '1'")
    page.reload()
    page.locator("[data-draft-take]").click()
    expect(names.first).to_have_value("新的一行")
    assert shown() == ["新的一行", "旧行二"]

    page.unroute("**/drafts/**")
    screen.troubles.clear()  # the server was away
    names.first.fill("新的一行，改过")
    expect(page.locator("[data-draft-state]")).to_have_text(re.compile("已存"))
    page.evaluate("localStorage.clear(); document.querySelector('form[data-draft]').dataset.leaving = '1'")
    screen.open(f"/r/{ORDER}/{pk}/edit?draft=1")
    assert shown() == ["新的一行，改过", "旧行二"]
    page.evaluate("document.querySelector('form[data-draft]').dataset.leaving = '1'")
