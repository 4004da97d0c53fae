"""Lists: filters, words, order, pages, sums, and that their number of statements stays the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kezhou import records
from kezhou.access.actor import System
from kezhou.records import filters, keyset, listing
from kezhou.records.listing import ListRequest
from kezhou.records.spec import FilterError, UnknownType
from kezhou.testing.access import MemberFactory

PROJECT = "testplugin.project"
ROWS = [
    {
        "name": "成都海天酒店",
        "kind": "big",
        "budget": 100,
        "people": 5,
        "starts_on": "2026-01-05",
        "code": "A-1",
        "tags": ["air"],
    },
    {"name": "成都錦江飯店", "kind": "small", "budget": 300, "people": 5, "starts_on": "2026-02-05", "code": "A-2"},
    {
        "name": "重庆ＡＢＣ酒店集团",
        "kind": "big",
        "budget": None,
        "people": 7,
        "starts_on": None,
        "tags": ["air", "hotel"],
    },
    {"name": "Beijing Abc Hotel", "kind": "small", "budget": 200, "people": None, "phone": "13800001111"},
    {"name": "安琪旅行社", "kind": None, "budget": None, "description": "常订成都的酒店", "urgent": True},
]


@pytest.fixture
def rows(projects: None, system: System) -> list[int]:
    """The five projects, by primary key in the order above."""
    return [item.pk for item in records.save(system, PROJECT, ROWS, twins="allow").demand().saved]


def found(actor: Any, rows: Sequence[int], **asked: Any) -> list[int]:
    """Positions of the rows that a list shows, in its order."""
    page = records.page(actor, PROJECT, ListRequest(**asked))
    return [rows.index(row.pk) for row in page]


SORTED = ("name",)  # by pinyin: 安琪, Beijing, 成都海天, 成都锦江, 重庆


@pytest.mark.req("QRY-01")
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (["name", "eq", " 成都海天酒店 "], [0]),
        (["name", "eq", "成都海天"], []),
        (["name", "eq", "重庆ABC酒店集团"], [2]),
        (["code", "eq", "Ａ-2"], [1]),
        (["kind", "eq", "big"], [0, 2]),
        (["kind", "eq", "小项目"], [3, 1]),
        (["kind", "in", ["big", "small"]], [3, 0, 1, 2]),
        (["kind", "ne", "big"], [4, 3, 1]),
        (["budget", "eq", "300.00"], [1]),
        (["people", "eq", "５"], [0, 1]),
        (["starts_on", "eq", "2026年1月5日"], [0]),
        (["urgent", "eq", True], [4]),
        (["tags", "in", ["hotel"]], [2]),
        (["phone", "eq", "138 0000 1111"], [3]),
    ],
)
def test_exact_query(rows: list[int], system: System, condition: list[Any], expected: list[int]) -> None:
    assert found(system, rows, filter=condition, sort=SORTED) == expected


@pytest.mark.req("QRY-03")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("酒店", [0, 2]),
        ("海天", [0]),
        ("饭店", [1]),
        ("飯店", [1]),
        ("锦江", [1]),
        ("abc", [3, 2]),
        ("ＡＢＣ 酒店", [2]),
        ("酒店 成都", [0]),
        ("成都 北京", []),
        (".*", []),
    ],
)
def test_fuzzy_query_ignores_case_width_and_script_and_wants_every_word(
    rows: list[int], system: System, words: str, expected: list[int]
) -> None:
    assert found(system, rows, filter=["name", "contains", words], sort=SORTED) == expected


@pytest.mark.req("QRY-02")
@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        (["and", [["kind", "eq", "big"], ["people", "gt", 5]]], [2]),
        (["or", [["kind", "is_empty"], ["and", [["budget", "gte", 100], ["budget", "lt", 300]]]]], [4, 3, 0]),
        (
            ["and", [["or", [["name", "contains", "成都"], ["name", "contains", "重庆"]]], ["kind", "eq", "big"]]],
            [0, 2],
        ),
        (["budget", "between", [150, 300]], [3, 1]),
        (["budget", "is_empty"], [4, 2]),
        (["starts_on", "not_empty"], [0, 1]),
        (["starts_on", "between", ["2026-01-01", "2026-01-31"]], [0]),
        (["not", ["kind", "eq", "big"]], [4, 3, 1]),
        (["and", []], [4, 3, 0, 1, 2]),
    ],
)
def test_combined_query_with_groups_and_operators(
    rows: list[int], system: System, tree: list[Any], expected: list[int]
) -> None:
    assert found(system, rows, filter=json.dumps(tree), sort=SORTED) == expected
    assert found(system, rows, filter=filters.dump(filters.parse(tree)), sort=SORTED) == expected


@pytest.mark.req("QRY-02", part="linked entities through their own policies")
def test_conditions_on_linked_records_see_only_what_the_actor_may_see(
    rows: list[int], system: System, member_factory: MemberFactory
) -> None:
    seller = member_factory("sales")
    open_, hidden = (
        records.save(system, "customers.customer", [{"name": name, "owner": owner}], twins="allow").pk
        for name, owner in (("看得见", seller.pk), ("看不见", None))
    )
    changes = [
        {"pk": rows[0], "customer": open_, "owner": seller.pk},
        {"pk": rows[1], "customer": hidden, "owner": seller.pk},
    ]
    records.save(system, PROJECT, changes).demand()
    records.save(
        system, "testplugin.task", [{"name": "打电话", "project": rows[0], "owner": seller.pk, "amount": 8}]
    ).demand()
    by_name = ["customer.name", "contains", "看"]
    pointing = ["any", "testplugin.task:project", ["amount", "gt", 5]]

    assert found(system, rows, filter=by_name, sort=SORTED) == [0, 1]
    assert found(seller.actor, rows, filter=by_name, sort=SORTED) == [0]
    assert found(system, rows, filter=pointing) == [0]
    assert found(system, rows, filter=["not", pointing], sort=SORTED) == [4, 3, 1, 2]


def test_people_mean_the_one_who_asks(rows: list[int], system: System, member_factory: MemberFactory) -> None:
    place = records.save(system, "core.department", [{"name": "部门"}]).pk
    boss, mate = member_factory("admin", department=place), member_factory("sales", department=place)
    records.save(system, PROJECT, [{"pk": rows[0], "owner": boss.pk}, {"pk": rows[1], "owner": mate.pk}]).demand()

    assert found(boss.actor, rows, filter=["owner", "eq", "me"]) == [0]
    assert found(boss.actor, rows, filter=["owner", "in", ["my_department"]], sort=SORTED) == [0, 1]
    assert found(boss.actor, rows, filter=["department", "in", ["my_departments_below"]], sort=SORTED) == [0, 1]


def test_relative_dates_are_the_tenants(rows: list[int], system: System) -> None:
    today = records.reading.context().today
    records.save(
        system, PROJECT, [{"pk": rows[2], "starts_on": today}, {"pk": rows[3], "starts_on": today - timedelta(1)}]
    ).demand()

    assert found(system, rows, filter=["starts_on", "relative", "today"]) == [2]


@pytest.mark.req("QRY-04", part="one box over the main fields")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("成都 酒店", [4, 0]),
        ("138 0000", [3]),
        ("NUMBER", [1]),
        ("锦江", [1]),
        ("a-1", [0]),
        ("成都 没有", []),
        ("  ", [4, 3, 0, 1, 2]),
    ],
)
def test_keyword_query_over_the_main_fields(rows: list[int], system: System, words: str, expected: list[int]) -> None:
    number = records.get(system, PROJECT, rows[1]).text("number")
    assert found(system, rows, q=words.replace("NUMBER", number), sort=SORTED) == expected


@pytest.mark.req("QRY-04", part="name, short name, number, contact, phone and address of customers in one box")
@pytest.mark.parametrize("words", ["锦城", "錦城商旅", "锦旅", "KH", "王小明", "028 8888", "人民南路", "锦城 王小明"])
def test_one_box_finds_a_customer_by_its_main_fields(projects: None, system: System, words: str) -> None:
    customer = {
        "name": "成都锦城商旅有限公司",
        "short_name": "锦旅",
        "phone": "028-88886666",
        "address": "成都市人民南路四段",
    }
    pks = records.save(system, "customers.customer", [customer, {"name": "另一家"}], twins="allow").pks
    number = records.get(system, "customers.customer", pks[0]).values["number"]
    records.save(system, "customers.contact", [{"name": "王小明", "customer": pks[0]}]).demand()

    asked = ListRequest(q=str(number) if words == "KH" else words)
    assert [row.pk for row in records.page(system, "customers.customer", asked)] == [pks[0]]


def test_words_of_records_that_point_here_count_as_far_as_they_are_seen(
    rows: list[int], system: System, member_factory: MemberFactory
) -> None:
    seller = member_factory("sales")
    records.save(system, PROJECT, [{"pk": pk, "owner": seller.pk} for pk in rows]).demand()
    tasks = [{"name": "联系王经理", "project": rows[0]}, {"name": "联系王经理", "project": rows[1], "owner": seller.pk}]
    records.save(system, "testplugin.task", tasks).demand()

    assert found(system, rows, q="王经理 成都", sort=SORTED) == [0, 1]
    assert found(seller.actor, rows, q="王经理", sort=SORTED) == [1]
    assert found(system, rows, q="王经理 海天", sort=SORTED) == [0]
    assert found(seller.actor, rows, q="成都 王经理 联系", sort=SORTED) == [1]
    assert found(seller.actor, rows, q="王经理 海天", sort=SORTED) == []


@pytest.mark.parametrize(
    "asked",
    [
        {"filter": ["nothing", "eq", 1]},
        {"filter": ["name", "nonsense", 1]},
        {"filter": ["budget", "gt", "很多"]},
        {"filter": "[not json"},
        {"filter": {"name": "x"}},
        {"filter": ["name.more", "eq", 1]},
        {"filter": ["any", "testplugin.bill:nothing", ["name", "eq", 1]]},
        {"filter": json.dumps(["not", ["not", ["not", ["not", ["not", ["not", ["name", "eq", 1]]]]]]])},
        {"filter": ["or", [["name", "eq", "x"]] * 101]},
        {"sort": ("nothing",)},
        {"sort": ("tags",)},
        {"sort": ("name", "kind", "budget", "people")},
        {"columns": ("name", "nothing")},
        {"size": 0},
        {"size": 501},
        {"after": "nonsense"},
        {"page": 5000},
    ],
)
def test_what_is_unknown_is_refused_never_ignored(rows: list[int], system: System, asked: dict[str, Any]) -> None:
    with pytest.raises(FilterError):
        records.page(system, PROJECT, ListRequest(**asked))


def test_parameters_of_a_url() -> None:
    request = ListRequest.of({"sort": "-budget,name", "columns": "name,kind", "size": "20", "page": "2", "q": "酒店"})

    assert (request.sort, request.columns, request.size, request.page) == (("-budget", "name"), ("name", "kind"), 20, 2)
    with pytest.raises(FilterError):
        ListRequest.of({"size": "many"})


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (("name",), [4, 3, 0, 1, 2]),
        (("-name",), [2, 1, 0, 3, 4]),
        (("budget", "name"), [0, 3, 1, 4, 2]),
        (("-budget", "name"), [1, 3, 0, 4, 2]),
        (("people", "-budget"), [1, 0, 2, 3, 4]),
        (("-people", "budget", "name"), [2, 0, 1, 3, 4]),
    ],
)
def test_sorting_puts_empties_last_and_names_by_pinyin(
    rows: list[int], system: System, sort: tuple[str, ...], expected: list[int]
) -> None:
    assert found(system, rows, sort=sort) == expected


@pytest.mark.parametrize(
    "sort", [("budget",), ("-budget",), ("people", "-budget"), ("-people", "budget", "name"), ("-created_at",)]
)
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_walking_forth_and_back_loses_and_doubles_nothing(
    projects: None, system: System, sort: tuple[str, ...], size: int
) -> None:
    rows = [{"name": f"项目{n:02d}", "budget": n % 4 or None, "people": n % 3 or None} for n in range(17)]
    records.save(system, PROJECT, rows).demand()
    whole = [row.pk for row in records.page(system, PROJECT, ListRequest(sort=sort, size=100))]

    forth, page = [], records.page(system, PROJECT, ListRequest(sort=sort, size=size))
    while True:
        forth += [row.pk for row in page]
        if not page.next:
            break
        page = records.page(system, PROJECT, ListRequest(sort=sort, size=size, after=page.next))
    back = [row.pk for row in page]
    while page.previous:
        page = records.page(system, PROJECT, ListRequest(sort=sort, size=size, before=page.previous))
        back = [row.pk for row in page] + back

    assert len(whole) == 17
    assert forth == whole
    assert back == whole
    numbers = range(1, -(-len(whole) // size) + 2)  # one beyond the last
    for words in ("", "项目"):
        pages = (records.page(system, PROJECT, ListRequest(sort=sort, size=size, page=n, q=words)) for n in numbers)
        assert [row.pk for page in pages for row in page] == whole


def test_a_cursor_of_another_order_is_refused(rows: list[int], system: System) -> None:
    cursor = records.page(system, PROJECT, ListRequest(sort=("name",), size=1)).next

    with pytest.raises(FilterError, match="翻页标记"):
        records.page(system, PROJECT, ListRequest(sort=("-name",), size=1, after=cursor))
    forged = keyset.encode("starts_on", keyset.Place(("not a date",), 1))
    with pytest.raises(FilterError, match="翻页标记"):
        records.page(system, PROJECT, ListRequest(sort=("starts_on",), after=forged))


def test_counts_are_exact_and_capped_beyond_ten_thousand(
    rows: list[int], system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = records.page(system, PROJECT, ListRequest(size=2, columns=("name", "budget")))
    assert exact.pages == 3
    monkeypatch.setattr(listing, "COUNTED", 3)
    capped = records.page(system, PROJECT, ListRequest(size=2))
    asked = records.page(system, PROJECT, ListRequest(size=2, exact=True))

    assert (exact.total, exact.capped, exact.sums) == (5, False, {"budget": Decimal("600.00")})
    assert (capped.total, capped.capped, capped.pages, capped.sums) == (None, True, None, {})
    assert (asked.total, asked.capped) == (5, False)
    assert records.count(system, PROJECT, ListRequest(filter=["kind", "eq", "big"])) == 2


@pytest.mark.req("QRY-14")
def test_rows_counts_pages_and_sums_are_those_of_the_actors_scope(
    rows: list[int], system: System, member_factory: MemberFactory
) -> None:
    seller = member_factory("sales")
    records.save(system, PROJECT, [{"pk": rows[1], "owner": seller.pk}]).demand()

    request = ListRequest(columns=("name", "budget"), size=1)
    page = records.page(seller.actor, PROJECT, request)
    nothing = records.page(seller.actor, PROJECT, ListRequest(filter=["name", "contains", "海天"]))

    assert [rows.index(row.pk) for row in page] == [1]
    assert (page.total, page.pages, page.next, page.previous) == (1, 1, "", "")
    assert page.sums == {"budget": Decimal("300.00")}
    assert (nothing.total, list(nothing)) == (0, [])
    assert records.pks(seller.actor, PROJECT, ListRequest()) == [rows[1]]
    with pytest.raises(UnknownType):
        records.page(member_factory("service").actor, PROJECT, request)


def test_cells_texts_and_json_of_a_row(rows: list[int], system: System, member_factory: MemberFactory) -> None:
    owner = member_factory("sales", name="王小明")
    records.save(system, PROJECT, [{"pk": rows[0], "owner": owner.pk, "name": "<b>成都</b>"}]).demand()

    asked = ListRequest(columns=("name", "kind", "budget", "owner", "starts_on"), filter=["owner", "eq", owner.pk])
    (row,) = records.page(system, PROJECT, asked)

    assert "<b>" not in str(row.cells[0])
    assert row.texts[1] == "大项目"
    assert "王小明" in row.texts[3]
    assert row.rest["pk"] == rows[0]
    assert row.rest["kind"] == "big"
    assert row.rest["starts_on"] == date(2026, 1, 5).isoformat()
    assert row.version == 2


def statements(run: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        run()
    return len(captured)


@pytest.mark.parametrize("count", [3, 30])
def test_a_list_takes_three_statements_however_long(projects: None, member_factory: MemberFactory, count: int) -> None:
    actor = member_factory("admin").actor
    pks = records.save(actor, PROJECT, [{"name": f"项目{n}", "budget": n} for n in range(count)]).pks
    asked = ListRequest(columns=("name", "budget", "owner", "department", "customer"), size=20)

    assert statements(lambda: [row.cells for row in records.page(actor, PROJECT, asked)]) == 3
    assert statements(lambda: records.get_many(actor, PROJECT, pks)) == 2
