"""Lists: what the address says is what is shown, to whom it may be shown, in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kezhou.testing.access import Person
from tests.web.conftest import CUSTOMERS, Customers

LIST = f"/r/{CUSTOMERS}/"

BrowserOf = Callable[[Person], Client]


def shown(client: Client, query: str = "") -> list[str]:
    """The titles of the rows, in order."""
    html = client.get(f"{LIST}{query}").content.decode()
    return [
        part.split("</span></a>")[0] for part in html.split('<span class="kz-ell">')[1:] if "</span></a></td>" in part
    ]


def test_list_shows_what_the_person_may_see(
    boss: Person, seller: Person, customers: Customers, browser_of: BrowserOf
) -> None:
    customers(boss, "川西能源集团有限公司")
    customers(seller, "青衣江茶业集团有限公司")

    assert shown(browser_of(boss), "?sort=name") == ["川西能源集团有限公司", "青衣江茶业集团有限公司"]
    assert shown(browser_of(seller)) == ["青衣江茶业集团有限公司"]
    assert shown(browser_of(boss), "?view=mine") == ["川西能源集团有限公司"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?sort=name", ["安岳柠檬有限公司", "成都望江酒店有限公司", "重庆渝江有限公司"]),
        ("?sort=-name", ["重庆渝江有限公司", "成都望江酒店有限公司", "安岳柠檬有限公司"]),
        ('?filter=["city","contains","成都"]', ["成都望江酒店有限公司"]),
        (
            '?filter=["or",[["city","eq","成都"],["city","eq","安岳"]]]&sort=name',
            ["安岳柠檬有限公司", "成都望江酒店有限公司"],
        ),
        ("?q=望江", ["成都望江酒店有限公司"]),
        ("?chips=new&sort=name&size=20", ["安岳柠檬有限公司", "成都望江酒店有限公司", "重庆渝江有限公司"]),
        ("?chips=quiet", []),
    ],
)
def test_address_decides(
    boss: Person, customers: Customers, browser_of: BrowserOf, query: str, expected: list[str]
) -> None:
    customers(boss, "成都望江酒店有限公司", city="成都")
    customers(boss, "安岳柠檬有限公司", city="安岳")
    customers(boss, "重庆渝江有限公司", city="重庆")

    assert shown(browser_of(boss), query) == expected


@pytest.mark.parametrize(
    "query",
    [
        "?sort=nonsense",
        '?filter=["nonsense","eq",1]',
        "?filter=[",
        "?columns=nonsense",
        "?size=33",
        "?chips=nonsense",
        "?view=x",
        "?nonsense=1",
    ],
)
def test_names_that_mean_nothing_are_400_with_a_sentence(boss: Person, browser_of: BrowserOf, query: str) -> None:
    response = browser_of(boss).get(f"{LIST}{query}")

    assert response.status_code == 400
    assert "KZ-400-" in response.content.decode()


def test_buttons_that_the_role_does_not_allow_are_absent(
    boss: Person, customers: Customers, browser_of: BrowserOf, member_factory: Callable[..., Person]
) -> None:
    customers(boss, "川西能源集团有限公司")
    reader = member_factory("reader")

    html = browser_of(reader).get(LIST).content.decode()

    assert "川西能源集团有限公司" in html
    assert "data-pick" not in html
    assert "data-quick" not in html
    assert f"{LIST}new" not in html
    assert browser_of(reader).get(f"{LIST}new").status_code == 403
    assert browser_of(reader).post(f"{LIST}new", {"name": "不行"}).status_code == 403


@pytest.mark.parametrize("path", ["/r/customers.nonsense/", "/r/nonsense/", "/r/customers.customer/999"])
def test_what_is_not_there_is_404_in_the_frame(boss: Person, browser_of: BrowserOf, path: str) -> None:
    response = browser_of(boss).get(path)

    assert response.status_code == 404
    assert "kz-rail" in response.content.decode()


def test_switched_off_type_is_404(
    in_alpha: object, member_factory: Callable[..., Person], browser_of: BrowserOf
) -> None:
    assert browser_of(member_factory("admin")).get(LIST).status_code == 404


def test_statements_do_not_depend_on_rows(boss: Person, customers: Customers, browser_of: BrowserOf) -> None:
    client = browser_of(boss)
    counts = []
    for number in (3, 30):
        customers(boss, *(f"公司{number}{place}有限公司" for place in range(number)))
        client.get(LIST)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            client.get(LIST)
        counts.append(len(caught))

    assert counts[0] == counts[1]
    assert counts[0] <= 12


def test_page_numbers_and_sums(boss: Person, customers: Customers, browser_of: BrowserOf) -> None:
    customers(boss, *(f"第{place:02}家有限公司" for place in range(44)), travel_budget="1万")
    customers(boss, "没有预算的公司")

    html = browser_of(boss).get(f"{LIST}?size=20&page=2").content.decode()

    assert "第 21–40 个，共 45 个" in html
    assert "¥ 200,000" in html
    assert "¥ 440,000" in html
    assert "平均</span> <b>¥ 10,000</b>" in html
