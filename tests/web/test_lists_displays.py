"""Board, calendar, bulk change, editing in place and rows that changed meanwhile."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kezhou import records
from kezhou.jobs.models import Job
from kezhou.records.deleting import delete
from kezhou.testing.access import MemberFactory, Person
from tests.web.conftest import CUSTOMERS, Customers
from tests.web.test_lists import LIST

BrowserOf = Callable[[Person], Client]
BOARD = f"{LIST}?display=kanban&group=category"


def card(client: Client, pk: int) -> str:
    """In which column of the board a record stands."""
    for part in client.get(BOARD).content.decode().split('data-column="')[1:]:
        if f'data-row="{pk}"' in part:
            return part.partition('"')[0]
    return ""


def test_board_shows_columns_with_counts_sums_and_first_cards(
    boss: Person, customers: Customers, browser_of: BrowserOf
) -> None:
    customers(boss, *(f"第{place:02}家公司" for place in range(23)), category="vip", travel_budget="1万")
    (plain,) = customers(boss, "没有类别的公司")
    client = browser_of(boss)

    html = client.get(BOARD).content.decode()

    vip = next(part for part in html.split("<section")[1:] if 'data-column="vip"' in part)
    assert "data-count-of>23<" in vip
    assert "¥ 230,000" in vip
    assert vip.count("data-card ") + vip.count("data-card>") == 20
    assert card(client, plain) == "~"
    more = client.get(f"{LIST}board/more?display=kanban&group=category&at=vip&page=1").content.decode()
    assert more.count("<article") == 3


def test_board_costs_the_same_for_few_and_many(boss: Person, customers: Customers, browser_of: BrowserOf) -> None:
    client = browser_of(boss)
    counts = []
    for number in (3, 30):
        customers(boss, *(f"公司{number}{place}有限公司" for place in range(number)), category="vip")
        client.get(BOARD)
        with CaptureQueriesContext(connection) as caught:
            client.get(BOARD)
        counts.append(len(caught))

    assert counts[0] == counts[1]
    assert counts[0] <= 12


def test_card_is_moved_and_the_move_can_be_taken_back(
    boss: Person, customers: Customers, browser_of: BrowserOf
) -> None:
    (pk,) = customers(boss, "甲公司", category="vip")
    client = browser_of(boss)
    where = f"{LIST}board/move?display=kanban&group=category"

    answer = client.post(where, {"pk": pk, "version": 1, "to": "~"})

    assert answer.json()["version"] == 2
    assert card(client, pk) == "~"
    client.post(answer.json()["undo"])
    assert card(client, pk) == "vip"
    late = client.post(where, {"pk": pk, "version": 1, "to": "~"})
    assert late.status_code == 409
    assert "周敏刚改过这条记录" in late.json()["sentence"]
    nonsense = client.post(where, {"pk": pk, "version": 3, "to": "mars"})
    assert nonsense.status_code == 409
    assert "不是客户分类的选项" in nonsense.json()["sentence"]


def test_board_of_who_may_only_read_moves_nothing(
    boss: Person, customers: Customers, browser_of: BrowserOf, member_factory: MemberFactory
) -> None:
    (pk,) = customers(boss, "甲公司", category="vip")
    client = browser_of(member_factory("reader"))

    assert 'draggable="true"' not in client.get(BOARD).content.decode()
    assert client.post(f"{LIST}board/move?group=category", {"pk": pk, "to": "~"}).status_code == 403
    assert records.get(boss.actor, CUSTOMERS, pk).values["category"] == "vip"


TREE = f"{LIST}?display=tree&sort=name&columns=name"


def steps(client: Client, query: str = "") -> list[tuple[str, int, int]]:
    """The rows of the tree: title, how far in, how many stand right below."""
    html = client.get(f"{TREE}{query}").content.decode()
    return [
        (
            row.partition('<span class="kz-ell">')[2].partition("<")[0],
            int(row.partition("kz-td")[2][0]),
            int((re.search(r"下面的 (\d+) 个", row) or ["", "0"])[1]),
        )
        for row in html.split("<tr data-row=")[1:]
    ]


@pytest.fixture
def group(boss: Person, customers: Customers) -> dict[str, int]:
    """集团 over 一部 (over 一部一组) and 二部, and 独立 beside them."""
    pks = dict(zip(names := ["集团", "一部", "一部一组", "二部", "独立"], customers(boss, *names), strict=True))
    above = {"一部": "集团", "二部": "集团", "一部一组": "一部"}
    records.save(boss.actor, CUSTOMERS, [{"pk": pks[a], "parent": pks[b]} for a, b in above.items()]).demand()
    records.save(boss.actor, CUSTOMERS, [{"pk": pks["一部一组"], "city": "成都"}, {"pk": pks["独立"], "city": "成都"}])
    return pks


def test_list_is_folded_and_unfolded_as_a_tree(boss: Person, group: dict[str, int], browser_of: BrowserOf) -> None:
    client = browser_of(boss)
    top, first = group["集团"], group["一部"]

    assert steps(client) == [("独立", 0, 0), ("集团", 0, 2)]
    assert steps(client, f"&open={top}") == [("独立", 0, 0), ("集团", 0, 2), ("二部", 1, 0), ("一部", 1, 1)]
    assert steps(client, f"&open={top},{first}")[3:] == [("一部", 1, 1), ("一部一组", 2, 0)]
    assert "共 5 个，最上一级 2 个" in client.get(TREE).content.decode()
    narrowed = client.get(f'{TREE}&filter=["city","eq","成都"]').content.decode()
    assert "在一部下面" in narrowed
    assert steps(client, '&filter=["city","eq","成都"]') == [("独立", 0, 0), ("一部一组", 0, 0)]
    assert steps(client, "&q=一部") == [("一部", 0, 1)]
    assert client.get("/r/customers.contact/?display=tree").status_code == 400
    leaf = client.get(f"{LIST}{group['一部一组']}").content.decode().partition('"kz-crumb"')[2].partition("</nav>")[0]
    assert re.findall(r'href="/r/customers.customer/(\d+)">([^<]+)<', leaf) == [
        (str(top), "集团"),
        (str(first), "一部"),
    ]


def test_a_tree_costs_the_same_for_few_and_many(
    boss: Person, group: dict[str, int], customers: Customers, browser_of: BrowserOf
) -> None:
    client = browser_of(boss)

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(f"{TREE}&open={group['集团']}")
        return len(queries)

    cost()
    few = cost()
    rows = [{"name": f"第{n}分部", "parent": group["集团"]} for n in range(30)]
    records.save(boss.actor, CUSTOMERS, rows).demand()
    customers(boss, *(f"第{n}家公司" for n in range(30)))

    assert cost() == few <= 12


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("display=map", "不能看成“map”"),
        ("display=kanban&group=name", "不能按“name”分组"),
        ("display=calendar&starts=name", "不是日期字段"),
        ("display=calendar&scale=year", "不能看“year”"),
        ("display=calendar&on=昨天", "不是日期"),
        ("display=calendar&resource=name", "不能作日历的行"),
    ],
)
def test_display_that_means_nothing_is_400(boss: Person, browser_of: BrowserOf, query: str, sentence: str) -> None:
    answer = browser_of(boss).get(f"{LIST}?{query}")

    assert answer.status_code == 400
    assert sentence in answer.content.decode()


@pytest.mark.parametrize("scale", ["month", "week", "day"])
def test_calendar_places_records_by_their_date(
    boss: Person, customers: Customers, browser_of: BrowserOf, scale: str
) -> None:
    customers(boss, "在里面的公司", registered_on="2026-05-06")
    customers(boss, "在外面的公司", registered_on="2026-07-20")
    client = browser_of(boss)

    html = client.get(f"{LIST}?display=calendar&starts=registered_on&scale={scale}&on=2026-05-06").content.decode()

    assert 'title="在里面的公司"' in html
    assert "在外面的公司" not in html


def test_record_is_moved_by_days_and_to_another_row(
    boss: Person, seller: Person, customers: Customers, browser_of: BrowserOf
) -> None:
    (pk,) = customers(boss, "甲公司", registered_on="2026-05-06")
    client = browser_of(boss)
    where = f"{LIST}calendar/move?display=calendar&starts=registered_on&resource=owner"

    answer = client.post(where, {"pk": pk, "version": 1, "days": "-2", "resource": seller.pk})

    entry = records.get(boss.actor, CUSTOMERS, pk)
    assert answer.status_code == 200
    assert str(entry.values["registered_on"]) == "2026-05-04"
    assert entry.values["owner"] == seller.pk
    assert client.post(where, {"pk": pk, "version": 1, "days": "1"}).status_code == 409
    assert client.post(where, {"pk": pk, "days": "many"}).status_code == 400


@pytest.mark.req("UIX-11")
def test_rows_changed_by_others_are_told_in_one_statement(
    boss: Person, seller: Person, customers: Customers, browser_of: BrowserOf
) -> None:
    kept, changed, gone = customers(seller, "不动的", "要改的", "要删的")
    since = datetime.now(UTC).isoformat()
    client = browser_of(seller)
    records.save(boss.actor, CUSTOMERS, [{"pk": changed, "city": "成都"}]).demand()
    delete(boss.actor, CUSTOMERS, [gone])
    customers(seller, "新来的")
    customers(boss, "别人的新客户")

    asked = {"list": f"{CUSTOMERS}?", "rows": f"{kept}:1,{changed}:1,{gone}:1", "since": since}
    found = client.post("/live", asked).json()["list"]

    assert found == {"changed": [{"pk": changed, "by": "周敏"}], "gone": [gone], "new": 1, "count": 3}
    assert client.post("/live", {**asked, "rows": "x"}).status_code == 400
    assert client.post("/live", {**asked, "since": "昨天"}).status_code == 400


def test_cell_is_edited_in_place_and_answers_its_version(
    boss: Person, customers: Customers, browser_of: BrowserOf
) -> None:
    (pk,) = customers(boss, "甲公司")
    client = browser_of(boss)

    saved = client.post(f"{LIST}{pk}/field/city?cell", {"city": "成都", "version": 1}, headers={"HX-Request": "true"})

    assert saved.content.decode() == "成都"
    assert saved["X-Kezhou-Version"] == "2"
    records.save(boss.actor, CUSTOMERS, [{"pk": pk, "city": "重庆"}]).demand()
    late = client.post(f"{LIST}{pk}/field/city?cell", {"city": "昆明", "version": 2}, headers={"HX-Request": "true"})
    assert late.status_code == 409
    html = late.content.decode()
    assert "重庆" in html
    assert "原来是 成都" in html
    assert 'value="昆明"' in html


def edit(client: Client, pks: list[int] | None, query: str = "", **given: object) -> str:
    """Post the bulk dialog; its page."""
    data = {"pk": pks} if pks is not None else {"all": "1"}
    return client.post(f"{LIST}bulk/edit?{query}", {**data, **given}, headers={"X-Kezhou-Dialog": "1"}).content.decode()


def numbers(html: str) -> list[str]:
    """The three counts of the dialog."""
    part = html.partition('class="kz-cnts"')[2].partition("kz-edits")[0]
    return [piece.partition("</b>")[0].rpartition(">")[2] for piece in part.split("<b")[1:]]


def test_bulk_change_says_what_will_happen_and_does_it(
    boss: Person, customers: Customers, browser_of: BrowserOf
) -> None:
    pks = customers(boss, "甲公司", "乙公司", city="成都") + customers(boss, "丙公司", city="重庆")
    client = browser_of(boss)

    html = edit(client, pks, field="city", city="重庆")

    assert numbers(html) == ["2", "0", "1"]
    assert "<s>成都</s>" in html
    done = client.post(f"{LIST}bulk/edit", {"pk": pks, "field": "city", "city": "重庆", "sure": "1"}, follow=True)
    assert "已修改 2 条" in done.content.decode()
    assert [records.get(boss.actor, CUSTOMERS, pk).values["city"] for pk in pks] == ["重庆"] * 3
    undo = done.content.decode().partition('action="/actions/')[2].partition('"')[0]
    client.post(f"/actions/{undo}")
    assert [records.get(boss.actor, CUSTOMERS, pk).values["city"] for pk in pks] == ["成都", "成都", "重庆"]


def test_values_are_added_removed_and_cleared(boss: Person, customers: Customers, browser_of: BrowserOf) -> None:
    (pk,) = customers(boss, "甲公司", city="成都")
    field = next(f for f in records.fields_for(CUSTOMERS, boss.actor, "write") if f.type == "multi_choice")
    first, second = (option.key for option in field.options[:2])
    client = browser_of(boss)

    def change(how: str, *values: str) -> object:
        given = {"pk": [pk], "field": field.key, f"how-{field.key}": how, field.key: values, "sure": "1"}
        client.post(f"{LIST}bulk/edit", given)
        return records.get(boss.actor, CUSTOMERS, pk).values[field.key]

    assert change("set", first) == (first,)
    assert change("add", second) == (first, second)
    assert change("remove", first) == (second,)
    assert change("clear") is None


def test_records_that_may_not_be_changed_are_counted_and_left(
    boss: Person, customers: Customers, browser_of: BrowserOf, member_factory: MemberFactory
) -> None:
    service = member_factory("service", name="何雨桐")
    pks = customers(boss, "别人的公司") + customers(boss, "自己的公司", owner=service.pk)
    may = [pk for pk in pks if "update" in records.get(service.actor, CUSTOMERS, pk).operations]

    html = edit(browser_of(service), pks, field="city", city="昆明")

    assert numbers(html) == [str(len(may)), str(2 - len(may)), "0"]


def test_many_records_are_changed_by_a_job_that_can_be_taken_back(
    boss: Person, customers: Customers, browser_of: BrowserOf, run_jobs: Callable[[], list[Job]]
) -> None:
    customers(boss, *(f"第{place:03}家有限公司" for place in range(120)), city="成都")
    customers(boss, "别处的公司", city="重庆")
    client = browser_of(boss)
    query = 'filter=["city","eq","成都"]'

    html = client.post(
        f"{LIST}bulk/edit?{query}", {"all": "1", "field": "city", "city": "眉山", "sure": "1"}, follow=True
    )
    (job,) = run_jobs()
    assert f'data-job="/jobs/{job.pk}"' in html.content.decode()

    assert job.state == Job.State.DONE
    assert job.result == {"changed": 120, "same": 0, "skipped": 0}
    assert job.message == "已修改 120 条"
    asked = records.ListRequest(filter=json.dumps(["city", "eq", "眉山"]))
    assert records.count(boss.actor, CUSTOMERS, asked) == 120
    assert records.undo(boss.actor, job.action).ok
    assert records.count(boss.actor, CUSTOMERS, asked) == 0


@pytest.mark.parametrize(
    ("given", "status", "sentence"),
    [
        ({"field": "number", "number": "1"}, 400, "不能批量修改"),
        ({"field": "nonsense", "nonsense": "1"}, 400, "不能批量修改"),
        ({"field": "category", "how-category": "add", "category": "vip"}, 400, "不能这样批量修改"),
        ({"field": "travel_budget", "travel_budget": "很多"}, 422, "很多"),
        ({"field": "city", "city": ""}, 422, "请填写城市要改成什么"),
    ],
)
def test_bulk_change_that_cannot_be_read_is_told(
    boss: Person, customers: Customers, browser_of: BrowserOf, given: dict[str, str], status: int, sentence: str
) -> None:
    pks = customers(boss, "甲公司", city="成都")

    answer = browser_of(boss).post(f"{LIST}bulk/edit", {"pk": pks, "sure": "1", **given})

    assert answer.status_code == status
    assert sentence in answer.content.decode()
    assert records.get(boss.actor, CUSTOMERS, pks[0]).values["city"] == "成都"


def test_new_rows_are_those_after_the_page_was_made(boss: Person, customers: Customers, browser_of: BrowserOf) -> None:
    customers(boss, "老客户")
    later = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()

    assert browser_of(boss).post("/live", {"list": f"{CUSTOMERS}?", "since": later}).json()["list"]["count"] == 0
