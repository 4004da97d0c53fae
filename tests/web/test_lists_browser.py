"""Lists under a hand: building conditions, saving them as a view, drawing columns."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from playwright.sync_api import expect

from kezhou import records
from kezhou.records import custom
from kezhou.testing.access import Person
from kezhou.testing.browser import PHONE, Screen
from tests.web.conftest import CUSTOMERS
from tests.web.test_pictures import full, some_customer

pytestmark = [pytest.mark.browser, pytest.mark.committed]
__all__ = ["full"]

LIST = f"/r/{CUSTOMERS}/"


@pytest.mark.req("QRY-02", part="builder")
@pytest.mark.req("QRY-08")
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
    expect(page.locator("#kz-views .kz-li")).to_have_count(6)
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


OPPORTUNITIES = "/r/sales.opportunity/"


@pytest.mark.req("UIX-13", part="board on a phone")
def test_card_is_dragged_and_moved_by_keys(screen: Screen, full: Person) -> None:
    screen.sign_in(full)
    page = screen.open(f"{LIST}?display=kanban&group=assessment")
    columns = page.locator("[data-column]")
    first, second = columns.nth(0), columns.nth(1)
    card = first.locator("[data-card]").first
    name = card.locator("[data-open]").inner_text()
    before = int(second.locator("[data-count-of]").inner_text())
    with page.expect_response("**/board/move*") as answer:
        card.drag_to(second.locator("[data-cards]"), target_position={"x": 60, "y": 12})
    assert answer.value.status == 200
    expect(second.locator("[data-count-of]")).to_have_text(str(before + 1))
    expect(second.get_by_text(name, exact=True)).to_be_visible()
    screen.pictures("board")
    moved = second.locator("[data-card]", has_text=name)
    moved.locator("[data-card-move]").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowLeft")
    with page.expect_response("**/board/move*"):
        page.keyboard.press("Space")
    expect(first.get_by_text(name, exact=True)).to_be_visible()
    screen.size(*PHONE)
    assert screen.too_wide() == 0


def test_columns_where_a_card_may_not_go_are_shut_and_say_why(screen: Screen, full: Person) -> None:
    customer = some_customer(full)
    rows = [
        {"name": "已成交的", "customer": customer, "stage": "won"},
        {"name": "在谈的", "customer": customer, "stage": "propose"},
    ]
    records.save(full.actor, "sales.opportunity", rows).demand()
    screen.sign_in(full)
    page = screen.open(f'{OPPORTUNITIES}?display=kanban&filter=["name","in",["已成交的","在谈的"]]')
    board = page.locator("[data-board]")
    won = board.locator("[data-card]", has_text="已成交的")
    won.scroll_into_view_if_needed()
    source = won.bounding_box()
    assert source is not None
    page.mouse.move(source["x"] + 30, source["y"] + 12)
    page.mouse.down()
    page.mouse.move(source["x"] + 60, source["y"] + 30, steps=4)
    shut = board.locator('[data-column="propose"]')
    expect(shut.locator("[data-why]")).to_have_text(
        "不能从“赢单”改为“提出客户方案”，可以改为：客户满意、挖掘客户需求。"
    )
    screen.shot("board-shut")
    page.mouse.up()
    expect(board.locator("[data-why]")).to_have_count(0)
    won.locator("[data-card-move]").focus()
    with page.expect_response("**/board/ways*"):
        page.keyboard.press("Space")
    expect(shut).to_have_class("kz-kcol kz-shut")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(board.locator('[data-column="mine_needs"]')).to_contain_text("已成交的")
    page.keyboard.press("Escape")

    open_ = board.locator("[data-card]", has_text="在谈的")
    with page.expect_response("**/board/ways*"):
        open_.drag_to(board.locator('[data-column="lost"] [data-cards]'))
    dialog = page.locator("#kz-dialog")
    expect(dialog.locator("[data-field=lost_reason]")).to_be_visible()
    expect(dialog.locator("[data-field=competitor]")).to_be_visible()
    screen.shot("board-asks")


def test_calendar_moves_a_record_to_another_day(screen: Screen, full: Person) -> None:
    screen.sign_in(full)
    page = screen.open(f"{OPPORTUNITIES}?display=calendar&starts=expected_on")
    page.locator("[data-event]").first.wait_for()
    screen.pictures("calendar-month")
    event = page.locator("[data-event]").nth(1)
    pk, day = event.get_attribute("data-event"), event.get_attribute("data-from")
    event.focus()
    with page.expect_response("**/calendar/move*") as answer:
        page.keyboard.press("Alt+ArrowRight")
    assert answer.value.status == 200
    expect(page.locator(f'[data-event="{pk}"]').first).not_to_have_attribute("data-from", str(day))
    page = screen.open(f"{OPPORTUNITIES}?display=calendar&starts=expected_on&scale=week&resource=owner&on={day}")
    page.locator(".kz-lane").first.wait_for()
    screen.pictures("calendar-week")


def _without_places(person: Person) -> None:
    """Customers of whom no place is known: their city is free to be written."""
    found = records.query(person.actor, CUSTOMERS).all()
    records.save(person.actor, CUSTOMERS, [{"pk": one.pk, "region": ""} for one in found]).demand()


def test_value_is_edited_in_the_list(screen: Screen, full: Person) -> None:
    _without_places(full)
    screen.sign_in(full)
    page = screen.open(LIST)
    page.get_by_role("button", name="列", exact=True).click()
    page.locator("#kz-columns label.kz-editb", has=page.get_by_label("在列表里直接改城市")).click()
    page.locator("#kz-columns label.kz-editb", has=page.get_by_label("在列表里直接改电话", exact=True)).click()
    screen.shot("list-columns-edit")
    page.locator("#kz-columns").get_by_role("button", name="保存", exact=True).click()
    cell = page.locator('td[data-cell="city"]').first
    cell.dblclick()
    page.locator(".kz-cellpop input:not([type=hidden])").fill("都江堰")
    screen.shot("list-cell")
    page.keyboard.press("Enter")
    expect(cell).to_have_text("都江堰")
    phone = page.locator('td[data-cell="phone"]').first
    was = phone.inner_text()
    phone.focus()
    page.keyboard.press("Enter")
    page.locator(".kz-cellpop input:not([type=hidden])").fill("12")
    page.keyboard.press("Enter")
    expect(page.locator(".kz-cellpop .kz-err").first).to_be_visible()
    screen.shot("list-cell-refused")
    page.keyboard.press("Escape")
    expect(phone).to_have_text(was)


def test_fields_of_ticked_records_are_changed_after_a_look_at_what_will_happen(screen: Screen, full: Person) -> None:
    screen.sign_in(full)
    page = screen.open(LIST)
    page.locator("[data-pick-all]").check()
    page.get_by_role("button", name="改字段").click()
    dialog = page.locator("#kz-dialog")
    dialog.get_by_label("字段 1").select_option(label="城市")
    dialog.locator("[data-field=city] input").fill("成都")
    dialog.get_by_label("字段 1").focus()
    expect(dialog.locator(".kz-samples .kz-sample")).to_have_count(3)
    screen.pictures("bulk-edit")
    dialog.locator("[name=sure]").click()
    expect(page.locator("#kz-toasts")).to_contain_text("已修改")


@pytest.mark.req("UIX-11")
def test_row_that_somebody_else_saved_is_marked(screen: Screen, full: Person, seller: Person) -> None:
    _without_places(full)
    screen.sign_in(full)
    page = screen.open(LIST)
    row = page.locator("[data-row]").first
    pk = int(row.get_attribute("data-row") or 0)
    records.save(full.actor, CUSTOMERS, [{"pk": pk, "city": "眉山"}]).demand()
    with page.expect_response("**/live"):
        page.evaluate("document.dispatchEvent(new CustomEvent('kz:look'))")
    expect(page.locator("#kz-fresh")).to_contain_text("1 条有更新")
    expect(row).to_contain_text("周敏刚改过")
    screen.shot("list-stale")
    page.get_by_role("button", name="刷新").click()
    expect(page.locator("#kz-fresh")).to_be_hidden()
    expect(page.locator(f'[data-row="{pk}"]')).to_contain_text("眉山")


def test_long_choices_are_searched_by_pinyin_in_form_list_and_filter(screen: Screen, full: Person) -> None:
    key = custom.add_field(full.actor, CUSTOMERS, label="经营国家", kind="country").key
    screen.sign_in(full)
    page = screen.open(f"/r/{CUSTOMERS}/new")
    page.get_by_label("客户名称").fill("东瀛旅行社")
    box = page.get_by_role("combobox", name="经营国家")
    box.fill("rb")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_text(["日本"])
    screen.shot("form-long-choice")
    box.press("Enter")
    expect(box).to_have_value("日本")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator(".kz-record")).to_contain_text("日本")

    page = screen.open(f"{LIST}?columns=name,{key}")
    page.get_by_role("button", name="筛选", exact=True).click()
    builder = page.locator("#kz-filter")
    builder.get_by_label("字段").first.select_option(key)
    builder.get_by_role("searchbox").fill("riben")
    expect(builder.locator(".kz-option:visible")).to_have_count(1)
    screen.shot("filter-long-choice")
    builder.get_by_role("searchbox").press("Enter")
    builder.get_by_role("button", name="按条件筛选").click()
    page.wait_for_url("**filter=**")
    assert f'["{key}","in",["JP"]]' in unquote(page.url)
    expect(page.locator("#kz-table tbody tr")).to_have_count(1)
