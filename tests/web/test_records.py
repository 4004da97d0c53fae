"""Pages of one record through the test client: they work without scripts, and every refusal is a sentence."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from kezhou import records
from kezhou.testing.access import MemberFactory, Person
from tests.web.conftest import CONTACTS, CUSTOMERS, Customers

LIST = f"/r/{CUSTOMERS}/"

BrowserOf = Callable[[Person], Client]


def test_new_record_by_a_plain_form(boss: Person, browser_of: BrowserOf) -> None:
    client = browser_of(boss)

    response = client.post(
        f"{LIST}new", {"name": "川西能源集团有限公司", "travel_budget": "3.2万", "owner__text": "周敏"}
    )

    (customer,) = records.query(boss.actor, CUSTOMERS)
    assert response.status_code == 302
    assert response["Location"] == f"{LIST}{customer.pk}"
    assert (customer.name, customer.travel_budget, customer.owner_id) == ("川西能源集团有限公司", 32000, boss.pk)


def test_refused_form_is_422_and_holds_what_was_typed(boss: Person, browser_of: BrowserOf) -> None:
    response = browser_of(boss).post(f"{LIST}new", {"name": "", "travel_budget": "很多", "remark": "别丢"})
    html = response.content.decode()

    assert response.status_code == 422
    assert 'value="很多"' in html
    assert "别丢" in html
    assert "2 处要改" in html
    assert records.query(boss.actor, CUSTOMERS).count() == 0


def test_twin_is_shown_and_a_reason_lets_it_pass(boss: Person, customers: Customers, browser_of: BrowserOf) -> None:
    customers(boss, "川西能源集团有限公司")
    client = browser_of(boss)

    refused = client.post(f"{LIST}new", {"name": "川西能源集团有限公司"})
    allowed = client.post(
        f"{LIST}new",
        {"name": "川西能源集团有限公司", "remark": "", "allow_twins": "1", "twin_reason": "同集团另一家法人"},
    )

    assert refused.status_code == 422
    assert "可能已有 1 个" in refused.content.decode()
    assert allowed.status_code == 302
    assert records.query(boss.actor, CUSTOMERS).order_by("-pk")[0].remark.endswith("同集团另一家法人")


@pytest.mark.req("BAS-04", part="pages")
def test_deletion_is_asked_goes_to_the_bin_and_comes_back(
    boss: Person, customers: Customers, browser_of: BrowserOf
) -> None:
    (pk,) = customers(boss, "川西能源集团有限公司")
    client = browser_of(boss)

    asked = client.get(f"{LIST}{pk}/delete").content.decode()
    client.post(f"{LIST}{pk}/delete")
    gone = client.get(f"{LIST}{pk}").status_code
    in_bin = client.get("/settings/recycle-bin").content.decode()
    client.post(f"{LIST}{pk}/restore", {"next": "/settings/recycle-bin"})

    assert "删除“川西能源集团有限公司”？" in asked
    assert gone == 404
    assert "川西能源集团有限公司" in in_bin
    assert client.get(f"{LIST}{pk}").status_code == 200


@pytest.mark.req("BAS-04", part="pages")
def test_what_refers_to_a_record_is_told_before_deleting(
    boss: Person, customers: Customers, browser_of: BrowserOf
) -> None:
    (pk,) = customers(boss, "川西能源集团有限公司")
    records.save(boss.actor, CONTACTS, [{"name": "何国栋", "customer": pk}]).demand()

    html = browser_of(boss).get(f"{LIST}{pk}/delete").content.decode()

    assert "1 个联系人" in html


@pytest.mark.req("BAS-04")
def test_deletion_is_a_right_is_refused_or_cascades_visibly_and_is_taken_back_by_an_administrator(
    boss: Person, seller: Person, customers: Customers, browser_of: BrowserOf, member_factory: MemberFactory
) -> None:
    (pk,) = customers(seller, "川西能源集团有限公司")
    contact = records.save(boss.actor, CONTACTS, [{"name": "何国栋", "customer": pk}]).demand().pk
    chance = records.save(boss.actor, "sales.opportunity", [{"name": "年会", "customer": pk}]).demand().pk
    admin, reader = browser_of(boss), browser_of(member_factory("reader"))

    assert f"{LIST}{pk}/delete" not in reader.get(f"{LIST}{pk}").content.decode()
    assert reader.post(f"{LIST}{pk}/delete").status_code == 403
    refused = admin.get(f"{LIST}{pk}/delete").content.decode()
    assert "1 个销售机会" in refused
    admin.post(f"{LIST}{pk}/delete")
    assert admin.get(f"{LIST}{pk}").status_code == 200, "an opportunity keeps its customer"
    records.delete(boss.actor, "sales.opportunity", [chance])
    asked = admin.get(f"{LIST}{pk}/delete").content.decode()
    assert all(said in asked for said in ("删除“川西能源集团有限公司”？", "1 个联系人"))
    admin.post(f"{LIST}{pk}/delete")
    assert [admin.get(f"/r/{key}/{one}").status_code for key, one in ((CUSTOMERS, pk), (CONTACTS, contact))] == [
        404,
        404,
    ]
    assert "川西能源集团有限公司" in admin.get("/settings/recycle-bin").content.decode()
    assert browser_of(seller).get("/settings/recycle-bin").status_code == 403
    admin.post(f"{LIST}{pk}/restore", {"next": "/settings/recycle-bin"})
    assert [admin.get(f"/r/{key}/{one}").status_code for key, one in ((CUSTOMERS, pk), (CONTACTS, contact))] == [
        200,
        200,
    ]


def test_recycle_bin_is_for_administrators(seller: Person, browser_of: BrowserOf) -> None:
    assert browser_of(seller).get("/settings/recycle-bin").status_code == 403


@pytest.mark.req("LOG-02", part="page")
def test_history_shows_acts_a_day_and_takes_one_back(boss: Person, customers: Customers, browser_of: BrowserOf) -> None:
    (pk,) = customers(boss, "川西能源集团有限公司", city="成都")
    changed = records.save(boss.actor, CUSTOMERS, [{"pk": pk, "city": "绵阳"}]).demand()
    client = browser_of(boss)

    html = client.get(f"{LIST}{pk}/history?day=2020-01-01").content.decode()
    client.post(f"{LIST}{pk}/undo/{changed.action}")

    assert "<s>成都</s>" in html
    assert "那天还没有这条记录。" in html
    assert records.get(boss.actor, CUSTOMERS, pk).values["city"] == "成都"
    assert client.get(f"{LIST}{pk}/history?day=gestern").status_code == 400


def test_record_page_says_why_it_is_seen(seller: Person, customers: Customers, browser_of: BrowserOf) -> None:
    (pk,) = customers(seller, "青衣江茶业集团有限公司")

    html = browser_of(seller).get(f"{LIST}{pk}").content.decode()

    assert 'class="kz-why"' in html
    assert "data-edit" in html


def test_one_value_by_one(boss: Person, customers: Customers, browser_of: BrowserOf) -> None:
    (pk,) = customers(boss, "川西能源集团有限公司")
    client = browser_of(boss)
    version = records.get(boss.actor, CUSTOMERS, pk).version

    good = client.post(f"{LIST}{pk}/field/city", {"city": "成都", "version": version}, HTTP_HX_REQUEST="true")
    late = client.post(f"{LIST}{pk}/field/city", {"city": "绵阳", "version": version}, HTTP_HX_REQUEST="true")
    bad = client.post(f"{LIST}{pk}/field/phone", {"phone": "1", "version": version + 1}, HTTP_HX_REQUEST="true")

    assert (good.status_code, late.status_code, bad.status_code) == (200, 409, 422)
    assert "再按一次保存就用你的" in late.content.decode()
    assert client.get(f"{LIST}{pk}/field/created_by").status_code == 403
    assert client.get(f"{LIST}{pk}/field/nonsense").status_code == 404


def test_many_are_given_to_somebody_else(
    boss: Person, seller: Person, customers: Customers, browser_of: BrowserOf
) -> None:
    pks = customers(boss, "甲一有限公司", "甲二有限公司")
    client = browser_of(boss)

    asked = client.post(f"{LIST}bulk", {"do": "transfer", "pk": pks}).content.decode()
    client.post(f"{LIST}bulk", {"do": "transfer", "pk": pks, "sure": "1", "owner": seller.pk})

    assert "转移 2 个客户" in asked
    assert records.query(seller.actor, CUSTOMERS).count() == 2


def test_post_without_a_session_keeps_the_fields(shop: object, client: Client) -> None:
    response = client.post(f"{LIST}new", {"name": "没登录的公司"}, HTTP_HOST="alpha.localhost")
    html = response.content.decode()

    assert response.status_code == 401
    assert response["X-Kezhou-Session"] == "expired"
    assert 'name="name" value="没登录的公司"' in html


def test_every_answer_carries_the_policy(boss: Person, browser_of: BrowserOf) -> None:
    for path in ("/", LIST, "/nowhere"):
        policy = browser_of(boss).get(path)["Content-Security-Policy"]

        assert "script-src 'self'" in policy
        assert "style-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy


def test_records_of_other_plugins_that_point_here_are_listed(
    boss: Person, customers: Customers, browser_of: BrowserOf
) -> None:
    (pk,) = customers(boss, "川西能源集团有限公司")
    records.save(boss.actor, "sales.opportunity", [{"name": "中秋奖励旅游", "customer": pk}]).demand()

    html = browser_of(boss).get(f"{LIST}{pk}").content.decode()

    assert "中秋奖励旅游" in html
    assert f"/quick/sales.opportunity?customer={pk}" in html


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("new?travel_budget=abc", 400),
        ("new?registered_on=zz", 400),
        ("{pk}/history?before=²", 200),
    ],
)
def test_a_mistyped_address_is_answered(
    path: str, status: int, boss: Person, customers: Customers, browser_of: BrowserOf
) -> None:
    (pk,) = customers(boss, "川西能源集团有限公司")

    assert browser_of(boss).get(LIST + path.format(pk=pk)).status_code == status


def test_a_pick_that_is_no_number_picks_nothing(boss: Person, customers: Customers, browser_of: BrowserOf) -> None:
    customers(boss, "川西能源集团有限公司")

    response = browser_of(boss).post(f"{LIST}bulk", {"do": "delete", "sure": "1", "pk": "²"})

    assert response.status_code == 302
    assert records.query(boss.actor, CUSTOMERS).count() == 1
