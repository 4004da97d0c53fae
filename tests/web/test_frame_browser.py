"""The frame in a real browser: bell and inbox, palette with the keyboard, every page on a phone and by the keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

import kezhou.urls  # noqa: F401  # declares every page
from kezhou import assignments, comments, drafts, notify, records
from kezhou.pages import routes
from kezhou.testing import contract
from kezhou.testing.access import Person
from kezhou.testing.browser import PHONE, Screen
from kezhou.web import menu
from tests.web.conftest import CONTACTS, CUSTOMERS, Customers

pytestmark = [pytest.mark.browser, pytest.mark.committed]
NARROWEST = (360, 740)
NOT_SHOWN = frozenset(
    {
        "/account/sign-out",
        "/live",
        "/quick",
        "/palette",
        "/search/suggest",
        "/mention",
        "/session",
        "/api/v1/schema",
        "/api/v1/docs",
    }
)


@pytest.fixture
def pk(boss: Person, seller: Person, customers: Customers) -> int:
    """A customer with a contact, a comment that mentions the seller, and something assigned."""
    (pk,) = customers(seller, "川西能源集团有限公司", city="成都", phone="028-85126600", travel_budget=1862400)
    records.save(seller.actor, CONTACTS, [{"name": "何国栋", "customer": pk, "mobile": "13800001234"}]).demand()
    records.save(seller.actor, "sales.opportunity", [{"name": "2026 年度差旅服务", "customer": pk}]).demand()
    comments.write(boss.actor, CUSTOMERS, pk, "@李思源 新疆考察团的方案请今天发我")
    assignments.assign(boss.actor, CUSTOMERS, [pk], member=seller.pk, note="回访并确认六位出行人")
    return pk


@pytest.fixture
def everything(boss: Person, plugins_on: Callable[..., None]) -> Person:
    """The administrator of a company with every module and one record of every kind."""
    plugins_on("meetings")
    for spec in menu.readable(boss.actor):
        if not records.count(boss.actor, spec, records.ListRequest()):
            contract.make(boss.actor, spec.key)
    return boss


def test_the_bell_counts_and_its_drawer_is_worked_off(screen: Screen, boss: Person, seller: Person, pk: int) -> None:
    screen.sign_in(seller)
    page = screen.open("/")
    bell = page.locator(".kz-bell")

    expect(bell.locator(".kz-bdg")).to_have_text("2")
    expect(bell).to_have_attribute("aria-label", "通知，2 条未读")
    screen.pictures("home-todo")
    page.keyboard.press("n")
    drawer = page.locator("#kz-inbox")
    expect(drawer).to_contain_text("周敏 把一条客户指派给你")
    page.wait_for_timeout(300)
    screen.pictures("inbox")
    drawer.get_by_role("link", name=re.compile("@我")).click()
    expect(drawer).to_contain_text("新疆考察团")
    drawer.get_by_role("button", name="本栏全部已读").click()
    expect(bell.locator(".kz-bdg")).to_have_text("1")
    drawer.get_by_role("link", name="待办").click()
    drawer.get_by_role("button", name="完成").click()
    page.wait_for_load_state()
    expect(page.locator(".kz-bell .kz-bdg")).to_be_hidden()
    assert [notice.kind for notice in notify.unread(boss.actor)] == ["assignment_done"]


@pytest.mark.req("BAS-07", part="in the browser")
def test_a_record_is_assigned_by_the_palette(screen: Screen, boss: Person, seller: Person, pk: int) -> None:
    screen.sign_in(boss)
    page = screen.open(f"/r/{CUSTOMERS}/{pk}")
    screen.shot("record-assigned")

    page.keyboard.press("Control+k")
    page.locator("#kz-palette input").fill(">zpkh")
    expect(page.locator("#kz-palette [role=option]")).to_have_count(1)
    screen.shot("palette-actions")
    page.keyboard.press("Enter")
    dialog = page.locator("#kz-dialog")
    dialog.get_by_role("combobox", name="指派给成员").press_sequentially("lsy")
    dialog.get_by_role("option", name=re.compile("李思源")).click()
    dialog.get_by_role("textbox", name="要做什么").fill("送合同")
    screen.shot("assign-dialog")
    dialog.get_by_role("button", name="指派并通知").click()

    expect(page.locator(".kz-assigned")).to_have_count(2)
    expect(page.locator("#kz-toasts, .kz-toastat").first).to_contain_text("对方会收到通知")
    assert notify.unread_count(seller.actor) == 3


def test_the_palette_knows_ticked_rows_and_where_one_was(screen: Screen, seller: Person, pk: int) -> None:
    screen.sign_in(seller)
    screen.open(f"/r/{CUSTOMERS}/{pk}")
    page = screen.open(f"/r/{CUSTOMERS}/")
    page.locator("input[data-pick]").first.check()

    page.keyboard.press("Control+k")
    palette = page.locator("#kz-palette")
    expect(palette.get_by_text("已选 1 个")).to_be_visible()
    expect(palette.get_by_text("最近看过")).to_be_visible()
    page.wait_for_timeout(200)
    screen.pictures("palette")
    palette.locator("[data-press]", has_text="指派").click()

    expect(page.locator("#kz-dialog")).to_contain_text("指派 1 个客户")


def addresses(person: Person, pk: int) -> Iterator[str]:
    """Every page that needs nothing named, and every kind of page of every type that this person has."""
    for route in routes():
        wanted = "/" + route.path
        if "GET" in route.methods and "<" not in wanted and wanted not in NOT_SHOWN and "api" not in wanted:
            yield wanted
    for spec in menu.readable(person.actor):
        base = f"/r/{spec.key}"
        yield f"{base}/"
        if "create" in spec.operations:
            yield from (f"{base}/new", f"/quick/{spec.key}")
        for row in records.page(person.actor, spec, records.ListRequest(size=1, sums=False)).rows[:1]:
            yield from (f"{base}/{row.pk}{end}" for end in ("", "/edit", "/history", "/files", "/assign"))


@pytest.mark.req("UIX-13", part="no horizontal scrolling, controls for fingers")
@pytest.mark.req("BAS-06", part="a form that was only looked at leaves no draft")
def test_every_page_fits_a_phone_and_a_finger(touch: Screen, everything: Person, pk: int) -> None:
    touch.sign_in(everything)

    wide, nameless, small = {}, {}, {}
    for path in dict.fromkeys(addresses(everything, pk)):
        touch.size(*PHONE)
        page = touch.open(path)
        if "text/html" not in (page.evaluate("document.contentType") or ""):
            continue
        if page.locator(".kz-app").count():
            nameless |= {path: found} if (found := touch.nameless()) else {}
            small |= {path: found} if (found := touch.small()) else {}
        for size in (PHONE, NARROWEST):
            touch.size(*size)
            if (over := touch.too_wide()) > 0:
                wide[path, size[0]] = over
                touch.shot(f"wide{path.replace('/', '-')}"[:60])
    touch.open("/")

    assert (wide, nameless, small) == ({}, {}, {})
    assert [(draft.type, draft.place) for draft in drafts.mine(everything.actor)] == []


@pytest.mark.req("UIX-13", part="look up, write contact records, change, create")
@pytest.mark.parametrize("size", [PHONE, NARROWEST], ids=["390", "360"])
def test_work_is_done_on_a_phone(screen: Screen, seller: Person, pk: int, size: tuple[int, int]) -> None:
    screen.size(*size)
    screen.sign_in(seller)
    page = screen.open("/")

    page.locator(".kz-pbar").get_by_role("link", name="客户").click()
    page.get_by_role("link", name="川西能源集团有限公司").first.click()
    page.get_by_role("button", name="写评论").click()
    page.keyboard.type("电话确认了六位出行人")
    page.get_by_role("button", name="发布").click()
    expect(page.locator(".kz-tl .kz-bub").first).to_contain_text("电话确认了六位出行人")
    screen.open(f"/r/{CUSTOMERS}/{pk}/edit")
    page.get_by_label("城市", exact=True).fill("绵阳")
    page.get_by_role("button", name="保存", exact=True).click()
    page.wait_for_url(re.compile(rf"/r/{CUSTOMERS}/{pk}$"))
    page.locator(".kz-pbar").get_by_role("link", name="新建").click()
    drawer = page.locator("#kz-drawer")
    drawer.get_by_role("link", name="联系人").click()
    drawer.get_by_label("姓名").fill("刘文博")
    drawer.get_by_label("手机").fill("13900002222")
    drawer.get_by_role("combobox", name="客户").press_sequentially("川西")
    drawer.get_by_role("option", name=re.compile("川西能源")).click()
    drawer.get_by_role("button", name="保存", exact=True).click()
    expect(drawer).to_be_hidden()

    assert records.get(seller.actor, CUSTOMERS, pk).values["city"] == "绵阳"
    assert records.count(seller.actor, CONTACTS, records.ListRequest(q="刘文博")) == 1
    assert screen.too_wide() == 0


def test_every_kind_of_page_is_reached_by_the_keyboard(screen: Screen, boss: Person, pk: int) -> None:
    screen.sign_in(boss)

    wrong = {}
    for path in ("/", "/inbox", "/search?q=%E5%B7%9D%E8%A5%BF", f"/r/{CUSTOMERS}/", f"/r/{CUSTOMERS}/{pk}", f"/r/{CUSTOMERS}/{pk}/edit",
                 "/settings", "/settings/fields", "/me/preferences", "/help"):  # fmt: skip
        page = screen.open(path)
        page.keyboard.press("Tab")
        first = page.evaluate("document.activeElement.getAttribute('href')")
        if page.locator("[autofocus]").count():  # a page that is for typing begins in its box
            continue
        if first != "#main":
            wrong[path] = (first, "", False)
            continue
        page.keyboard.press("Enter")
        inside = page.evaluate("document.activeElement.id")
        page.keyboard.press("Tab")
        page.wait_for_timeout(200)  # the ring comes with the motion of a hover
        shown = page.evaluate(
            "() => { const e = document.activeElement, s = getComputedStyle(e);"
            " return e.closest('#main') !== null && (s.outlineStyle !== 'none' || s.boxShadow !== 'none'); }"
        )
        if (first, inside, shown) != ("#main", "main", True):
            wrong[path] = (first, inside, page.evaluate("document.activeElement.outerHTML.slice(0, 200)"))

    assert wrong == {}
