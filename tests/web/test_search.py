"""The search page (SRH-09) on whatever engine answers."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from django.test import Client

from kezhou import records
from kezhou.testing.access import Person
from tests.web.conftest import CONTACTS, CUSTOMERS, Customers

BrowserOf = Callable[[Person], Client]


@pytest.mark.req("SRH-09", part="kind, title, excerpt, owner, date, count per kind, paging; by kind, owner, date")
def test_hits_by_kind_with_marks_filters_and_pages(
    boss: Person, seller: Person, customers: Customers, browser_of: BrowserOf
) -> None:
    customers(boss, *(f"蓉江第{place:02}分店有限公司" for place in range(22)))
    (pk,) = customers(seller, "蓉江总店有限公司")
    records.save(boss.actor, CONTACTS, [{"name": "蓉江先生", "customer": pk}]).demand()
    client = browser_of(boss)

    first = client.get("/search?q=蓉江").content.decode()
    second = client.get("/search?q=蓉江&page=2").content.decode()
    contacts = client.get(f"/search?q=蓉江&kind={CONTACTS}").content.decode()
    mine = client.get(f"/search?q=蓉江&owner={seller.pk}").content.decode()
    old = client.get("/search?q=蓉江&since=7").content.decode()

    assert "第 1–20 条，共 24 条" in first
    assert "第 21–24 条，共 24 条" in second
    assert "<mark>蓉江</mark>" in first
    assert f'value="{CUSTOMERS}"' in first
    assert '<span class="kz-n">23</span>' in first
    assert '<span class="kz-n">1</span>' in first
    assert contacts.count("<article") == 1
    assert f"/r/{CONTACTS}/" in contacts
    assert mine.count("<article") == 1
    assert "李思源" in mine
    assert "第 1–20 条，共 24 条" in old


def test_what_was_ticked_stays_when_nothing_is_left_under_it(
    boss: Person, seller: Person, customers: Customers, browser_of: BrowserOf
) -> None:
    customers(boss, "蓉江总店有限公司")
    asked = {"q": "蓉江", "owner": seller.pk, "kind": CONTACTS, "category": f"{CUSTOMERS}:vip"}

    boxes = browser_of(boss).get("/search", asked).context["facets"]
    unknown = browser_of(boss).get("/search", {"q": "蓉江", "owner": 999_999, "kind": "no.such", "category": "x:y"})

    shown = {box["name"]: [(v["facet"].title, v["facet"].count) for v in box["values"] if v["on"]] for box in boxes}
    assert shown == {"kind": [("联系人", 0)], "owner": [("李思源", 0)], "category": [("VIP客户", 0)]}
    assert [v for box in unknown.context["facets"] for v in box["values"] if v["on"]] == []


def test_only_what_the_person_may_see_is_found_or_counted(
    boss: Person, seller: Person, customers: Customers, browser_of: BrowserOf
) -> None:
    customers(boss, "蓉江总店有限公司")
    customers(seller, "蓉江分店有限公司")

    html = browser_of(seller).get("/search?q=蓉江").content.decode()

    assert "分店有限公司" in html
    assert "总店有限公司" not in html
    assert "共 1 条" in html


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?q=a&since=9", "日期范围“9”不存在"),
        ("?q=a&sort=x", "不能按“x”排序"),
        ("?q=a&page=0", "没有第 0 页"),
        ("?q=a&page=two", "“two”应该是一个数字"),
        ("?q=a&owner=me", "“me”应该是一个数字"),
        ("?q=a&owner=99999999999999999999", "应该是一个数字"),
    ],
)
def test_conditions_that_mean_nothing_are_400_in_a_sentence(
    boss: Person, browser_of: BrowserOf, query: str, said: str
) -> None:
    answer = browser_of(boss).get(f"/search{query}")

    assert (answer.status_code, said in answer.content.decode()) == (400, True)


def test_a_text_that_is_too_long_and_a_page_behind_the_last_are_no_errors(
    boss: Person, customers: Customers, browser_of: BrowserOf
) -> None:
    customers(boss, *(f"蓉江第{place:02}分店有限公司" for place in range(22)))
    client = browser_of(boss)

    pasted = client.get("/search", {"q": "蓉江" * 150})
    behind = client.get("/search", {"q": "蓉江", "page": 90})
    nothing = client.get("/search", {"q": "没有这样的公司", "page": 3})
    palette = client.get("/palette", {"results": 1, "q": "蓉" * 10_000}).content.decode()

    assert "搜索的文字最多 200 个字" in pasted.content.decode()
    assert behind["Location"] == "?" + urlencode({"q": "蓉江", "page": 2})
    assert nothing["Location"] == "?" + urlencode({"q": "没有这样的公司"})
    assert "蓉" * 201 not in palette


def test_palette_answers_places_and_records(boss: Person, customers: Customers, browser_of: BrowserOf) -> None:
    customers(boss, "川西能源集团有限公司")
    client = browser_of(boss)

    by_initials = client.get("/palette?results=1&q=xjkh").content.decode()
    by_name = client.get("/palette?results=1&q=川西").content.decode()

    assert "新建客户" in by_initials
    assert "川西</mark>" in by_name
