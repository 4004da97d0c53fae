"""The editor and what it does, in a real browser: by pointer, by keys, by two administrators, on a narrow screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from kezhou import records
from kezhou.records.layouts import layout_for
from kezhou.testing.access import MemberFactory, Person
from kezhou.testing.browser import PHONE, Screen
from tests.layouts.conftest import CUSTOMERS, Arrange

pytestmark = [pytest.mark.browser, pytest.mark.committed]

FORM = f"/settings/layouts/{CUSTOMERS}/form"


def saved(page: Page) -> None:
    page.get_by_role("button", name="保存", exact=True).click()
    page.get_by_text("布局已保存，马上生效").wait_for()


def drag(page: Page, key: str, before: str) -> None:
    """Drag a field by hand to where another lies."""
    start, end = (page.locator(f"[data-lay-field={name}]").bounding_box() for name in (key, before))
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + 20, start["y"] + 12)
    page.mouse.down()
    page.mouse.move(start["x"] + 30, start["y"] - 20, steps=4)
    page.mouse.move(end["x"] + 20, end["y"] + 10, steps=12)
    page.mouse.up()


@pytest.mark.req("FLD-03", part="without programming")
def test_a_field_is_dragged_and_the_form_follows_at_once(screen: Screen, boss: Person, seller: Person) -> None:
    screen.sign_in(boss)
    page = screen.open(FORM)
    page.locator("[data-lay-field=phone]").wait_for()
    screen.shot("editor")

    drag(page, "industry", "short_name")
    expect(page.locator("[data-lay-section=d1] [data-lay-field=industry]")).to_have_count(1)
    page.locator("[data-lay-field=ownership]").click()
    screen.shot("editor-chosen")
    page.get_by_role("button", name="移出页面：企业性质").click()
    expect(page.get_by_text("2 处未保存")).to_be_visible()
    saved(page)

    form = screen.open(f"/r/{CUSTOMERS}/new")
    screen.shot("form")
    assert form.locator("#d1 [name=industry]").count() == 1
    assert form.locator("[name=ownership]").count() == 0


def test_everything_works_by_keys_and_can_be_undone(screen: Screen, boss: Person) -> None:
    screen.sign_in(boss)
    page = screen.open(FORM)
    field = page.locator("[data-lay-canvas] [data-lay-field=category]")
    field.focus()

    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("#kz-live")).to_have_text("“客户分类”移到了第 2 位")
    page.keyboard.press("Delete")
    expect(page.locator("[data-lay-pal] [data-lay-field=category]")).to_have_count(1)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")

    order = page.locator("[data-lay-section=d1] [data-lay-field]").evaluate_all(
        "nodes => nodes.map(n => n.dataset.layField)"
    )
    assert order[:3] == ["name", "short_name", "category"]
    expect(page.get_by_role("button", name="保存", exact=True)).to_be_disabled()


def test_sections_tabs_and_a_closed_group(screen: Screen, boss: Person) -> None:
    screen.sign_in(boss)
    page = screen.open(FORM)

    page.get_by_role("button", name="加标签页").click()
    page.get_by_label("标签页的名称").fill("个性化")
    page.get_by_label("标签页的名称").press("Tab")
    page.get_by_role("button", name="段 新的一段").click()
    page.get_by_label("标题").fill("爱好与忌口")
    page.get_by_label("标题").press("Tab")
    page.get_by_role("switch", name="收起，打开时才读取").check()
    page.get_by_role("button", name="3", exact=True).click()
    page.get_by_role("button", name="主要").click()
    page.locator("[data-lay-field=brands]").click()
    page.get_by_label("放在哪一段").select_option(label="爱好与忌口")
    screen.shot("editor-tabs")
    saved(page)
    page = screen.open(f"/r/{CUSTOMERS}/new")
    page.get_by_role("tab", name="个性化").click()
    group = page.locator("details[data-group]")
    expect(page.locator("[name=brands]")).to_have_count(0)
    group.locator("summary").click()

    page.locator("[name=brands]").fill("竹海牌")
    screen.shot("form-tabs")
    expect(page.get_by_text("1 处未保存")).to_be_visible()


def test_the_second_administrator_loses_nothing(
    screen: Screen, boss: Person, member_factory: MemberFactory, arrange: Arrange
) -> None:
    screen.sign_in(boss)
    page = screen.open(FORM)
    page.get_by_role("button", name="段 基本资料").click()
    page.get_by_label("标题").fill("我的标题")
    page.get_by_label("标题").press("Tab")
    arrange(
        "form",
        {"tabs": [{"title": "", "sections": [{"key": "d1", "title": "对方的标题", "fields": [{"key": "name"}]}]}]},
    )

    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("[data-lay-clash]")).to_contain_text("周敏 保存了自己的改动。你的改动还在这里，没有保存。")
    expect(page.locator("[data-lay-clash-list]")).to_contain_text("“基本资料”改名为“对方的标题”")
    screen.shot("editor-clash")
    page.get_by_role("button", name="换成对方的").click()
    expect(page.get_by_role("button", name="段 对方的标题")).to_be_visible()
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_role("button", name="段 我的标题")).to_be_visible()
    saved(page)

    assert str(next(iter(layout_for(boss.actor, CUSTOMERS).sections("form"))).title) == "我的标题"


def test_preview_shows_what_a_colleague_would_see(screen: Screen, boss: Person, seller: Person) -> None:
    screen.sign_in(boss)
    page = screen.open(FORM)

    page.get_by_label("以某人预览").select_option(label="李思源 · 销售")
    page.locator("[data-lay-shot] [name=name]").wait_for()
    screen.shot("editor-preview")

    expect(page.locator("[data-lay-canvas]")).to_be_hidden()


def test_the_other_kinds_are_edited_alike(screen: Screen, boss: Person) -> None:
    records.save(boss.actor, CUSTOMERS, [{"name": "川西能源集团有限公司", "category": "vip", "city": "成都"}]).demand()
    screen.sign_in(boss)
    for kind in ("detail", "columns", "quick", "related"):
        page = screen.open(f"/settings/layouts/{CUSTOMERS}/{kind}?role=sales")
        page.locator("[data-lay-canvas] [data-lay-field]").nth(1).click()
        page.locator(".kz-tools").get_by_role("button", name="前移").click()
        screen.shot(f"editor-{kind}")
        saved(page)

    page = screen.open("/settings/layouts")
    screen.shot("overview")
    expect(page.get_by_role("link", name="销售 · 所有分类")).to_have_count(4)


def test_a_narrow_screen_only_shows(screen: Screen, boss: Person) -> None:
    screen.sign_in(boss)
    screen.size(*PHONE)
    page = screen.open(FORM)
    screen.shot("editor-390")

    expect(page.get_by_text("屏幕宽度够 1024 像素时可以排布局，这里只能看。")).to_be_visible()
    expect(page.get_by_role("button", name="保存", exact=True)).to_be_hidden()
    assert screen.too_wide() == 0


def test_the_class_changes_the_form_and_keeps_what_was_typed(screen: Screen, boss: Person, arrange: Arrange) -> None:
    from kezhou.records import custom

    card = custom.add_field(boss.actor, CUSTOMERS, label="会员卡号", kind="text", classes=["vip"]).key
    screen.sign_in(boss)
    page = screen.open(f"/r/{CUSTOMERS}/new")
    page.locator("[name=name]").fill("川西能源")

    page.locator("select[name=category]").select_option("vip")
    page.locator(f"[name={card}]").fill("A-7")
    page.locator("select[name=category]").select_option("ordinary")
    expect(page.locator(f"[name={card}]")).to_have_count(0)
    page.locator("select[name=category]").select_option("vip")

    expect(page.locator(f"[name={card}]")).to_have_value("A-7")
    expect(page.locator("[name=name]")).to_have_value("川西能源")
