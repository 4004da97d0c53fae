"""The import wizard in a real browser: upload with progress, one press for unknown people, mending a cell, taking back."""

from __future__ import annotations

import pytest

from kezhou.testing.access import Person
from kezhou.testing.browser import Screen
from tenants.context import Current
from tests.pages.conftest import finish_jobs
from tests.pages.test_import import CONTACTS, CUSTOMERS, workbook
from tests.pages.test_in_browser import pictures

pytestmark = [pytest.mark.browser, pytest.mark.committed]


@pytest.mark.req("IMX-01", part="in a browser")
def test_a_workbook_is_imported_in_the_browser(
    screen: Screen, alpha: Current, administrator: Person, customers_on: None
) -> None:
    file = workbook(客户=CUSTOMERS, 联系人=CONTACTS)
    screen.sign_in(administrator)
    page = screen.open("/r/customers.customer/")
    page.get_by_role("link", name="导入").first.click()
    pictures(screen, "import-start", full=False)
    page.set_input_files("#file", {"name": file.name or "", "mimeType": "", "buffer": file.read()})
    page.get_by_role("button", name="上传并对应字段").click()
    page.wait_for_url("**/map")
    pictures(screen, "import-map", full=False)

    page.get_by_label("贵宾 换成").select_option(label="VIP客户")
    page.get_by_text("3 种值，1 种要对应").wait_for(state="detached")
    page.get_by_role("button", name="1 人都建成“未邀请”的成员").click()
    page.get_by_text("人找不到").first.wait_for(state="detached")
    page.get_by_role("button", name="试算 5 行").click()
    page.get_by_role("heading", name="正在试算").wait_for()
    screen.shot("import-checking-1440")
    finish_jobs(alpha)

    page.get_by_role("link", name="有错误").wait_for()
    pictures(screen, "import-check", full=False)
    page.locator("td.kz-bad input[name=text]").fill("0851-86123456")
    page.keyboard.press("Tab")
    page.get_by_text("改了 1 处，还没算进上面的数字").wait_for()
    screen.shot("import-mended-1440")
    page.get_by_role("button", name="重新试算").click()
    page.get_by_role("heading", name="正在试算").wait_for()
    finish_jobs(alpha)
    page.get_by_role("button", name="导入 4 行").click()
    page.get_by_role("heading", name="正在导入").wait_for()
    finish_jobs(alpha)

    page.get_by_role("heading", name="导入完成").wait_for()
    pictures(screen, "import-result", full=False)
    page.get_by_role("button", name="撤回这次导入…").click()
    page.get_by_role("button", name="撤回 4 条记录").click()
    page.get_by_role("heading", name="这次导入已撤回").wait_for()


def test_a_refused_file_is_told_without_losing_the_form(
    screen: Screen, administrator: Person, customers_on: None
) -> None:
    screen.sign_in(administrator)
    page = screen.open("/exchange/import/?type=customers.customer")
    page.get_by_label("新增并更新").check()
    page.set_input_files("#file", {"name": "客户.xlsx", "mimeType": "", "buffer": b"%PDF-1.7 not a workbook"})

    page.get_by_role("button", name="上传并对应字段").click()

    page.get_by_role("alert").filter(has_text="PDF").wait_for()
    assert page.get_by_label("新增并更新").is_checked()
    assert page.get_by_role("button", name="上传并对应字段").is_enabled()


def test_a_list_is_exported_and_downloaded(
    screen: Screen, alpha: Current, administrator: Person, customers_on: None
) -> None:
    screen.sign_in(administrator)
    page = screen.open("/r/customers.customer/")
    page.get_by_role("link", name="导出").first.click()
    pictures(screen, "export", full=False)

    page.get_by_role("button", name="导出").click()
    page.get_by_text("正在导出").wait_for()
    finish_jobs(alpha)

    link = page.get_by_role("link", name="客户-")
    link.wait_for()
    pictures(screen, "exports", full=False)
    with page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename.endswith(".xlsx")
