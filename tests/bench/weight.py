"""Pages in headless Chromium: bytes over the wire, requests, time to interactive; with an empty and with a filled cache."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from kezhou.testing.chromium import FLAGS, chromium
from tests.bench.notes import note
from tests.bench.place import Place, inside, plain

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

ROUNDS = 7
WIDE = (1440, 900)
QUIET_MS = 500
WATCH = """
window.kzLast = 0;
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) window.kzLast = Math.max(window.kzLast, one.startTime + one.duration);
}).observe({ type: "longtask", buffered: true });
"""
INTERACTIVE = """() => {
  const [page] = performance.getEntriesByType("navigation");
  const [paint] = performance.getEntriesByName("first-contentful-paint");
  return { interactive: Math.max(page.domContentLoadedEventEnd, window.kzLast), paint: paint ? paint.startTime : 0 };
}"""


@dataclass(frozen=True, slots=True)
class Visit:
    """One opening of a page: bytes and requests over the wire; milliseconds to the first paint and to interactive."""

    bytes: int
    requests: int
    paint: float
    interactive: float


def measure(place: Place, options: argparse.Namespace) -> None:
    """List and record page of the large company, and the baseline's list, in turns."""
    from playwright.sync_api import sync_playwright

    facts: dict[str, Any] = inside(place, "tests.bench.million_data", str(options.million))
    host = f"http://{facts['slug']}.localhost:{place.port}"
    cookie = {"name": "sessionid", "value": facts["people"]["admin"], "url": host}
    with plain(place, "plain_million") as plain_port, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        pages = {
            "list of 50": f"{host}/r/customers.customer/",
            "record page": f"{host}/r/customers.customer/{facts['pks'][7]}",
            "plain list of 50": f"http://127.0.0.1:{plain_port}/companies/",
        }
        print(f"\nChromium over loopback, {WIDE[0]} × {WIDE[1]}, medians of {ROUNDS}\n")
        print(f"{'':28}{'KB':>8}{'requests':>10}{'paint ms':>10}{'interactive ms':>16}")
        for title, address in pages.items():
            rounds = [_round(browser, address, cookie) for _turn in range(ROUNDS)]
            for which, cache in enumerate(("empty cache", "filled cache")):
                _say(f"{title}, {cache}", [one[which] for one in rounds])
        browser.close()


def _say(title: str, visits: list[Visit]) -> None:
    middle = {name: median(getattr(one, name) for one in visits) for name in Visit.__slots__}
    print(
        f"{title:28}{middle['bytes'] / 1024:8.0f}{middle['requests']:10.0f}{middle['paint']:10.0f}{middle['interactive']:16.0f}"
    )
    note(f"weight: {title}", **middle)


def _round(browser: Browser, address: str, cookie: dict[str, str]) -> tuple[Visit, Visit]:
    """Open the page with nothing kept, then once more in the same window."""
    context = browser.new_context(viewport={"width": WIDE[0], "height": WIDE[1]}, locale="zh-CN")
    try:
        context.add_init_script(WATCH)
        context.add_cookies([cookie])  # type: ignore[list-item]  # playwright's TypedDict
        return _open(context, address), _open(context, address)
    finally:
        context.close()


def _open(context: BrowserContext, address: str) -> Visit:
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    ended: list[int] = []
    kept: set[str] = set()
    wire.on("Network.requestServedFromCache", lambda event: kept.add(event["requestId"]))
    wire.on("Network.loadingFinished", lambda event: ended.append(int(event["encodedDataLength"])))
    page.goto(address, wait_until="networkidle")
    page.wait_for_timeout(QUIET_MS)
    facts = page.evaluate(INTERACTIVE)
    page.close()
    sent = [size for size in ended if size]
    return Visit(sum(sent), len(sent), facts["paint"], facts["interactive"])
