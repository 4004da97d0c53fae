"""What an arrangement does to form and record page: sections, tabs, columns, and groups read only when opened."""

from __future__ import annotations

import json
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kezhou import records
from kezhou.testing.access import Person
from tests.layouts.conftest import CUSTOMERS, Arrange

PART = {"HX-Request": "true"}


def section(title: str, *keys: str, **more: object) -> dict[str, object]:
    return {
        "key": more.pop("key", title and f"k{len(title)}"),
        "title": title,
        "fields": [{"key": key} for key in keys],
        **more,
    }


@pytest.fixture
def grouped(arrange: Arrange) -> None:
    """Form and record page with a closed group of bank data behind the basic file."""
    for kind in ("form", "detail"):
        arrange(kind, {"tabs": [{"title": "", "sections": [
            section("基本", "name", "category", "owner"),
            section("个性化信息", "brands", "parent", "remark", key="person", lazy=True),
        ]}], "hidden": ["fax", "website"]})  # fmt: skip


@pytest.fixture
def customer(boss: Person) -> int:
    (parent,) = records.save(boss.actor, CUSTOMERS, [{"name": "川西集团"}]).pks
    row = {"name": "川西能源", "brands": "竹海牌", "parent": parent, "remark": "只喝绿茶"}
    return records.save(boss.actor, CUSTOMERS, [row]).pk


@pytest.mark.req("FLD-04")
def test_a_closed_group_costs_nothing_before_it_is_opened(grouped: None, customer: int, admin: Client) -> None:
    admin.get(f"/r/{CUSTOMERS}/{customer}")

    with CaptureQueriesContext(connection) as captured:
        page = admin.get(f"/r/{CUSTOMERS}/{customer}").content.decode()
    read = "\n".join(query["sql"] for query in captured if 'FROM "customers_customer"' in query["sql"])
    group = admin.get(f"/r/{CUSTOMERS}/{customer}/group/person", headers=PART).content.decode()

    assert "个性化信息" in page
    assert "竹海牌" not in page.partition("kz-rstream")[0]
    assert "brands" not in read
    assert "parent_id" not in read
    assert "竹海牌" in group
    assert "川西集团" in group
    assert "只喝绿茶" in group
    assert "川西能源" not in group


@pytest.mark.req("FLD-04")
def test_a_closed_group_of_the_form_is_read_when_opened_and_saved_like_any(
    grouped: None, customer: int, boss: Person, admin: Client
) -> None:
    form = admin.get(f"/r/{CUSTOMERS}/{customer}/edit").content.decode()
    group = admin.get(f"/r/{CUSTOMERS}/{customer}/edit/group/person", headers=PART).content.decode()
    version = records.get(boss.actor, CUSTOMERS, customer).version

    kept = admin.post(f"/r/{CUSTOMERS}/{customer}/edit", {"version": version, "name": "川西能源股份"})
    untouched = records.get(boss.actor, CUSTOMERS, customer)
    admin.post(f"/r/{CUSTOMERS}/{customer}/edit", {"version": untouched.version, "brands": "云雾牌"})

    assert 'name="brands"' not in form
    assert "竹海牌" not in form
    assert 'name="brands" value="竹海牌"' in group
    assert kept.status_code == 302
    assert untouched.values["brands"] == "竹海牌"
    assert records.get(boss.actor, CUSTOMERS, customer).values["brands"] == "云雾牌"


def test_without_scripts_a_group_is_opened_by_its_address(grouped: None, customer: int, admin: Client) -> None:
    led = admin.get(f"/r/{CUSTOMERS}/{customer}/group/person")

    assert led["Location"] == f"/r/{CUSTOMERS}/{customer}?open=person"
    assert "竹海牌" in admin.get(led["Location"]).content.decode()
    assert 'name="brands" value="竹海牌"' in admin.get(f"/r/{CUSTOMERS}/{customer}/edit?open=person").content.decode()
    assert 'name="brands"' in admin.get(f"/r/{CUSTOMERS}/new/group/person", headers=PART).content.decode()


def test_a_refused_form_comes_back_with_its_opened_group(
    grouped: None, customer: int, boss: Person, admin: Client
) -> None:
    version = records.get(boss.actor, CUSTOMERS, customer).version
    posted = {"version": version, "name": "", "brands": "新牌子"}

    page = admin.post(f"/r/{CUSTOMERS}/{customer}/edit", posted)

    assert page.status_code == 422
    assert 'name="brands" value="新牌子"' in page.content.decode()
    assert "只喝绿茶" in page.content.decode()


def test_a_group_that_was_moved_meanwhile_is_told(
    grouped: None, customer: int, arrange: Arrange, admin: Client
) -> None:
    arrange("detail", {"tabs": [{"title": "", "sections": [section("基本", "name")]}]})

    answer = admin.get(f"/r/{CUSTOMERS}/{customer}/group/person", headers=PART)

    assert answer.status_code == 404
    assert "刚被管理员移走或改了位置" in answer.content.decode()


@pytest.mark.req("FLD-03", part="sections, tabs and columns")
def test_tabs_columns_and_widths_are_drawn(arrange: Arrange, customer: int, admin: Client) -> None:
    tabs = [
        {"key": "one", "title": "主要", "sections": [section("名称与电话", "phone", "name", columns=3)]},
        {"key": "two", "title": "其余", "sections": [section("地址", "address", columns=1)]},
    ]
    tabs[0]["sections"][0]["fields"] = [{"key": "phone", "wide": True}, {"key": "name", "wide": False}]  # type: ignore[index]
    arrange("form", {"tabs": tabs})
    arrange("detail", {"tabs": tabs})

    form = admin.get(f"/r/{CUSTOMERS}/new").content.decode()
    page = admin.get(f"/r/{CUSTOMERS}/{customer}").content.decode()

    assert re.findall(r'data-tab="(\w+)"', form) == ["one", "two"]
    assert re.findall(r'data-tab="(\w+)"', page) == ["one", "two"]
    assert "kz-fgrid kz-cols-3" in form
    assert 'class="kz-ff kz-w2" data-field="phone"' in form
    assert 'class="kz-ff" data-field="name"' in form
    assert form.index('name="phone"') < form.index('name="name"') < form.index('name="address"')


@pytest.mark.req("FLD-03")
def test_an_administrator_arranges_form_page_and_list_for_a_role_and_puts_them_back(
    customer: int, boss: Person, seller: Person, colleague: Client, admin: Client
) -> None:
    mine = records.save(seller.actor, CUSTOMERS, [{"name": "锦江商贸", "brands": "竹海牌"}]).demand().pk
    tabs = [
        {"key": "one", "title": "主要", "sections": [section("名称与品牌", "brands", "name", columns=3)]},
        {"key": "two", "title": "其余", "sections": [section("地址", "address", columns=1)]},
    ]
    contents = {"form": {"tabs": tabs}, "detail": {"tabs": tabs}, "columns": {"fields": ["name", "brands"]}}

    def seen(client: Client, pk: int) -> list[object]:
        form, page, rows = (
            client.get(f"/r/{CUSTOMERS}/{address}").content.decode() for address in ("new", str(pk), "")
        )
        return [re.findall(r'data-tab="(\w+)"', form), re.findall(r'data-tab="(\w+)"', page), "经营品牌" in rows]

    before = [seen(admin, mine), seen(colleague, mine)]
    versions = {}
    for kind, content in contents.items():
        place = f"/settings/layouts/{CUSTOMERS}/{kind}?role=sales"
        versions[kind] = admin.post(place, {"do": "save", "content": json.dumps(content), "version": "0"}).json()[
            "version"
        ]
        assert colleague.get(place).status_code == 403

    assert seen(colleague, mine) == [["one", "two"], ["one", "two"], True]
    assert seen(admin, mine) == before[0]
    for kind in contents:
        place = f"/settings/layouts/{CUSTOMERS}/{kind}?role=sales"
        assert admin.post(place, {"do": "reset", "version": versions[kind]}).status_code == 200
    assert [seen(admin, mine), seen(colleague, mine)] == before


@pytest.mark.req("QRY-05", part="default for a role")
def test_the_drawer_and_the_list_follow(
    arrange: Arrange, customer: int, seller: Person, colleague: Client, admin: Client
) -> None:
    records.save(seller.actor, CUSTOMERS, [{"name": "锦江商贸"}]).demand()
    arrange("quick", {"fields": ["industry", "name"]}, role="sales")
    arrange("columns", {"fields": ["name", "brands"]}, role="sales")

    drawer = colleague.get(f"/quick/{CUSTOMERS}", headers=PART).content.decode()
    theirs, mine = (client.get(f"/r/{CUSTOMERS}/").content.decode() for client in (colleague, admin))

    assert re.findall(r'data-field="(\w+)"', drawer) == ["industry", "name"]
    assert ("经营品牌" in theirs, "经营品牌" in mine) == (True, False)
