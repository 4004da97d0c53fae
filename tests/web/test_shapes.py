"""Lines, states and actions on pages and through the API, of the types of the test plugin."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import orjson
import pytest
from django.test import Client

from kezhou import records
from kezhou.access.actor import System
from kezhou.records.lines.reading import line_tables
from kezhou.testing.access import Person
from tenants.context import Current
from tests.contract.forms import sent

ORDER = "testplugin.order"


@pytest.fixture
def shop(in_alpha: Current, plugins_on: Callable[..., None]) -> Current:
    plugins_on("customers", "testplugin")
    return in_alpha


@pytest.fixture
def client(boss: Person, browser_of: Callable[[Person], Client]) -> Client:
    return browser_of(boss)


def order(*rows: dict[str, Any], **values: Any) -> int:
    return records.save(System("tests"), ORDER, [{"name": "会务", "items": list(rows), **values}]).demand().pk


def rows_of(pk: int) -> list[tuple[Any, ...]]:
    system = System("tests")
    (table,) = line_tables(system, records.get(system, ORDER, pk))
    return [(row.values["name"], row.values["quantity"], row.values["price"]) for row in table.rows]


def line(index: int, **values: Any) -> dict[str, Any]:
    return {f"items.{index}.{key}": value for key, value in values.items()}


def test_a_record_is_made_with_lines_and_empty_rows_do_not_count(client: Client) -> None:
    form = {"name": "年会", "state": "draft", "items__given": "1"}
    form |= (
        line(0, name="会场", quantity="2", price="1500")
        | line(1, name="", quantity="1")
        | line(7, name="午餐", quantity="30")
    )

    response = client.post(f"/r/{ORDER}/new", form)

    pk = int(response["Location"].rsplit("/", 1)[1])
    assert rows_of(pk) == [("会场", 2, Decimal(1500)), ("午餐", 30, None)]
    page = client.get(f"/r/{ORDER}/{pk}").content.decode()
    assert "午餐" in page
    assert "合计" in page


def test_the_form_sent_back_unchanged_changes_nothing(client: Client) -> None:
    pk = order({"name": "甲", "quantity": 3}, {"name": "乙", "price": "9.5"})
    form = sent(client.get(f"/r/{ORDER}/{pk}/edit").content.decode(), "record-form")

    assert client.post(f"/r/{ORDER}/{pk}/edit", form).status_code == 302
    assert records.get(System("tests"), ORDER, pk).version == 1


def test_rows_are_reordered_removed_and_changed_by_the_form(client: Client) -> None:
    pk = order({"name": "甲"}, {"name": "乙"}, {"name": "丙"})
    pks = [row.pk for row in line_tables(System("tests"), records.get(System("tests"), ORDER, pk))[0].rows]
    form = {"version": "1", "items__given": "1"}
    form |= line(2, pk=pks[2], name="丙", quantity="1") | line(0, pk=pks[0], name="甲二", quantity="5")
    form |= line(1, pk=pks[1], name="乙", quantity="1", remove="1")

    assert client.post(f"/r/{ORDER}/{pk}/edit", form).status_code == 302
    assert rows_of(pk) == [("丙", 1, None), ("甲二", 5, None)]


def test_a_wrong_cell_says_so_and_nothing_typed_is_lost(client: Client) -> None:
    form = (
        {"name": "年会", "items__given": "1"}
        | line(0, name="会场", quantity="很多")
        | line(1, name="<script>", quantity="1")
    )

    response = client.post(f"/r/{ORDER}/new", form)

    page = response.content.decode()
    assert response.status_code == 422
    assert "“很多”不是数字" in page
    assert 'value="很多"' in page
    assert 'value="&lt;script&gt;"' in page
    assert 'href="#f-items.0.quantity"' in page
    assert records.count(System("tests"), ORDER, records.ListRequest()) == 0


def test_lines_that_the_state_locks_are_shown_with_the_reason_and_stay(client: Client) -> None:
    pk = order({"name": "甲"}, state="sent")
    records.move(System("tests"), ORDER, pk, "approved").demand()

    page = client.get(f"/r/{ORDER}/{pk}/edit").content.decode()

    assert "测试订单在“已批准”时不能修改这一项。" in page
    assert client.post(f"/r/{ORDER}/{pk}/edit", {"name": "改名"}).status_code == 302
    assert rows_of(pk) == [("甲", 1, None)]


def test_the_bar_offers_the_ways_and_one_click_goes_there(client: Client) -> None:
    pk = order(due_on="2026-05-01")
    page = client.get(f"/r/{ORDER}/{pk}").content.decode()
    assert f'formaction="/r/{ORDER}/{pk}/move/sent"' not in page  # it asks for the day besides
    assert f'href="/r/{ORDER}/{pk}/move/sent"' in page
    assert f"/r/{ORDER}/{pk}/move/approved" not in page

    response = client.post(f"/r/{ORDER}/{pk}/move/sent", {"version": "1", "due_on": "2026-06-01"})

    entry = records.get(System("tests"), ORDER, pk)
    assert (response.status_code, entry.values["state"], str(entry.values["due_on"])) == (302, "sent", "2026-06-01")
    assert f'formaction="/r/{ORDER}/{pk}/move/draft"' in client.get(f"/r/{ORDER}/{pk}").content.decode()


def test_a_move_asks_only_what_is_missing(client: Client) -> None:
    pk = order()

    asked = client.get(f"/r/{ORDER}/{pk}/move/cancelled", headers={"X-Kezhou-Dialog": "1"}).content.decode()
    refused = client.post(f"/r/{ORDER}/{pk}/move/cancelled", {"version": "1", "reason": ""})
    gone = client.post(
        f"/r/{ORDER}/{pk}/move/cancelled", {"version": "1", "reason": "客户取消"}, headers={"HX-Request": "true"}
    )

    assert 'name="reason"' in asked
    assert 'name="due_on"' not in asked
    assert (refused.status_code, "改为“已取消”要先填写取消原因。" in refused.content.decode()) == (422, True)
    assert (gone.status_code, gone["HX-Redirect"]) == (204, f"/r/{ORDER}/{pk}")


def test_a_move_that_is_not_possible_says_why(client: Client) -> None:
    pk = order(state="sent", due_on="2026-05-01")

    page = client.get(f"/r/{ORDER}/{pk}/move/done", headers={"X-Kezhou-Dialog": "1"}).content.decode()

    assert "没有客户的订单不能直接完成。" in page
    assert 'type="submit"' not in page
    assert client.get(f"/r/{ORDER}/{pk}/move/nowhere").status_code == 404


def test_somebody_elses_save_stops_the_move(client: Client) -> None:
    pk = order(state="sent")
    records.save(System("tests"), ORDER, [{"pk": pk, "name": "改名"}]).demand()

    response = client.post(f"/r/{ORDER}/{pk}/move/draft", {"version": "1"})

    assert response.status_code == 422
    assert "在你编辑期间保存了这条测试订单" in response.content.decode()


BOARD = f"/r/{ORDER}/board"


def test_a_board_knows_where_a_card_may_go_and_asks_as_the_record_page_does(client: Client) -> None:
    pk = order({"name": "会场", "price": "100"})

    ways = client.get(f"{BOARD}/ways?pk={pk}").json()

    assert {key: (way["allowed"], way["asks"]) for key, way in ways.items()} == {
        "sent": (True, []),
        "cancelled": (True, ["取消原因"]),
        "approved": (False, []),
        "done": (False, []),
        "~": (False, []),
    }
    assert ways["done"]["reason"] == "不能从“草稿”改为“已完成”，可以改为：已发出、已取消。"
    asked = client.post(f"{BOARD}/move", {"pk": pk, "version": 1, "to": "cancelled"})
    assert asked.status_code == 422
    assert 'name="reason"' in asked.content.decode()
    refused = client.post(f"{BOARD}/move", {"pk": pk, "version": 1, "to": "cancelled", "asked": "reason", "reason": ""})
    assert refused.status_code == 422
    assert "改为“已取消”要先填写取消原因。" in refused.content.decode()
    nowhere = client.post(f"{BOARD}/move", {"pk": pk, "version": 1, "to": "done"})
    assert (nowhere.status_code, nowhere.json()["sentence"]) == (409, ways["done"]["reason"])
    given = {"pk": pk, "version": 1, "to": "cancelled", "asked": "reason", "reason": "客户不办了"}
    done = client.post(f"{BOARD}/move", given).json()
    moved = records.get(System("tests"), ORDER, pk)
    assert (moved.values["state"], moved.values["reason"], done["version"]) == (
        "cancelled",
        "客户不办了",
        moved.version,
    )
    assert client.get(f"{BOARD}/ways?pk=999999").status_code == 404


def test_an_action_is_a_button_with_a_dialog(client: Client) -> None:
    pk = order(state="sent")
    assert f'href="/r/{ORDER}/{pk}/act/approve"' in client.get(f"/r/{ORDER}/{pk}").content.decode()

    refused = client.post(f"/r/{ORDER}/{pk}/act/approve", {"version": "1", "approver": ""})
    done = client.post(f"/r/{ORDER}/{pk}/act/approve", {"version": "1", "approver": "周敏"})

    assert (refused.status_code, "请填写批准人。" in refused.content.decode()) == (422, True)
    assert done.status_code == 302
    assert "做了“批准”" in client.get(f"/r/{ORDER}/{pk}/history").content.decode()
    assert client.get(f"/r/{ORDER}/{pk}/act/fly").status_code == 404


def test_an_action_with_many_records_is_all_or_nothing_and_names_the_record(client: Client) -> None:
    good, draft = order(state="sent"), order(name="草稿单")
    assert "act:approve" in client.get(f"/r/{ORDER}/").content.decode()
    form = {"do": "act:approve", "pk": [good, draft], "sure": "1", "approver": "周敏"}

    refused = client.post(f"/r/{ORDER}/bulk", form)
    done = client.post(f"/r/{ORDER}/bulk", {**form, "pk": [good]})

    assert refused.status_code == 422
    assert "“草稿单”：“草稿”时不能批准，要先到：已发出。" in refused.content.decode()
    assert (done.status_code, records.get(System("tests"), ORDER, good).values["state"]) == (302, "approved")


@pytest.mark.req("BAS-08")
def test_a_period_is_marked_on_the_page_in_the_list_and_in_the_api(client: Client) -> None:
    old = {"name": "旧价", "valid_from": "2020-01-01", "valid_until": "2020-12-31"}
    pk = records.save(System("tests"), "testplugin.tariff", [old]).demand().pk

    assert ">历史</span>" in client.get(f"/r/testplugin.tariff/{pk}").content.decode()
    assert "旧价" in client.get("/r/testplugin.tariff/?chips=historical").content.decode()
    assert "旧价" not in client.get("/r/testplugin.tariff/?chips=in_force").content.decode()
    rows = client.get("/r/testplugin.tariff/?columns=name").content.decode().split("<tr data-row=")
    assert '<span class="kz-tag1 kz-gry">历史</span>' in next(row for row in rows if "旧价" in row)
    assert client.get(f"/api/v1/testplugin.tariff/{pk}").json()["validity"] == "historical"


def post(client: Client, path: str, body: Any) -> Any:
    return client.post(path, orjson.dumps(body), content_type="application/json")


def test_the_api_reads_and_writes_lines_inside_their_record(client: Client) -> None:
    made = post(
        client, f"/api/v1/{ORDER}/", {"name": "会务", "items": [{"name": "甲", "quantity": 2}, {"name": "乙"}]}
    ).json()
    first, second = made["items"]
    assert (first["name"], first["quantity"], second["name"]) == ("甲", 2, "乙")

    changed = client.patch(
        f"/api/v1/{ORDER}/{made['pk']}", orjson.dumps({"items": [{"pk": second["pk"], "quantity": 4}]}),
        content_type="application/json",
    )  # fmt: skip
    wrong = client.patch(
        f"/api/v1/{ORDER}/{made['pk']}", orjson.dumps({"items": [{"quantity": "x"}]}), content_type="application/json"
    )

    assert [(row["name"], row["quantity"]) for row in changed.json()["items"]] == [("乙", 4)]
    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["items.0.quantity"])
    told = client.get(f"/api/v1/{ORDER}/{made['pk']}/history").json()["results"][0]["lines"]
    assert sorted((line["title"], line["kind"]) for line in told) == [("乙", "changed"), ("甲", "deleted")]


def test_the_api_moves_and_acts(client: Client) -> None:
    pk = order()
    path = f"/api/v1/{ORDER}/{pk}"

    offered = client.get(f"{path}/moves").json()
    nowhere = post(client, f"{path}/moves", {"target": "done"})
    moved = post(client, f"{path}/moves", {"target": "sent", "version": 1, "due_on": "2026-06-01"})
    actions = client.get(f"{path}/actions").json()["results"]
    unnamed = post(client, f"{path}/actions/approve", {})
    acted = post(client, f"{path}/actions/approve", {"approver": "周敏"})
    stale = post(client, f"{path}/actions/remind", {"version": 1})
    many = post(client, f"/api/v1/{ORDER}/actions/remind", {"pks": [pk]})

    assert [(move["target"], [ask["field"] for ask in move["asks"]]) for move in offered["results"]] == [
        ("sent", ["due_on"]), ("cancelled", ["reason"]),
    ]  # fmt: skip
    assert (nowhere.status_code, nowhere.json()["code"]) == (400, "state")
    assert (moved.status_code, moved.json()["state"]) == (200, "sent")
    assert [(action["key"], action["allowed"]) for action in actions] == [("approve", True), ("remind", True)]
    assert (unnamed.status_code, unnamed.json()["errors"]) == (400, {"approver": ["请填写批准人。"]})
    assert (acted.status_code, acted.json()["approved_by"]) == (200, "周敏")
    assert (stale.status_code, many.status_code, many.json()["saved"][0]["kind"]) == (409, 200, "acted")


@pytest.mark.parametrize(
    "body", [{}, {"pks": []}, {"pks": ["1"]}, {"pks": [True]}, {"pks": [1], "more": 1}, {"pks": [1], "values": 3}]
)
def test_a_wrong_body_for_many_is_a_sentence(client: Client, body: Any) -> None:
    response = post(client, f"/api/v1/{ORDER}/actions/remind", body)

    assert (response.status_code, response.json()["code"]) == (400, "bad_request")


def test_openapi_knows_lines_moves_and_actions(client: Client) -> None:
    document = client.get("/api/v1/schema").json()

    schema = document["components"]["schemas"]["TestpluginOrderNew"]["properties"]["items"]
    assert set(schema["items"]["properties"]) == {"pk", "name", "quantity", "price", "served_on", "supplier"}
    assert {f"/api/v1/{ORDER}/{{pk}}/moves", f"/api/v1/{ORDER}/{{pk}}/actions/approve"} <= set(document["paths"])


@pytest.mark.req("PLT-15", part="lines on pages")
def test_lines_edited_by_two_are_compared_and_nothing_is_overwritten_or_lost(client: Client) -> None:
    pk = order({"name": "甲"})
    (row,) = line_tables(System("tests"), records.get(System("tests"), ORDER, pk))[0].rows
    records.save(System("tests"), ORDER, [{"pk": pk, "items": [{"pk": row.pk}, {"name": "别人的"}]}]).demand()
    form = {"version": "1", "name": "会务", "items__given": "1"}
    form |= line(0, pk=row.pk, name="甲", quantity="1") | line(1, name="我的", quantity="1")

    compared = client.post(f"/r/{ORDER}/{pk}/edit", form)
    page = compared.content.decode()
    assert (compared.status_code, rows_of(pk)) == (409, [("甲", 1, None), ("别人的", 1, None)])
    assert "2 行：甲、别人的" in page
    assert "2 行：甲、我的" in page
    assert 'name="items.1.name" value="我的"' in page

    merged = client.post(f"/r/{ORDER}/{pk}/merge", form | {"version": "2", "pick.items": "mine"})
    assert merged.status_code == 302
    assert rows_of(pk) == [("甲", 1, None), ("我的", 1, None)]
