"""The whole journey as a stranger walks it: sign-up, modules, own fields, a real spreadsheet, a colleague, search.

Everything is real: the supervisor, PostgreSQL, Valkey, worker, scheduler, indexer, the letters on the local channel, Chromium.
`tests/local/test_run.py` walks it on the installation that it has started.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from playwright.sync_api import Browser, Page, expect

from kezhou.testing.browser import PHONE, PICTURED, keep

DATA = Path(__file__).parents[1] / "exchange" / "data"
ADDRESS = "zhoumin@example.com"
COLLEAGUE = "lisiyuan@example.com"


class Place(Protocol):
    """A running installation: its folder and its port."""

    home: Path
    port: int


@contextmanager
def window(chrome: Browser) -> Iterator[Page]:
    """A window; what the browser complains of fails the test."""
    context = chrome.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN", reduced_motion="reduce")
    context.set_default_timeout(20_000)
    window = context.new_page()
    troubles: list[str] = []
    window.on("pageerror", lambda error: troubles.append(str(error)))
    try:
        yield window
    finally:
        context.close()
    assert troubles == []


def letter(place: Place, to: str, pattern: str) -> str:
    """What the newest letter to this address says where the pattern has its group."""
    path = place.home / "messages.jsonl"
    until = time.monotonic() + 20
    while time.monotonic() < until:
        for line in reversed(path.read_text("utf-8").splitlines() if path.exists() else []):
            message = json.loads(line)
            found = re.search(pattern, f"{message['subject']}\n{message['text']}")
            if message["to"] == to and found:
                return found[1]
        time.sleep(0.1)
    raise AssertionError(f"No letter to {to} says {pattern}.")


def eventually(look: Callable[[], bool], *, seconds: float = 30.0) -> None:
    """Look again until it is so; raises AssertionError when the time is over."""
    until = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < until, "It did not come about in time."
        time.sleep(0.2)


def shot(page: Page, name: str) -> None:
    if PICTURED:
        keep(page, f"journey-{name}")


def walk(place: Place, page: Page) -> None:
    """A company signs up, imports its spreadsheet and finds a customer; a colleague sees what a colleague may."""
    home = f"http://jincheng.localhost:{place.port}"

    _sign_up(place, page)
    _switch_on(page, home)
    _own_fields(page, home)
    _import(page, home)
    _search(page, home)
    link = _invite(place, page, home)
    _colleague(page.context.browser, link, home)  # type: ignore[arg-type]  # a context of a launched browser has one


def _sign_up(place: Place, page: Page) -> None:
    page.goto(f"http://localhost:{place.port}/signup")
    page.get_by_label("邮箱").fill(ADDRESS)
    page.get_by_role("button", name="发送验证码").click()
    page.get_by_label("验证码").fill(letter(place, ADDRESS, r"\b(\d{6})\b"))
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("公司名称").fill("锦城商旅服务有限公司")
    page.get_by_label("公司网址").fill("jincheng")
    page.get_by_label("你的姓名").fill("周敏")
    page.locator("#password").fill("Cheng-du-2027")
    page.get_by_role("checkbox", name="我已阅读并同意").check()
    page.get_by_role("button", name="开通公司").last.click()
    page.wait_for_url(f"http://jincheng.localhost:{place.port}/")
    shot(page, "1-home")


def _switch_on(page: Page, home: str) -> None:
    page.goto(f"{home}/settings/plugins")
    page.get_by_role("switch", name="销售").click()
    page.get_by_role("button", name="一起打开 2 个模块").click()
    page.get_by_text("销售要用它，不能关").wait_for(timeout=60_000)
    expect(page.get_by_role("navigation", name="模块").get_by_text("客户")).to_have_count(1)
    shot(page, "2-plugins")


def _own_fields(page: Page, home: str) -> None:
    for label, kind, switches in (
        ("合同号", "text", ("进全文搜索",)),
        ("签约额度", "number", ()),
        ("签约日期", "date", ()),
        ("品牌等级", "choice", ("作列表列",)),
    ):
        page.goto(f"{home}/settings/fields/customers.customer")
        page.get_by_role("link", name="新建字段").click()
        page.get_by_label("显示名").fill(label)
        page.get_by_label("类型", exact=True).select_option(kind)
        if kind == "choice":
            for number, text in enumerate(("金牌", "银牌", "铜牌")):
                page.get_by_label("选项名").nth(number).fill(text)
        for switch in switches:
            page.get_by_role("switch", name=switch).check()
        page.locator(".kz-ffoot").get_by_role("button", name="新建字段").click()
        page.get_by_text(f"字段“{label}”建好了").wait_for()
    page.goto(f"{home}/r/customers.customer/new")
    expect(page.get_by_label("品牌等级")).to_be_visible()


def _import(page: Page, home: str) -> None:
    page.goto(f"{home}/exchange/import/?type=customers.customer")
    page.set_input_files("#file", str(DATA / "customers.xlsx"))
    page.get_by_role("button", name="上传并对应字段").click()
    page.wait_for_url("**/map")
    shot(page, "3-import-map")
    _solve(page)
    page.get_by_role("button", name=re.compile("试算")).click()
    start = page.get_by_role("button", name=re.compile(r"导入 [\d,]+ 行"))
    start.wait_for(timeout=120_000)
    shot(page, "4-import-check")
    expect(start).to_have_text(re.compile("6,149"))
    start.click()
    page.get_by_role("heading", name="导入完成").wait_for(timeout=240_000)
    shot(page, "5-import-result")
    page.goto(f"{home}/r/customers.customer/")
    expect(page.get_by_text("2,000").first).to_be_visible()


def _solve(page: Page) -> None:
    """Unknown people become members who are not yet invited; values of the file become options."""
    for _sheet in range(3):
        for button in page.get_by_role("button", name=re.compile("都建成“未邀请”的成员|都加为新选项")).all():
            button.click()
            page.wait_for_timeout(400)
        following = page.get_by_role("link", name=re.compile("下一张|下一个工作表"))
        if following.count():
            following.first.click()


def _search(page: Page, home: str) -> None:
    def found() -> bool:
        page.goto(f"{home}/search?q=成都 酒店")
        return page.locator("mark").count() > 0

    eventually(found, seconds=90)
    expect(page.get_by_role("checkbox", name=re.compile("客户")).first).to_be_visible()
    shot(page, "6-search")


def _invite(place: Place, page: Page, home: str) -> str:
    page.goto(f"{home}/settings/members/invite")
    shot(page, "7-invite")
    page.get_by_label("姓名").fill("李思源")
    page.get_by_label(re.compile("邮箱")).last.fill(COLLEAGUE)
    page.get_by_role("checkbox", name="销售").check()
    page.get_by_role("button", name=re.compile("邀请")).last.click()
    return letter(place, COLLEAGUE, r"(http://\S+/invitation/\S+)")


def _colleague(browser: Browser, link: str, home: str) -> None:
    context = browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]}, locale="zh-CN")
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto(link)
    for box in page.locator("input[type=password]").all():
        box.fill("Mian-yang-2027")
    page.get_by_role("button", name=re.compile("加入|接受")).click()
    page.wait_for_url(f"{home}/")

    page.goto(f"{home}/r/customers.customer/")
    shot(page, "8-colleague-phone")
    expect(page.locator("main a[href*='/r/customers.customer/1']")).to_have_count(0)
    page.goto(f"{home}/search?q=成都 酒店")
    expect(page.locator("mark")).to_have_count(0)
    page.goto(f"{home}/r/customers.customer/new")
    page.get_by_label("客户名称").fill("李思源自己的客户有限公司")
    page.get_by_role("button", name="保存", exact=True).click()
    page.get_by_role("heading", name="李思源自己的客户有限公司").first.wait_for()

    def found() -> bool:
        page.goto(f"{home}/search?q=思源自己")
        return page.locator("mark").count() > 0

    eventually(found, seconds=20)
    context.close()
