"""Every text of the pages passes through the catalogues: a pseudo language leaves no Chinese standing but data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from django.conf import settings
from django.test import Client
from django.utils.translation import trans_real

from kezhou import records
from kezhou.pages import routes
from kezhou.plugins import manifests
from kezhou.testing.access import MemberFactory, Person
from kezhou.web import catalogue
from tenants.context import current
from tests.web.conftest import CUSTOMERS

BrowserOf = Callable[[Person], Client]
PAGES = (
    "/",
    f"/r/{CUSTOMERS}/",
    f"/r/{CUSTOMERS}/?q=nothing",
    f"/r/{CUSTOMERS}/?sort=name&view=mine&chips=new",
    f"/r/{CUSTOMERS}/new",
    f"/r/{CUSTOMERS}/columns",
    f"/r/{CUSTOMERS}/sort",
    f"/quick/{CUSTOMERS}",
    f"/r/{CUSTOMERS}/1",
    f"/r/{CUSTOMERS}/1/edit",
    f"/r/{CUSTOMERS}/1/history?day=2020-01-01",
    f"/r/{CUSTOMERS}/1/delete",
    f"/r/{CUSTOMERS}/99999",
    f"/r/{CUSTOMERS}/?sort=nonsense",
    "/search",
    "/search?q=nothing",
    "/palette",
    "/help",
    "/settings/recycle-bin",
)
EXEMPT = {
    "/settings/plan": "names and texts of plans are rows of the installation",
    "/settings/regions": "names of regions are Chinese data",
    "/settings/countries": "names of countries are the company's own, with the English ones beside them",
    "/help/manual": "the manual is written in Chinese, whatever the language of the interface",
}
DATA = re.compile(
    r"<option[^>]*>.*?</option>|<label class=\"kz-option\">.*?</label>|<span class=\"kz-tag1.*?</span>", re.DOTALL
)
TEXT = re.compile(r">([^<]+)<|(?:title|aria-label|placeholder|data-[a-z-]+)=\"([^\"]*)\"")


@pytest.fixture
def pseudo(tmp_path: Path) -> Iterator[None]:
    """The language “en” with every Chinese character of every known text replaced by x."""
    made = Catalog(locale="en")
    own = [text for manifest in manifests().values() for text in (manifest.title, manifest.summary) if text]
    for text in {*catalogue.texts(), *own}:
        made.add(text, catalogue.HAN.sub("x", text))
    folder = tmp_path / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "django.mo").open("wb") as target:
        write_mo(target, made)
    kept = settings.LOCALE_PATHS
    settings.LOCALE_PATHS = [tmp_path]
    trans_real._translations = {}
    yield
    settings.LOCALE_PATHS = kept
    trans_real._translations = {}


def test_no_page_holds_a_text_outside_the_catalogues(
    pseudo: None, shop: object, member_factory: MemberFactory, browser_of: BrowserOf
) -> None:
    boss = member_factory("admin", name="Zhou")
    pk = records.save(boss.actor, CUSTOMERS, [{"name": "Jincheng", "city": "Chengdu"}]).demand().pk
    client = browser_of(boss)
    client.cookies["kz_display"] = f"{boss.pk}.light.comfortable.en"

    client.get("/")  # loads every page's module
    plain = tuple(f"/{route.path}" for route in routes() if "<" not in route.path and "GET" in route.methods)
    found = {}
    for path in dict.fromkeys((*PAGES, *plain)):
        response = client.get(path.replace("/1", f"/{pk}"))
        if response.streaming or "html" not in response.get("Content-Type", ""):
            continue
        html = response.content.decode()
        left = {
            text.strip() for pair in TEXT.findall(DATA.sub("", html)) for text in pair if catalogue.HAN.search(text)
        }
        found[path] = {
            text
            for text in left
            if current().name not in text and text not in {"简体中文", "繁體中文", current().name[:1]}
        }

    assert {path: texts for path, texts in found.items() if texts and path not in EXEMPT} == {}
    assert {path for path in EXEMPT if not found.get(path)} == set(), "An exemption is no longer needed."


def test_the_english_catalogue_has_the_placeholders_of_its_texts() -> None:
    file = catalogue.LOCALES / "en" / "LC_MESSAGES" / "django.po"
    with file.open("rb") as source:
        texts = catalogue.read_po(source)

    places = re.compile(r"%\(\w+\)s|%%n|\{\w+\}")
    wrong = {
        str(message.id): message.string
        for message in texts
        if message.id
        and message.string
        and set(places.findall(str(message.id))) != set(places.findall(str(message.string)))
    }

    assert wrong == {}


def test_catalogues_compile(tmp_path: Path) -> None:
    folder = tmp_path / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_bytes((catalogue.LOCALES / "en" / "LC_MESSAGES" / "django.po").read_bytes())

    assert catalogue.compile_catalogues(tmp_path) == 3
    assert (folder / "django.mo").stat().st_size > 10_000


@pytest.fixture
def traditional(tmp_path: Path) -> Iterator[None]:
    """The catalogues as the build makes them."""
    folder = tmp_path / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_bytes((catalogue.LOCALES / "en" / "LC_MESSAGES" / "django.po").read_bytes())
    catalogue.compile_catalogues(tmp_path)
    kept = settings.LOCALE_PATHS
    settings.LOCALE_PATHS = [tmp_path]
    trans_real._translations = {}
    yield
    settings.LOCALE_PATHS = kept
    trans_real._translations = {}


@pytest.mark.req("PLT-17")
def test_a_person_reads_traditional_chinese_and_the_data_stay_as_written(
    traditional: None, shop: object, member_factory: MemberFactory, browser_of: BrowserOf
) -> None:
    boss = member_factory("admin", name="周发")
    client = browser_of(boss)
    client.post("/preferences", {"language": "zh-hant"})
    client.post(f"/r/{CUSTOMERS}/new", {"name": "台湾发电国际"})

    page = client.get(f"/r/{CUSTOMERS}/").content.decode()
    twin = client.post(f"/r/{CUSTOMERS}/new", {"name": "臺灣發電國際"}).content.decode()

    assert 'lang="zh-TW"' in page
    assert ("客戶" in page, "客户" in page, "台湾发电国际" in page) == (True, False, True)
    assert "簡體中文" not in client.get("/me/preferences").content.decode()
    assert "台湾发电国际" in twin
    assert records.page(boss.actor, CUSTOMERS, records.ListRequest()).total == 1
    for text in ("臺灣發電", "台湾发电", "台灣发電"):
        assert "台湾发电国际" in re.sub(r"</?mark>", "", client.get("/search", {"q": text}).content.decode()), text
