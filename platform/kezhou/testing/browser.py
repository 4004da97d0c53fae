"""A real browser against a real server and database. A console error or a policy report fails the test.

A browser test is marked ``@pytest.mark.browser`` and ``@pytest.mark.committed`` and takes ``screen``. Chromium is found at
``KEZHOU_CHROMIUM`` or among the usual names; without one the tests are skipped by that name (and `.ci/run` fails on the skip).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kezhou.testing.access import Person, SignIn
from kezhou.testing.chromium import FLAGS, chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

SCREENS = Path(__file__).resolve().parents[3] / "build" / "screens"
PICTURED = not os.environ.get("CI")
"""Pictures are for who lays them beside the design: a run that only checks (CI is set) keeps those of failures alone."""
WIDE, TABLET, PHONE = (1440, 900), (1024, 768), (390, 844)
NAMELESS = """() => {
  const seen = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: false });
  const name = (e) => [e.getAttribute("aria-label"), e.title, e.placeholder && e.labels?.length ? e.placeholder : "",
    ...(e.getAttribute("aria-labelledby") || "").split(" ").map((id) => document.getElementById(id)?.textContent),
    ...[...(e.labels || [])].map((label) => label.textContent), ["INPUT", "SELECT", "TEXTAREA"].includes(e.tagName) ? "" : e.textContent,
  ].some((text) => text && text.trim());
  const bad = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, [role=button]")]
    .filter((e) => seen(e) && !name(e)).map((e) => e.outerHTML.slice(0, 160));
  const heads = [...document.querySelectorAll("h1")].filter(seen).length;
  return heads === 1 ? bad : [...bad, `${heads} heads of the first rank`];
}"""
"""A script that lists what has no accessible name."""
SMALL = """() => {
  const seen = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && e.getBoundingClientRect().width > 1;
  const grown = (e) => Math.max(0, ...["::before", "::after"].map((part) => getComputedStyle(e, part))
    .filter((style) => style.content !== "none" && style.position === "absolute")
    .map((style) => -(parseFloat(style.top) || 0) - (parseFloat(style.bottom) || 0)));
  const high = (e) => Math.max(...[e, ...(e.labels || [])].map((part) => part.getBoundingClientRect().height + grown(part)));
  const least = (e) => ["checkbox", "radio"].includes(e.type) ? 24 : 40;
  return [...document.querySelectorAll("button, a.btn, select, textarea, input:not([type=hidden]), [role=button], .kz-pill, .kz-seg a, .kz-tabs1 a, .kz-pbar a")]
    .filter((e) => seen(e) && high(e) < least(e)).map((e) => `${Math.round(high(e))}: ${e.outerHTML.slice(0, 160)}`);
}"""
"""A script that lists controls too small for a finger: below 40 pixels with their hit area, boxes that are ticked below 24."""
EXPECTED = ("the server responded with a status of 4",)
"""Console lines that Chromium writes for answers which are meant: a refused form is 422, a conflict 409."""


@dataclass
class Screen:
    """One browser window: the page, where the companies are, and what went wrong so far."""

    page: Page
    context: BrowserContext
    port: int
    give_session: Callable[[Person], str]
    troubles: list[str] = field(default_factory=list)

    def address(self, path: str, slug: str = "alpha") -> str:
        """An address of a company's host, or of the public site for an empty slug."""
        host = f"{slug}.localhost" if slug else "localhost"
        return f"http://{host}:{self.port}{path}"

    def sign_in(self, person: Person) -> None:
        """Give the window a running session of this person."""
        cookie = {"name": "sessionid", "value": self.give_session(person), "url": self.address("/", person.slug)}
        self.context.add_cookies([cookie])  # type: ignore[list-item]  # playwright's TypedDict

    def sign_out(self) -> None:
        """Forget every session, as if it had expired."""
        self.context.clear_cookies(name="sessionid")

    def open(self, path: str, slug: str = "alpha") -> Page:
        """Go to a page and wait until it stands."""
        self.page.goto(self.address(path, slug), wait_until="load")
        return self.page

    def size(self, width: int, height: int) -> None:
        """Another window size."""
        self.page.set_viewport_size({"width": width, "height": height})

    def theme(self, theme: str) -> None:
        """Look at the page in another theme without changing the person's choice."""
        self.page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)

    def shot(self, name: str, *, full: bool = False) -> None:
        """Keep a picture under build/screens, where somebody may look at it."""
        if PICTURED:
            keep(self.page, name, full=full)

    def pictures(self, name: str, *, full: bool = False) -> None:
        """The page at the three widths, and dark at the widest."""
        for label, (width, height) in (("1440", WIDE), ("1024", TABLET), ("390", PHONE)):
            self.size(width, height)
            self._settled(f"{name}-{label}", full=full)
        self.size(*WIDE)
        self.theme("dark")
        self._settled(f"{name}-dark", full=full)
        self.theme("light")

    def _settled(self, name: str, *, full: bool) -> None:
        if PICTURED:
            self.page.wait_for_timeout(120)
            self.shot(name, full=full)

    def too_wide(self) -> int:
        """By how many pixels the page overflows sideways; 0 is right."""
        script = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return int(self.page.evaluate(script))

    def nameless(self) -> list[str]:
        """Controls that a screen reader could not name, and pages without exactly one head of the first rank."""
        found: list[str] = self.page.evaluate(NAMELESS)
        return found

    def small(self) -> list[str]:
        """Controls that a finger would miss; asked of a window with a touch screen."""
        found: list[str] = self.page.evaluate(SMALL)
        return found

    def demand_quiet(self) -> None:
        """Fail when the browser complained."""
        assert not self.troubles, "The browser complained: " + " | ".join(self.troubles)


def keep(page: Page, name: str, *, full: bool = False) -> None:
    """Write a picture of a page under build/screens."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(SCREENS / f"{name}.png"), full_page=full)


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    """One Chromium for all tests."""
    path = chromium()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("CI is set and there is no Chromium: name one by KEZHOU_CHROMIUM, or install it.")
        pytest.skip("chromium is not installed")
    from playwright.sync_api import sync_playwright  # heavy, and only with a browser

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # playwright's loop runs in this thread; our code is plain
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def live(database: None) -> Iterator[int]:
    """A server in threads of this process on this test's database; gives its port. For tests marked ``committed``."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.handlers.wsgi import WSGIHandler
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.db import connections

    class Quiet(WSGIRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: a test's output is about the test."""

    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet, connections_override={})
    server.daemon_threads = True
    server.set_app(StaticFilesHandler(WSGIHandler()))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join(timeout=5)
    connections.close_all()


@pytest.fixture
def touch(screen: Screen, chrome: Browser) -> Iterator[Screen]:
    """A second window beside `screen`: a telephone with a touch screen, 390 by 844."""
    width, height = PHONE
    context = chrome.new_context(
        viewport={"width": width, "height": height}, locale="zh-CN", timezone_id="Asia/Shanghai", has_touch=True
    )
    context.set_default_timeout(8000)
    yield replace(screen, page=context.new_page(), context=context)
    context.close()


@pytest.fixture
def screen(chrome: Browser, live: int, sign_in: SignIn, request: pytest.FixtureRequest) -> Iterator[Screen]:
    """A fresh window of 1440 by 900; what it complained about is asked at the end."""
    from django.test import Client

    def give_session(person: Person) -> str:
        return sign_in(Client(), person).cookies["sessionid"].value

    context = chrome.new_context(
        viewport={"width": WIDE[0], "height": WIDE[1]},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
    )
    window = Screen(context.new_page(), context, live, give_session)
    context.set_default_timeout(8000)

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(text in message.text for text in EXPECTED):
            window.troubles.append(f"{message.text} ({message.location.get('url', '')})")

    window.page.on("console", on_console)
    window.page.on("pageerror", lambda error: window.troubles.append(f"script error: {error.stack}"))
    yield window
    if request.node.stash.get(FAILED, False):
        keep(window.page, f"failed-{request.node.name}")
    context.close()
    if not request.node.stash.get(FAILED, False):
        window.demand_quiet()


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember that a test failed, so that its window is photographed."""
    report = yield
    if call.when == "call" and report.failed:
        item.stash[FAILED] = True
    return report
