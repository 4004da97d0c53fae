"""The public site, sign-up and settings in a real browser; pictures are kept under build/screens."""

from __future__ import annotations

import pytest

from kezhou.testing.access import Person
from kezhou.testing.browser import PHONE, WIDE, Screen
from tenants import directory
from tenants.context import Current
from tests.pages.conftest import Code, finish_jobs

pytestmark = [pytest.mark.browser, pytest.mark.committed]


def pictures(screen: Screen, name: str, *, full: bool = True) -> None:
    """The page wide, on a phone and dark; it must not overflow sideways on any."""
    for label, size in (("1440", WIDE), ("390", PHONE)):
        screen.size(*size)
        screen.page.wait_for_timeout(100)
        screen.shot(f"{name}-{label}", full=full)
        assert screen.too_wide() == 0
    screen.size(*WIDE)
    screen.theme("dark")
    screen.shot(f"{name}-dark", full=full)
    screen.theme("light")


@pytest.mark.parametrize(
    ("name", "path"), [("public", "/"), ("find", "/find"), ("public-signin", "/signin"), ("terms", "/terms")]
)
def test_public_pages_are_quiet_and_fit(screen: Screen, name: str, path: str) -> None:
    screen.open(path, slug="")

    pictures(screen, name)


@pytest.mark.req("TEN-01", part="in a browser")
def test_a_company_signs_up_in_the_browser(screen: Screen, codes: Code, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.conf.settings.KEZHOU_PUBLIC_PORT", screen.port)
    page = screen.open("/signup", slug="")
    page.get_by_label("手机号或邮箱").fill("zhoumin@example.com")
    page.get_by_role("button", name="发送验证码").click()
    page.get_by_label("验证码").fill(codes("zhoumin@example.com"))
    pictures(screen, "signup-code")
    page.get_by_role("button", name="下一步").click()

    page.get_by_label("公司名称").fill("甲方旅行社有限公司")
    page.get_by_label("公司网址").fill("alpha")
    page.get_by_text("“alpha”已被使用").wait_for()
    page.get_by_text("请它的管理员让我加入").wait_for()
    page.locator("#password").fill("12345678")
    page.get_by_text("太弱").wait_for()
    pictures(screen, "signup-refused")
    page.get_by_role("button", name="alpha-crm").click()
    page.get_by_text("alpha-crm.localhost").wait_for()
    assert page.get_by_label("公司网址").input_value() == "alpha-crm"

    page.get_by_label("公司名称").fill("锦城商旅服务有限公司")
    page.get_by_text("与营业执照一致").wait_for()
    page.get_by_label("你的姓名").fill("周敏")
    page.locator("#password").fill("Cheng-du-2027")
    page.get_by_text("很强").wait_for()
    page.locator("label", has_text="机票").click()
    page.get_by_role("checkbox", name="我已阅读并同意").check()
    pictures(screen, "signup-company")
    page.get_by_role("button", name="开通公司").last.click()
    page.wait_for_url(f"http://alpha-crm.localhost:{screen.port}/")

    assert page.get_by_role("button", name="周敏，个人菜单").count() == 1
    place = directory.find_by_slug("alpha-crm")
    assert place is not None
    assert [job.state for job in finish_jobs(place)] == ["done"]
    page.reload()
    assert page.get_by_role("navigation", name="模块").get_by_text("客户").count() == 1


@pytest.mark.req("PLT-05", part="catalogue page")
def test_a_module_is_switched_on_with_its_needs(screen: Screen, alpha: Current, administrator: Person) -> None:
    screen.sign_in(administrator)
    page = screen.open("/settings/plugins")
    pictures(screen, "plugins", full=False)

    page.get_by_role("switch", name="销售").click()
    page.get_by_role("dialog").wait_for()
    pictures(screen, "plugins-dependency", full=False)
    page.get_by_role("button", name="一起打开 2 个模块").click()
    page.get_by_role("status").filter(has_text="可以离开这一页").first.wait_for()
    screen.shot("plugins-switching-1440")
    finish_jobs(alpha)

    page.get_by_text("销售要用它，不能关").wait_for()
    assert page.get_by_role("navigation", name="模块").get_by_text("销售").count() == 1
    pictures(screen, "plugins-on", full=False)


def test_the_dialog_closes_by_escape_and_cancel(screen: Screen, administrator: Person) -> None:
    screen.sign_in(administrator)
    page = screen.open("/settings/plugins?open=sales&to=on")

    page.keyboard.press("Escape")
    page.wait_for_url("**/settings/plugins")

    assert page.get_by_role("dialog").count() == 0


@pytest.mark.req("FLD-07", part="in a browser")
def test_a_choice_field_is_made_and_is_in_the_form(screen: Screen, administrator: Person, customers_on: None) -> None:
    screen.sign_in(administrator)
    page = screen.open("/settings/fields/customers.customer")
    pictures(screen, "fields", full=False)
    page.get_by_role("link", name="新建字段").click()

    page.get_by_label("显示名").fill("价值等级")
    page.get_by_label("类型", exact=True).select_option("choice")
    assert page.get_by_label("最多字数").is_hidden()
    for place, text in enumerate(("A 核心", "B 成长", "C 普通")):
        page.get_by_label("选项名").nth(place).fill(text)
    page.get_by_role("button", name="加选项").click()
    page.get_by_label("选项名").last.fill("D 观察")
    page.get_by_role("switch", name="作列表列").check()
    pictures(screen, "field-new", full=False)
    page.locator(".kz-ffoot").get_by_role("button", name="新建字段").click()
    page.get_by_text("字段“价值等级”建好了").wait_for()

    page.get_by_role("link", name="价值等级").click()
    page.get_by_role("heading", name="价值等级").wait_for()
    pictures(screen, "field", full=False)
    screen.open("/r/customers.customer/new")
    assert page.get_by_text("价值等级").count() > 0


def test_settings_home_company_and_dictionaries_fit(screen: Screen, administrator: Person, customers_on: None) -> None:
    screen.sign_in(administrator)
    for name, path in (
        ("settings", "/settings/"),
        ("company", "/settings/company"),
        ("dictionaries", "/settings/dictionaries/customers.category"),
        ("dictionary-value", "/settings/dictionaries/customers.category?value=vip"),
    ):
        screen.open(path)
        pictures(screen, name, full=False)
