"""Views in pages: one address holds a list's state, a view gives it a name, and what differs from it is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import quote, unquote

import pytest
from django.test import Client

from kezhou import assignments, comments, records
from kezhou.records import custom, views
from kezhou.testing.access import MemberFactory, Person
from tests.web.conftest import CUSTOMERS, Customers
from tests.web.test_lists import LIST, shown

BrowserOf = Callable[[Person], Client]
CHENGDU = ["city", "eq", "成都"]


@pytest.fixture
def three(boss: Person, customers: Customers) -> None:
    """Three customers in three cities."""
    customers(boss, "成都望江酒店有限公司", city="成都")
    customers(boss, "安岳柠檬有限公司", city="安岳")
    customers(boss, "重庆渝江有限公司", city="重庆")


def saved(client: Client, query: str, **given: object) -> str:
    """Save the list at `query` as a view; the address that the page leads to."""
    answer = client.post(f"{LIST}views/new?{query}", {"title": "成都的", "pinned": "1", **given})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


@pytest.mark.req("QRY-08")
def test_saved_list_opens_by_its_address_and_says_what_was_changed(
    boss: Person, three: None, browser_of: BrowserOf
) -> None:
    client = browser_of(boss)
    where = saved(client, f"filter={quote(json.dumps(CHENGDU))}&columns=name,city&sort=-name&size=20")

    assert shown(client, where.removeprefix(LIST)) == ["成都望江酒店有限公司"]
    plain = client.get(where).content.decode()
    assert "已修改" not in plain
    assert "成都的" in plain
    html = client.get(f"{where}&sort=name").content.decode()
    assert "已修改" in html
    assert "还原" in html
    assert shown(client, f"{where.removeprefix(LIST)}&filter=") == [
        "重庆渝江有限公司",
        "成都望江酒店有限公司",
        "安岳柠檬有限公司",
    ]


def test_view_is_changed_by_what_the_list_shows_now(boss: Person, three: None, browser_of: BrowserOf) -> None:
    client = browser_of(boss)
    where = saved(client, f"filter={quote(json.dumps(CHENGDU))}")
    pk = where.partition("view=")[2]

    changed = client.post(f"{LIST}views/{pk}?view={pk}&filter=&sort=name", {"state": "1", "version": "1"})

    assert changed["Location"] == where
    assert shown(client, f"?view={pk}")[0] == "安岳柠檬有限公司"
    late = client.post(f"{LIST}views/{pk}?view={pk}&sort=-name", {"state": "1", "version": "1"}, follow=True)
    assert "刚被别人改过" in late.content.decode()


def test_shared_view_is_a_tab_for_whom_it_is(
    boss: Person, seller: Person, three: None, browser_of: BrowserOf, member_factory: MemberFactory
) -> None:
    where = saved(browser_of(boss), "q=望江", audience="roles", roles=["sales"])
    pk = where.partition("view=")[2]
    reader = member_factory("reader")

    assert "成都的" in browser_of(seller).get(LIST).content.decode()
    assert "成都的" not in browser_of(reader).get(LIST).content.decode()
    assert browser_of(reader).get(where).status_code == 400
    assert browser_of(seller).get(f"{LIST}views/{pk}").status_code == 403
    assert browser_of(seller).post(f"{LIST}views/{pk}/delete").status_code == 403
    assert browser_of(reader).get(f"{LIST}views/{pk}").status_code == 404


def test_default_opens_by_itself_and_everything_stays_reachable(
    boss: Person, three: None, browser_of: BrowserOf
) -> None:
    client = browser_of(boss)
    pk = saved(client, f"filter={quote(json.dumps(CHENGDU))}", first="1").partition("view=")[2]

    assert shown(client) == ["成都望江酒店有限公司"]
    assert len(shown(client, "?view=all")) == 3
    client.post(f"{LIST}views/choose?view=all", {"ref": pk, "first": "0"})
    assert len(shown(client)) == 3


def test_tab_can_be_put_away_by_each_for_oneself(
    boss: Person, seller: Person, three: None, browser_of: BrowserOf
) -> None:
    pk = saved(browser_of(boss), "q=望江", audience="all").partition("view=")[2]

    browser_of(seller).post(f"{LIST}views/choose", {"ref": pk, "tab": "0"})

    assert "成都的" not in browser_of(seller).get(LIST).content.decode()
    assert "成都的" in browser_of(boss).get(LIST).content.decode()
    assert "成都的" in browser_of(seller).get(f"{LIST}views").content.decode()


def test_view_over_a_removed_field_opens_and_says_so(boss: Person, three: None, browser_of: BrowserOf) -> None:
    field = custom.add_field(boss.actor, CUSTOMERS, kind="text", label="结算周期")
    tree = ["and", [[field.key, "eq", "月结"], CHENGDU]]
    pk = views.save(boss.actor, CUSTOMERS, title="月结", state={"filter": tree})
    custom.hide_field(boss.actor, CUSTOMERS, field.key)
    client = browser_of(boss)

    html = client.get(f"{LIST}?view={pk}").content.decode()

    assert "这个视图用到的“结算周期”已经删除" in html
    assert shown(client, f"?view={pk}") == ["成都望江酒店有限公司"]


@pytest.mark.req("QRY-09")
def test_groups_are_offered_with_their_counts(boss: Person, customers: Customers, browser_of: BrowserOf) -> None:
    customers(boss, "甲公司", "乙公司", category="vip")
    customers(boss, "丙公司")
    client = browser_of(boss)

    assert 'href="?view=by_category"' in client.get(LIST).content.decode()
    html = client.get(f"{LIST}?view=by_category").content.decode()

    assert 'at=vip"' in html
    assert '<span class="kz-n">2</span></a>' in html
    assert shown(client, "?group=category&at=vip&sort=name") == ["甲公司", "乙公司"]
    assert shown(client, "?group=category&at=~") == ["丙公司"]
    assert client.get(f"{LIST}?group=name").status_code == 400
    assert 'at=1"' in client.get(f"{LIST}?view=by_owner").content.decode().replace(f"at={boss.pk}", "at=1")
    stages = client.get("/r/sales.opportunity/?view=by_stage").content.decode()
    assert "按阶段" in stages
    pk = views.save(boss.actor, CUSTOMERS, title="按类别", state={"group": "category"}, audience="all")
    assert "按类别" in unquote(client.get(f"{LIST}?view={pk}").content.decode())


def test_heads_find_what_their_people_own_and_everybody_what_they_take_part_in(
    boss: Person,
    seller: Person,
    customers: Customers,
    browser_of: BrowserOf,
    member_factory: MemberFactory,
    department_factory: Callable[..., int],
) -> None:
    head = member_factory("manager", name="何雨桐")
    branch = department_factory("成都分公司", head=head)
    below = department_factory("成都一部", parent=branch)
    worker = member_factory("sales", name="陈嘉禾", department=below)
    customers(worker, "下属的公司")
    customers(head, "自己的公司")
    (said, given), (named, others) = customers(boss, "评论过的", "指派过的"), customers(seller, "提到我的", "别人说的")
    customers(boss, "无关的")
    comments.write(seller.actor, CUSTOMERS, named, "@周敏 请看")
    comments.write(boss.actor, CUSTOMERS, said, "价格确认了")
    assignments.assign(boss.actor, CUSTOMERS, [given], member=boss.pk)
    comments.write(seller.actor, CUSTOMERS, others, "不相干")

    assert shown(browser_of(head), "?chips=team") == ["下属的公司"]
    assert "我下属的" in browser_of(head).get(LIST).content.decode()
    assert "我下属的" not in browser_of(seller).get(LIST).content.decode()
    assert shown(browser_of(seller), "?chips=team") == []
    assert shown(browser_of(boss), "?chips=involved&sort=name") == ["评论过的", "提到我的", "指派过的"]
    both = '?filter=["owner","in",["my_reports","me"]]&sort=name'
    assert shown(browser_of(head), both) == ["下属的公司", "自己的公司"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"title": ""}, "请给视图起个名字"),
        ({"title": "长" * 61}, "最多 60 个字"),
        ({"title": "x", "audience": "roles"}, "请选择这个视图给哪些角色"),
        ({"title": "x", "audience": "mars"}, "不能给“mars”"),
    ],
)
def test_refused_view_keeps_what_was_typed(
    boss: Person, browser_of: BrowserOf, given: dict[str, str], sentence: str
) -> None:
    answer = browser_of(boss).post(f"{LIST}views/new?q=望江", given)

    assert answer.status_code == 422
    html = answer.content.decode()
    assert sentence in html
    assert given["title"] in html


def test_columns_of_an_open_view_are_saved_in_it(boss: Person, three: None, browser_of: BrowserOf) -> None:
    client = browser_of(boss)
    pk = int(saved(client, "q=望江").partition("view=")[2])

    client.post(
        f"{LIST}columns?view={pk}",
        {"target": "view", "column": ["name", "phone"], "width-phone": "200", "edit": ["phone"], "pinned": "1"},
    )
    client.post(f"{LIST}width?view={pk}", {"column": "name", "width": "333"})

    html = client.get(f"{LIST}?view={pk}").content.decode()
    assert 'data-cell="phone"' in html
    assert 'data-width="333"' in html
    assert 'data-width="200"' in html
    state = views.find(boss.actor, CUSTOMERS, str(pk)).state
    assert state.columns == ("name", "phone")


@pytest.mark.req("QRY-05", part="columns, order and width by each, also own fields; default of a role")
def test_columns_are_each_persons_and_a_role_has_a_default(
    boss: Person, seller: Person, three: None, customers: Customers, browser_of: BrowserOf
) -> None:
    field = custom.add_field(boss.actor, CUSTOMERS, kind="text", label="结算周期")
    customers(seller, "青衣江茶业有限公司")
    browser_of(boss).post(f"{LIST}columns", {"column": ["name", field.key], "role": "sales"})

    assert "结算周期" in browser_of(seller).get(LIST).content.decode()
    assert "结算周期" not in browser_of(boss).get(LIST).content.decode()
    browser_of(seller).post(f"{LIST}columns", {"column": ["name", "city"]})
    html = browser_of(seller).get(LIST).content.decode()
    assert html.index('data-key="name"') < html.index('data-key="city"')
    assert "结算周期" not in html
    browser_of(seller).post(f"{LIST}columns", {"reset": "1"})
    assert "结算周期" in browser_of(seller).get(LIST).content.decode()


@pytest.mark.req("QRY-02", part="linked records, brackets, counts")
@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        (["any", "customers.contact:customer", ["name", "contains", "王"]], ["甲公司"]),
        (["any", "customers.contact:customer", ["and", []], 2, None], ["甲公司"]),
        (["any", "customers.contact:customer", ["and", []], 0, 0], ["丙公司"]),
        (["any", "customers.contact:customer", ["and", []], 1, 1], ["乙公司"]),
        (["any", "customers.contact:customer", ["and", []], 0, 1], ["乙公司", "丙公司"]),
        (
            ["or", [["and", [["city", "eq", "成都"], ["name", "contains", "甲"]]], ["name", "eq", "丙公司"]]],
            ["甲公司", "丙公司"],
        ),
        (["parent.name", "eq", "甲公司"], ["乙公司"]),
        (["name", "in", ["丙公司", "不存在"]], ["丙公司"]),
    ],
)
def test_filter_reaches_linked_records(
    boss: Person, customers: Customers, browser_of: BrowserOf, tree: list[object], expected: list[str]
) -> None:

    (first,) = customers(boss, "甲公司", city="成都")
    (second,) = customers(boss, "乙公司", parent=first)
    customers(boss, "丙公司")
    people = [("王总", first), ("李工", first), ("赵工", second)]
    rows = [{"name": name, "customer": pk} for name, pk in people]
    records.save(boss.actor, "customers.contact", rows).demand()
    client = browser_of(boss)

    assert shown(client, f"?filter={quote(json.dumps(tree))}&sort=created_at") == expected
    assert client.get(f"{LIST}filter-fields?filter={quote(json.dumps(tree))}").status_code == 200


@pytest.mark.parametrize("number", [-1, 1001, "3", True, None])
def test_count_of_linked_records_is_a_small_number(boss: Person, browser_of: BrowserOf, number: object) -> None:
    tree = ["any", "customers.contact:customer", ["and", []], number, None]

    answer = browser_of(boss).get(f"{LIST}?filter={quote(json.dumps(tree))}")

    assert answer.status_code == 400
    assert "记录的个数应是 0 到 1000 的整数" in answer.content.decode()
