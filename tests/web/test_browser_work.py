"""Daily work in a real browser: forms keep what was typed, keys work, nothing is lost when two people save."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from kezhou import records
from kezhou.testing.access import PASSWORD, Person
from kezhou.testing.browser import Screen
from tenants.context import current
from tests.web.conftest import CUSTOMERS, Customers

pytestmark = [pytest.mark.browser, pytest.mark.committed]

LIST = f"/r/{CUSTOMERS}/"


@pytest.mark.req("BAS-03")
def test_refused_form_says_what_is_wrong_at_each_field_and_keeps_everything(screen: Screen, boss: Person) -> None:
    screen.sign_in(boss)
    page = screen.open(f"{LIST}new")

    page.get_by_label("客户名称").fill("攀西钒钛新材料有限公司")
    page.get_by_label("统一社会信用代码").fill("9151 0400 MA6B 7K2")
    page.get_by_label("电话", exact=True).fill("12")
    page.get_by_label("备注").fill("第一次来访，要报价")
    page.get_by_role("button", name="保存", exact=True).click()

    expect(page.locator("[data-field=credit_code] .kz-err")).to_be_visible()
    expect(page.locator("[data-field=phone] .kz-err")).to_be_visible()
    expect(page.locator("[data-field=name] .kz-err")).to_have_count(0)
    expect(page.get_by_label("客户名称")).to_have_value("攀西钒钛新材料有限公司")
    expect(page.get_by_label("统一社会信用代码")).to_have_value("9151 0400 MA6B 7K2")
    expect(page.get_by_label("备注")).to_have_value("第一次来访，要报价")
    expect(page.locator(".kz-ffoot")).to_contain_text("2 处要改")
    expect(page.locator(".kz-wrong a")).to_have_text(["统一社会信用代码", "电话"])
    screen.pictures("form-refused")

    page.get_by_label("统一社会信用代码").fill("")
    page.get_by_label("电话", exact=True).fill("0812-3336600")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("攀西钒钛新材料有限公司")


@pytest.mark.req("BAS-03")
def test_sign_in_that_expired_during_a_save_asks_for_the_password_and_then_saves(screen: Screen, boss: Person) -> None:
    screen.sign_in(boss)
    page = screen.open(f"{LIST}new")
    page.get_by_label("客户名称").fill("青衣江茶业集团有限公司")
    page.get_by_label("备注").fill("登录过期前写的")

    screen.sign_out()
    page.get_by_role("button", name="保存", exact=True).click()
    dialog = page.locator("#kz-session")
    expect(dialog).to_be_visible()
    expect(page.get_by_label("备注")).to_have_value("登录过期前写的")
    screen.shot("session-expired")
    login = dialog.locator("input[name=login]")
    if login.count() and login.is_visible():
        login.fill(boss.username)
    dialog.locator("input[type=password]").fill("falsch-1234")
    dialog.get_by_role("button").filter(has_text="登录").first.click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    if login.count() and login.is_visible():
        login.fill(boss.username)
    dialog.locator("input[type=password]").fill(PASSWORD)
    dialog.get_by_role("button").filter(has_text="登录").first.click()

    expect(page.get_by_role("heading", level=1)).to_have_text("青衣江茶业集团有限公司")
    expect(page.locator(".kz-rfields")).to_contain_text("登录过期前写的")


@pytest.mark.req("UIX-10")
def test_work_window_has_title_crumbs_actions_and_warns_before_leaving(screen: Screen, boss: Person) -> None:
    screen.sign_in(boss)
    page = screen.open(f"{LIST}new")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))

    expect(page).to_have_title(f"客户 · 新建 · {current().name}")
    expect(page.locator(".kz-crumb")).to_contain_text("客户")
    expect(page.locator(".kz-crumb b")).to_have_text("新建客户")
    expect(page.get_by_role("button", name="保存", exact=True)).to_be_visible()
    page.get_by_label("客户名称").fill("没有保存的公司")
    expect(page.locator("[data-unsaved-text]")).to_have_text("1 处未保存")
    page.get_by_role("link", name="取消").click()

    assert asked == ["还有没保存的内容，确定离开？草稿会留着，下次打开可以接着写。"]
    assert page.url.endswith("/new")
    page.evaluate("() => { document.querySelector('form[data-draft]').dataset.leaving = '1' }")
    screen.open(f"{LIST}new")
    page.get_by_role("button", name="接着写").click()
    expect(page.get_by_label("客户名称")).to_have_value("没有保存的公司")


def test_quick_create_by_key_c_checks_twins_and_saves(screen: Screen, boss: Person, customers: Customers) -> None:
    customers(boss, "成都蜀光精密光学有限公司")
    screen.sign_in(boss)
    page = screen.open(LIST)

    page.locator("#main").click(position={"x": 600, "y": 700})
    page.keyboard.press("c")
    drawer = page.locator("#kz-drawer")
    expect(drawer).to_be_visible()
    drawer.get_by_label("客户名称").fill("成都蜀光精密光学有限公司")
    drawer.get_by_label("客户名称").press("Tab")
    expect(drawer.locator("[data-twins]")).to_contain_text("可能已有 1 个")
    screen.shot("quick-create")
    drawer.get_by_label("客户名称").fill("成都蜀光二厂有限公司")
    drawer.get_by_role("button", name="保存", exact=True).click()

    expect(page.locator("#kz-toasts")).to_contain_text("已新建客户")
    expect(page.get_by_role("link", name="成都蜀光二厂有限公司")).to_be_visible()


def test_a_value_is_changed_where_it_stands(screen: Screen, boss: Person, customers: Customers) -> None:
    (pk,) = customers(boss, "川西能源集团有限公司")
    screen.sign_in(boss)
    page = screen.open(f"{LIST}{pk}")

    line = page.locator(".kz-fd", has=page.get_by_text("简称", exact=True))
    line.dblclick()
    page.get_by_role("textbox", name="简称").fill("川西能源")
    page.keyboard.press("Enter")
    expect(line).to_contain_text("川西能源")
    expect(page.locator(".kz-rstream")).to_contain_text("改了 1 个字段")
    line.hover()
    line.get_by_role("button", name="修改简称").click()
    page.get_by_role("textbox", name="简称").fill("不要这个")
    page.keyboard.press("Escape")

    expect(line).to_contain_text("川西能源")
    assert records.get(boss.actor, CUSTOMERS, pk).values["short_name"] == "川西能源"


@pytest.mark.req("PLT-15")
def test_second_of_two_savers_compares_and_loses_nothing(screen: Screen, boss: Person, customers: Customers) -> None:
    (pk,) = customers(boss, "川西能源集团有限公司", city="成都", remark="原来的话")
    screen.sign_in(boss)
    page = screen.open(f"{LIST}{pk}/edit")
    version = records.get(boss.actor, CUSTOMERS, pk).version
    theirs = {"pk": pk, "version": version, "city": "绵阳", "remark": "别人的话", "short_name": "川能"}
    records.save(boss.actor, CUSTOMERS, [theirs]).demand()

    page.get_by_label("城市").fill("德阳")
    page.get_by_label("备注").fill("我的话")
    page.get_by_label("网址").fill("www.example.com")
    page.get_by_role("button", name="保存", exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("也存了一次")
    assert records.get(boss.actor, CUSTOMERS, pk).values["city"] == "绵阳"
    save = page.locator("[data-compare-save]")
    expect(save).to_be_disabled()
    expect(save).to_have_text("还差 2 处没选")
    screen.pictures("conflict")
    page.locator("input[name='pick.city'][value=mine]").check()
    page.locator("input[name='pick.remark'][value=theirs]").check()
    expect(save).to_be_enabled()
    save.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("川西能源集团有限公司")

    values = records.get(boss.actor, CUSTOMERS, pk).values
    assert (values["city"], values["remark"], values["short_name"]) == ("德阳", "别人的话", "川能")
    assert "example.com" in values["website"]
    told = [(line.new_text) for change in records.history(boss.actor, CUSTOMERS, pk) for line in change.fields]
    assert "我的话" in told


def test_list_keys_bulk_bar_and_undo(screen: Screen, boss: Person, customers: Customers) -> None:
    customers(boss, "甲一有限公司", "甲二有限公司", "甲三有限公司")
    screen.sign_in(boss)
    page = screen.open(LIST)

    for place in (0, 1):
        page.keyboard.press("j")
        expect(page.locator("[data-row]").nth(place)).to_have_class("kz-here")
        page.keyboard.press("x")
    bar = page.locator(".kz-bulk")
    expect(bar).to_contain_text("已选 2 个")
    screen.shot("bulk-bar")
    bar.get_by_role("button", name="删除").click()
    dialog = page.locator("#kz-dialog")
    expect(dialog).to_contain_text("删除 2 个客户？")
    screen.shot("bulk-delete")
    dialog.get_by_role("button", name="删除 2 个客户").click()
    expect(page.locator("#kz-toasts")).to_contain_text("2 条已移到回收站")
    expect(page.locator("[data-row]")).to_have_count(1)
    page.locator("#kz-toasts").get_by_role("button", name="撤销").click()
    screen.open(LIST)

    expect(page.locator("[data-row]")).to_have_count(3)


def test_keys_do_nothing_while_chinese_is_composed_or_an_input_has_the_focus(screen: Screen, boss: Person) -> None:
    screen.sign_in(boss)
    page = screen.open(LIST)

    page.locator("[data-list-search]").fill("")
    page.locator("[data-list-search]").press("c")
    composing = (
        "() => document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'c', isComposing: true, bubbles: true}))"
    )
    page.evaluate(composing)
    expect(page.locator("#kz-drawer")).to_be_hidden()
    page.locator("#main").focus()
    page.keyboard.press("/")

    expect(page.locator("[data-list-search]")).to_be_focused()


@pytest.mark.req("QRY-05")
def test_columns_are_chosen_remembered_and_set_for_a_role(
    screen: Screen, boss: Person, seller: Person, customers: Customers
) -> None:
    customers(boss, "川西能源集团有限公司")
    customers(seller, "青衣江茶业集团有限公司")
    screen.sign_in(boss)
    page = screen.open(LIST)

    page.get_by_role("button", name="列", exact=True).click()
    chooser = page.locator("#kz-columns")
    expect(chooser.locator("input[name=column]:checked")).to_have_count(9)
    screen.shot("columns")
    ticked = chooser.locator("input[name=column]:checked")
    while ticked.count() > 2:
        ticked.nth(2).uncheck()
    chooser.locator("[data-columns-search]").fill("邮编")
    chooser.get_by_role("checkbox", name="邮编", exact=True).check()
    chooser.get_by_role("button", name="保存").click()
    expect(page.locator("thead th a")).to_have_text(["客户名称", "客户分类", "邮编"])
    screen.open(LIST)
    expect(page.locator("thead th a")).to_have_text(["客户名称", "客户分类", "邮编"])
    page.get_by_role("button", name="列", exact=True).click()
    page.locator("#kz-columns select[name=role]").select_option("sales")
    page.locator("#kz-columns").get_by_role("button", name="保存").click()
    expect(page.locator("#kz-toasts")).to_contain_text("默认列")

    screen.sign_out()
    screen.sign_in(seller)
    screen.open(LIST)
    expect(page.locator("thead th a")).to_have_text(["客户名称", "客户分类", "邮编"])


@pytest.mark.req("QRY-04")
def test_keyword_box_and_filter_builder(screen: Screen, boss: Person, customers: Customers) -> None:
    customers(boss, "川西能源集团有限公司", city="成都", phone="02885126600")
    customers(boss, "青衣江茶业集团有限公司", city="雅安")
    customers(boss, "德昌轨道交通装备有限公司", city="德阳")
    screen.sign_in(boss)
    page = screen.open(LIST)

    page.locator("[data-list-search]").fill("85126600")
    page.locator("[data-list-search]").press("Enter")
    expect(page.locator("[data-row]")).to_have_count(1)
    screen.open(LIST)
    page.get_by_role("button", name="筛选").click()
    builder = page.locator("#kz-filter")
    leaf = builder.locator(".kz-fb-leaf").first
    leaf.locator("select").first.select_option("city")
    leaf.locator("select").nth(1).select_option("contains")
    leaf.locator("input").fill("成都")
    builder.get_by_role("button", name="条件", exact=True).click()
    second = builder.locator(".kz-fb-leaf").nth(1)
    second.locator("select").first.select_option("city")
    second.locator("select").nth(1).select_option("contains")
    second.locator("input").fill("雅安")
    builder.get_by_role("button", name="且").click()
    screen.shot("filter-builder")
    builder.get_by_role("button", name="按条件筛选").click()

    expect(page.locator("[data-row]")).to_have_count(2)
    expect(page.locator(".kz-conds .kz-fand")).to_have_text("或")
    page.get_by_role("link", name="移除条件城市").first.click()
    expect(page.locator("[data-row]")).to_have_count(1)


def test_palette_goes_to_pages_by_initials_and_finds_records(
    screen: Screen, boss: Person, customers: Customers
) -> None:
    customers(boss, "川西能源集团有限公司")
    screen.sign_in(boss)
    page = screen.open("/")

    page.keyboard.press("Control+k")
    palette = page.locator("#kz-palette")
    expect(palette).to_be_visible()
    palette.locator("input").fill("川西")
    expect(palette.locator("mark").first).to_have_text("川西")
    expect(palette.get_by_role("option").first).to_contain_text("川西能源集团有限公司")
    screen.shot("palette")
    palette.locator("input").fill("lxr")
    expect(palette.get_by_role("option").first).to_contain_text("联系人")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("联系人")


def test_theme_density_and_language_stay(screen: Screen, boss: Person) -> None:
    screen.sign_in(boss)
    page = screen.open("/")

    for group, choice in (("外观", "深色"), ("行高", "紧凑")):
        page.get_by_role("button", name="周敏，个人菜单").click()
        page.get_by_role("group", name=group).get_by_role("button", name=choice).click()
    root = page.locator("html")
    expect(root).to_have_attribute("data-bs-theme", "dark")
    expect(root).to_have_attribute("data-density", "compact")
    page.get_by_role("button", name="周敏，个人菜单").click()
    page.get_by_role("button", name="English").click()
    expect(root).to_have_attribute("lang", "en")
    screen.context.clear_cookies(name="kz_display")
    screen.open("/")

    expect(root).to_have_attribute("lang", "en")
    expect(root).to_have_attribute("data-bs-theme", "dark")


def test_quick_create_survives_an_expired_sign_in(screen: Screen, boss: Person) -> None:
    screen.sign_in(boss)
    page = screen.open(LIST)
    page.keyboard.press("c")
    drawer = page.locator("#kz-drawer")
    drawer.get_by_label("客户名称").fill("昆明滇池会展服务有限公司")

    screen.sign_out()
    drawer.get_by_role("button", name="保存", exact=True).click()
    dialog = page.locator("#kz-session")
    dialog.get_by_label("密码").wait_for()
    dialog.locator("input[name=login]").fill(boss.username)
    dialog.get_by_label("密码").fill(PASSWORD)
    dialog.get_by_role("button", name="登录并保存").click()

    expect(page.get_by_role("link", name="昆明滇池会展服务有限公司")).to_be_visible()


def test_a_record_is_deleted_from_its_page_after_a_question(screen: Screen, boss: Person, customers: Customers) -> None:
    (pk,) = customers(boss, "川西能源集团有限公司")
    screen.sign_in(boss)
    page = screen.open(f"{LIST}{pk}")

    page.get_by_role("button", name="更多").click()
    page.locator("#kz-more").get_by_role("link", name="删除").click()
    dialog = page.locator("#kz-dialog")
    dialog.get_by_role("link", name="取消").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="更多").click()
    page.locator("#kz-more").get_by_role("link", name="删除").click()
    screen.shot("delete")
    dialog.get_by_role("button", name="删除这个客户").click()
    page.locator("#kz-toasts").get_by_role("button", name="撤销").click()

    expect(page.get_by_role("link", name="川西能源集团有限公司")).to_be_visible()


def test_neighbours_of_the_list_are_one_key_away(screen: Screen, boss: Person, customers: Customers) -> None:
    customers(boss, "甲一有限公司", "甲二有限公司", "甲三有限公司")
    screen.sign_in(boss)
    page = screen.open(f"{LIST}?sort=name&size=20")
    names = page.locator("[data-row] a[data-open] .kz-ell").all_inner_texts()

    page.get_by_role("link", name=names[1]).click()
    expect(page.locator("[data-step-text]")).to_have_text("2 / 3")
    page.get_by_role("link", name="下一条").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(names[2])
    page.locator(".kz-crumb a").first.click()

    assert page.url.endswith("?sort=name&size=20")
