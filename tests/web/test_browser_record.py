"""The record page in a real browser: commenting with @, files, drafts on the server, parts on a phone."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from kezhou import comments, drafts, records
from kezhou.files import attachments
from kezhou.files.models import Attachment
from kezhou.testing.access import Person
from kezhou.testing.browser import PHONE, Screen
from tests.web.conftest import CONTACTS, CUSTOMERS, Customers

pytestmark = [pytest.mark.browser, pytest.mark.committed]
NARROWEST = (360, 740)


@pytest.fixture
def pk(boss: Person, seller: Person, customers: Customers) -> int:
    """A customer with a past."""
    (pk,) = customers(seller, "川西能源集团有限公司", city="成都", phone="028-85126600", travel_budget=1862400)
    records.save(seller.actor, CONTACTS, [{"name": "何国栋", "customer": pk, "mobile": "13800001234"}]).demand()
    records.save(seller.actor, CUSTOMERS, [{"pk": pk, "city": "绵阳", "remark": "总部差旅统一由行政部对接"}]).demand()
    first = comments.write(seller.actor, CUSTOMERS, pk, "新疆考察团航变已经和刘经理说明，倾向接受新时刻。@周敏 请看").pk
    comments.write(boss.actor, CUSTOMERS, pk, "同意，今天补出第六张票", reply_to=first)
    attachments.attach(seller.actor, CUSTOMERS, pk, "2026 差旅服务协议.pdf", io.BytesIO(b"%PDF-1.4 x"))
    return pk


def open_record(screen: Screen, pk: int, person: Person) -> Page:
    screen.sign_in(person)
    return screen.open(f"/r/{CUSTOMERS}/{pk}")


def test_a_colleague_is_mentioned_by_the_keyboard(screen: Screen, boss: Person, seller: Person, pk: int) -> None:
    page = open_record(screen, pk, seller)
    box = page.locator("#kz-say")

    box.click()
    box.press_sequentially("价格确认了 @周")
    page.get_by_role("option", name="周敏").wait_for()
    box.press("Enter")
    box.press_sequentially("请看")
    screen.shot("record-mention")
    box.press("Control+Enter")

    expect(page.locator(".kz-tl .kz-bub").first).to_contain_text("价格确认了 @周敏 请看")
    expect(page.locator(".kz-tl .kz-at").first).to_have_text("@周敏")
    expect(page.locator("#kz-say")).to_have_value("")
    screen.pictures("record", full=False)


@pytest.mark.req("BAS-06", part="another device")
def test_an_unfinished_comment_and_form_wait_on_another_device(
    screen: Screen, boss: Person, seller: Person, pk: int
) -> None:
    page = open_record(screen, pk, seller)
    page.locator("#kz-say").fill("写到一半的跟进")
    expect(page.locator("[data-draft-state]")).to_have_text(re.compile("草稿已存"))
    page = screen.open(f"/r/{CUSTOMERS}/new")
    page.get_by_label("客户名称").fill("攀西钒钛新材料有限公司")
    expect(page.locator("[data-draft-state]")).to_have_text(re.compile("草稿 .* 已存"))
    page.evaluate("localStorage.clear(); sessionStorage.clear()")

    page = screen.open(f"/r/{CUSTOMERS}/{pk}")
    expect(page.locator("#kz-say")).to_have_value("写到一半的跟进")
    page = screen.open(f"/r/{CUSTOMERS}/new")
    screen.shot("draft-offered")
    page.get_by_role("link", name="接着写").click()
    expect(page.get_by_label("客户名称")).to_have_value("攀西钒钛新材料有限公司")
    screen.shot("draft-taken")
    page.get_by_role("button", name="保存", exact=True).click()
    page.wait_for_url(re.compile(rf"/r/{CUSTOMERS}/\d+$"))
    screen.open("/account/drafts")
    expect(page.get_by_text("攀西钒钛")).to_have_count(0)
    screen.shot("drafts")


@pytest.mark.req("BAS-05", part="several at once, preview")
def test_files_are_added_several_at_once_and_shown(
    screen: Screen, boss: Person, seller: Person, pk: int, tmp_path: Path
) -> None:
    from PIL import Image

    picture, text = tmp_path / "盖章页.png", tmp_path / "说明.txt"
    Image.new("RGB", (320, 200), (43, 87, 207)).save(picture)
    text.write_text("六位出行人", "utf-8")
    screen.sign_in(seller)
    page = screen.open(f"/r/{CUSTOMERS}/{pk}/files")

    page.locator(".kz-upbox input[multiple]").set_input_files([picture, text])
    page.get_by_role("link", name="盖章页.png", exact=True).wait_for()
    screen.pictures("files")
    page.get_by_role("link", name="盖章页.png", exact=True).click()
    expect(page.locator("dialog .kz-pic1")).to_be_visible()
    screen.shot("file-preview")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="说明.txt", exact=True).click()
    expect(page.locator("dialog .kz-pre")).to_have_text("六位出行人")

    assert Attachment.objects.count() == 3


def test_last_changes_of_a_field_and_the_next_record(
    screen: Screen, boss: Person, seller: Person, pk: int, customers: Customers
) -> None:
    customers(seller, *[f"第{number:02}公司" for number in range(25)])
    screen.sign_in(seller)
    page = screen.open(f"/r/{CUSTOMERS}/?sort=name&size=20")
    first = page.locator("[data-row] a[data-open]").first
    first.click()
    page.wait_for_url(re.compile(r"/\d+$"))
    for _step in range(20):
        before = page.url
        page.keyboard.press("j")
        page.wait_for_url(lambda url, before=before: url != before)
    expect(page.locator("[data-step-text]")).to_have_text("1 / 6")
    page = screen.open(f"/r/{CUSTOMERS}/{pk}")

    page.get_by_role("link", name="城市最近的改动").click()

    expect(page.locator("#kz-fieldchanges")).to_contain_text("李思源")
    expect(page.locator("#kz-fieldchanges s").first).to_have_text("成都")
    screen.shot("field-changes")


def test_what_others_did_meanwhile_is_told(screen: Screen, boss: Person, seller: Person, pk: int) -> None:
    page = open_record(screen, pk, seller)
    records.save(boss.actor, CUSTOMERS, [{"pk": pk, "city": "德阳"}]).demand()

    page.evaluate("document.dispatchEvent(new CustomEvent('kz:look'))")
    expect(page.locator("[data-news-line]")).to_contain_text("周敏刚刚改了这个客户")
    screen.shot("record-news")
    page.get_by_role("link", name="看最新的").click()

    expect(page.locator(".kz-rfields")).to_contain_text("德阳")
    assert drafts.mine(seller.actor) == ()


@pytest.mark.req("UIX-13", part="look up, write contact records")
@pytest.mark.parametrize("size", [PHONE, NARROWEST], ids=["390", "360"])
def test_a_phone_shows_one_part_at_a_time_and_nothing_is_too_wide(
    screen: Screen, boss: Person, seller: Person, pk: int, size: tuple[int, int]
) -> None:
    screen.size(*size)
    page = open_record(screen, pk, seller)

    expect(page.locator(".kz-rstream")).to_be_visible()
    expect(page.locator(".kz-rfields")).to_be_hidden()
    screen.shot(f"phone-record-{size[0]}")
    assert screen.too_wide() == 0
    page.get_by_role("button", name="资料").click()
    expect(page.locator(".kz-rfields")).to_be_visible()
    expect(page.locator(".kz-rstream")).to_be_hidden()
    screen.shot(f"phone-fields-{size[0]}")
    page.get_by_role("button", name="相关").click()
    screen.shot(f"phone-related-{size[0]}")
    expect(page.get_by_role("link", name="拨打电话")).to_have_attribute("href", "tel:02885126600")
    page.get_by_role("button", name="写评论").click()
    page.keyboard.type("到了现场")
    page.get_by_role("button", name="发布").click()
    expect(page.locator(".kz-tl .kz-bub").first).to_contain_text("到了现场")
    for path in (
        f"/r/{CUSTOMERS}/{pk}/edit",
        f"/r/{CUSTOMERS}/{pk}/files",
        f"/quick/{CUSTOMERS}",
        f"/r/{CUSTOMERS}/{pk}/history",
    ):
        screen.open(path)
        screen.shot(f"phone{path.replace('/', '-')}-{size[0]}"[:60])
        assert screen.too_wide() == 0, path
    assert screen.nameless() == []
