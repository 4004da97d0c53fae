"""Records over REST: the same fields, filters and rights as the pages, exact answers, pinned query counts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from kezhou import records
from kezhou.pages import routes
from kezhou.testing.access import MemberFactory, Person
from tests.api.conftest import Caller
from tests.search import staff
from tests.search.staff import CONTACT, CUSTOMER, OPPORTUNITY, SYSTEM

pytestmark = pytest.mark.usefixtures("company")


def _problem(response: Any) -> tuple[int, str]:
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == response.status_code
    assert body["title"].endswith(("。", "！", "？"))
    return response.status_code, body["code"]


def test_create_read_change_delete_and_history(admin: Caller) -> None:
    made = admin.call("POST", f"{CUSTOMER}/", {"name": "川西能源", "phone": "028 8533 1234", "travel_budget": "12万"})
    assert made.status_code == 201, made.content
    pk = made.json()["pk"]
    assert made["Location"] == f"/api/v1/{CUSTOMER}/{pk}"

    read = admin.get(f"{CUSTOMER}/{pk}")
    assert (read.json()["name"], read.json()["travel_budget"], read["ETag"]) == ("川西能源", 120000, '"1"')

    changed = admin.call("PATCH", f"{CUSTOMER}/{pk}", {"city": "成都"}, If_Match='"1"')
    assert (changed.status_code, changed.json()["city"], changed.json()["version"]) == (200, "成都", 2)

    history = admin.get(f"{CUSTOMER}/{pk}/history").json()
    assert [one["kind"] for one in history["results"]] == ["changed", "created"]
    assert history["results"][0]["fields"] == [{"field": "city", "old": None, "new": "成都"}]
    assert history["results"][0]["source"] == "api"

    assert admin.call("DELETE", f"{CUSTOMER}/{pk}").status_code == 204
    assert _problem(admin.get(f"{CUSTOMER}/{pk}")) == (404, "not_found")
    assert admin.call("POST", f"{CUSTOMER}/{pk}/restore").json()["name"] == "川西能源"


def test_list_takes_the_parameters_of_the_pages(admin: Caller) -> None:
    for number in range(5):
        staff.saved(CUSTOMER, name=f"川西{number}号店", city="成都" if number < 3 else "重庆")

    body = admin.get(f"{CUSTOMER}/", filter='["city","eq","成都"]', sort="-name", columns="name,city", size="2").json()

    assert [row["name"] for row in body["results"]] == ["川西2号店", "川西1号店"]
    assert set(body["results"][0]) == {"pk", "version", "name", "city"}
    assert (body["total"], body["capped"], body["previous"]) == (3, False, None)
    rest = admin.get(
        f"{CUSTOMER}/", filter='["city","eq","成都"]', sort="-name", columns="name", size="2", after=body["next"]
    )
    assert [row["name"] for row in rest.json()["results"]] == ["川西0号店"]
    assert rest.json()["next"] is None
    assert admin.get(f"{CUSTOMER}/", q="4号").json()["total"] == 1
    second = admin.get(f"{CUSTOMER}/", sort="name", size="2", page="2").json()
    assert [row["name"] for row in second["results"]] == ["川西2号店", "川西3号店"]


@pytest.mark.req("FLD-02", part="API")
def test_own_fields_are_in_list_filter_read_write_and_schema(admin: Caller) -> None:
    from kezhou.records import custom

    text = custom.add_field(SYSTEM, CUSTOMER, label="品牌故事", kind="text", listed=True).key
    amount = custom.add_field(SYSTEM, CUSTOMER, label="机票额", kind="number").key
    day = custom.add_field(SYSTEM, CUSTOMER, label="签约日", kind="date").key

    made = admin.call("POST", f"{CUSTOMER}/", {"name": "甲公司", text: "青城山", amount: 12, day: "2026-05-13"})
    pk = made.json()["pk"]
    changed = admin.call("PATCH", f"{CUSTOMER}/{pk}", {amount: 30}).json()
    found = admin.get(f"{CUSTOMER}/", filter=orjson.dumps([amount, "gt", 20]).decode(), sort=f"-{day}").json()
    fields = {field["key"]: field for field in admin.get(f"{CUSTOMER}/fields").json()["fields"]}
    schema = admin.get("schema").json()["components"]["schemas"]["CustomersCustomer"]["properties"]

    assert (changed[text], changed[amount], changed[day]) == ("青城山", 30, "2026-05-13")
    assert [(row["pk"], row[text]) for row in found["results"]] == [(pk, "青城山")]
    assert (fields[text]["label"], fields[text]["own"], fields[text]["writable"]) == ("品牌故事", True, True)
    assert schema[amount]["title"] == "机票额"
    wrong = admin.call("PATCH", f"{CUSTOMER}/{pk}", {day: "昨天前"})
    assert _problem(wrong) == (400, "invalid")
    assert list(wrong.json()["errors"]) == [day]


@pytest.mark.req("PLT-15", part="API")
def test_two_people_change_one_record(admin: Caller) -> None:
    pk = staff.saved(CUSTOMER, name="川西能源", city="成都")
    admin.call("PATCH", f"{CUSTOMER}/{pk}", {"city": "重庆"}, If_Match='"1"')

    late = admin.call("PATCH", f"{CUSTOMER}/{pk}", {"city": "贵阳", "version": 1})

    assert _problem(late) == (409, "conflict")
    conflict = late.json()["conflict"]
    assert (conflict["pk"], conflict["version"]) == (pk, 2)
    assert conflict["fields"] == [{"field": "city", "original": "成都", "theirs": "重庆", "mine": "贵阳"}]
    assert admin.get(f"{CUSTOMER}/{pk}").json()["city"] == "重庆"


def test_a_twin_is_refused_unless_allowed(admin: Caller) -> None:
    first = admin.call("POST", f"{CUSTOMER}/", {"name": "川西能源"}).json()["pk"]

    again = admin.call("POST", f"{CUSTOMER}/", {"name": "川西能源"})
    allowed = admin.call("POST", f"{CUSTOMER}/", {"name": "川西能源", "allow_twins": True})

    assert _problem(again) == (409, "twin")
    assert [(twin["pk"], twin["title"]) for twin in again.json()["twins"]] == [(first, "川西能源")]
    assert allowed.status_code == 201


def test_a_batch_stands_as_a_whole_or_row_by_row(admin: Caller) -> None:
    pk = staff.saved(CUSTOMER, name="旧名")
    changes = [{"name": "新一"}, {"name": "x" * 101}, {"pk": pk, "name": "改名"}]

    whole = admin.call("POST", f"{CUSTOMER}/batch", {"changes": changes})
    assert whole.status_code == 422
    assert [(one["position"], one["field"]) for one in whole.json()["problems"]] == [(1, "name")]
    assert admin.get(f"{CUSTOMER}/").json()["total"] == 1

    rows = admin.call("POST", f"{CUSTOMER}/batch", {"changes": changes, "on_error": "skip"})
    assert rows.status_code == 207
    assert [(one["position"], one["kind"]) for one in rows.json()["saved"]] == [(0, "created"), (2, "changed")]
    assert admin.get(f"{CUSTOMER}/{pk}").json()["name"] == "改名"


@pytest.mark.parametrize(
    ("path", "parameters", "code"),
    [
        (f"{CUSTOMER}/", {"colour": "red"}, "unknown_parameter"),
        (f"{CUSTOMER}/", {"filter": '["colour","eq",1]'}, "bad_request"),
        (f"{CUSTOMER}/", {"filter": "{"}, "bad_request"),
        (f"{CUSTOMER}/", {"sort": "colour"}, "bad_request"),
        (f"{CUSTOMER}/", {"columns": "colour"}, "bad_request"),
        (f"{CUSTOMER}/", {"size": "0"}, "bad_request"),
        (f"{CUSTOMER}/", {"size": "100000"}, "bad_request"),
        (f"{CUSTOMER}/", {"after": "xyz"}, "bad_request"),
        (f"{CUSTOMER}/1", {"columns": "name"}, "unknown_parameter"),
        ("search", {"q": "川西", "sort": "x"}, "bad_request"),
        ("search", {"q": "川西", "since": "gestern"}, "bad_request"),
        ("search", {"q": "x" * 201}, "bad_request"),
        ("", {"x": "1"}, "unknown_parameter"),
    ],
)
def test_what_is_not_known_is_refused(admin: Caller, path: str, parameters: dict[str, str], code: str) -> None:
    assert _problem(admin.get(path, **parameters)) == (400, code)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{", "bad_json"), ([1], "bad_json"), ({"name": ""}, "invalid"), ({}, "invalid"),
        ({"name": "甲", "colour": "red"}, "invalid"), ({"name": "甲", "version": 1, "number": "x", "id": 3}, "invalid"),
        ({"name": "甲", "created_at": "2020-01-01"}, "invalid"), ({"name": "甲", "allow_twins": "yes"}, "bad_request"),
        ({"name": "甲", "email": "no"}, "invalid"),
    ],
)  # fmt: skip
def test_a_wrong_body_is_refused_with_a_sentence(admin: Caller, body: Any, code: str) -> None:
    assert _problem(admin.call("POST", f"{CUSTOMER}/", body)) == (400, code)
    assert admin.get(f"{CUSTOMER}/").json()["total"] == 0


def test_other_media_and_methods_are_refused(admin: Caller) -> None:
    form = admin.client.post(f"/api/v1/{CUSTOMER}/", {"name": "甲"}, headers=admin.headers)
    put = admin.call("PUT", f"{CUSTOMER}/1", {})

    assert _problem(form) == (415, "unsupported_media_type")
    assert _problem(put) == (405, "method_not_allowed")
    assert put["Allow"] == "GET, PATCH, DELETE, HEAD, OPTIONS"


@pytest.mark.parametrize(
    "path", ["customers.nothing/", "sales.nothing/1", f"{CUSTOMER}/999", f"{CUSTOMER}/999/history"]
)
def test_what_is_not_there_is_404(admin: Caller, path: str) -> None:
    assert _problem(admin.get(path)) == (404, "not_found")


def test_an_invisible_record_is_404_and_a_lacking_operation_403(
    seller: Person, by_token: Callable[..., Caller], member_factory: MemberFactory
) -> None:
    mine = staff.saved(CUSTOMER, name="我的", owner=seller.pk)
    other = staff.saved(CUSTOMER, name="别人的")
    program = by_token(seller)

    assert [row["pk"] for row in program.get(f"{CUSTOMER}/").json()["results"]] == [mine]
    for method, body in (("GET", None), ("PATCH", {"city": "x"}), ("DELETE", None)):
        assert _problem(program.call(method, f"{CUSTOMER}/{other}", body)) == (404, "not_found")
    assert _problem(program.call("DELETE", f"{CUSTOMER}/{mine}")) == (403, "not_allowed")
    reader = by_token(member_factory("reader"))
    assert _problem(reader.call("PATCH", f"{CUSTOMER}/{other}", {"city": "x"})) == (403, "not_allowed")
    assert _problem(reader.call("POST", f"{CUSTOMER}/", {"name": "甲"})) == (403, "not_allowed")
    assert records.get(SYSTEM, CUSTOMER, other).values["city"] is None


def test_a_record_that_others_refer_to_is_not_deleted(admin: Caller) -> None:
    customer = staff.saved(CUSTOMER, name="川西能源")
    staff.saved(OPPORTUNITY, name="年会", customer=customer)

    refused = admin.call("DELETE", f"{CUSTOMER}/{customer}")

    assert _problem(refused)[0] == 409
    assert admin.get(f"{CUSTOMER}/{customer}").status_code == 200


def test_links_come_with_titles_the_caller_may_see(seller: Person, by_token: Callable[..., Caller]) -> None:
    hidden = staff.saved(CUSTOMER, name="别人的")
    mine = staff.saved(CUSTOMER, name="我的", owner=seller.pk)
    staff.saved(OPPORTUNITY, name="甲", customer=hidden, owner=seller.pk)
    staff.saved(OPPORTUNITY, name="乙", customer=mine, owner=seller.pk)

    body = by_token(seller).get(f"{OPPORTUNITY}/", columns="name,customer", sort="name").json()

    assert body["titles"] == {CUSTOMER: {str(mine): "我的"}}


@pytest.mark.parametrize("rows", [3, 30])
def test_query_counts_do_not_grow_with_rows(
    admin: Caller, seller: Person, django_assert_num_queries: Any, rows: int
) -> None:
    pks = [staff.saved(CUSTOMER, name=f"川西{number}号店", owner=seller.pk) for number in range(rows)]
    admin.get(f"{CUSTOMER}/")  # compiled once

    with django_assert_num_queries(4):  # token with its member, page, count, titles
        admin.get(f"{CUSTOMER}/")
    with django_assert_num_queries(3):  # token with its member, record, titles
        admin.get(f"{CUSTOMER}/{pks[0]}")


def test_search_answers_like_the_page(admin: Caller) -> None:
    customer = staff.saved(CUSTOMER, name="川西能源 <b>")
    staff.saved(CONTACT, name="刘浩功", customer=customer, mobile="13812345678")

    body = admin.get("search", q="川西", kinds=CUSTOMER).json()

    assert [(hit["type"], hit["pk"], hit["title"], hit["html"]) for hit in body["results"]] == [
        (CUSTOMER, customer, "川西能源 <b>", "<mark>川西</mark>能源 &lt;b&gt;")
    ]
    assert body["kinds"][0] == {"type": CUSTOMER, "title": "客户", "count": 1}
    assert body["notice"].startswith("全文搜索暂时不可用")


def test_types_are_those_the_caller_may_read(
    admin: Caller, member_factory: MemberFactory, by_token: Callable[..., Caller]
) -> None:
    def keys(caller: Caller) -> list[str]:
        return [one["key"] for one in caller.get("").json()["types"]]

    everything = keys(admin)
    nobody = keys(by_token(member_factory("")))

    assert everything == [CUSTOMER, OPPORTUNITY, CONTACT, "core.member", "core.department"]
    assert nobody == []


def _missing(document: dict[str, Any], root: str) -> set[str]:
    """Addresses of the API that the description of a type lacks, or some of whose methods it lacks."""
    missing = set()
    for route in (route for route in routes() if route.path.startswith("api/v1/")):
        path = re.sub(r"<\w+:(\w+)>", r"{\1}", f"/{route.path}").replace("/api/v1/{type_key}/", root)
        if not {method.lower() for method in route.methods} <= set(document["paths"].get(path, ())):
            missing.add(route.name)
    return missing


def test_the_description_is_valid_openapi_and_knows_only_what_may_be_used(
    admin: Caller, by_token: Callable[..., Caller], member_factory: MemberFactory
) -> None:
    from drf_spectacular.validation import validate_schema

    whole = admin.get("schema").json()
    reader = by_token(member_factory("reader")).get("schema").json()

    validate_schema(whole)
    validate_schema(reader)
    itself, of_shapes = {"api-schema", "api-docs"}, {"api-moves", "api-actions", "api-act", "api-act-many"}
    assert _missing(whole, f"/api/v1/{CUSTOMER}/") == itself | of_shapes
    assert {"/api/v1/assignments", "/api/v1/search"} <= set(reader["paths"])
    assert set(whole["paths"][f"/api/v1/{CUSTOMER}/"]) == {"get", "post"}
    assert set(reader["paths"][f"/api/v1/{CUSTOMER}/"]) == {"get"}
    assert f"/api/v1/{CUSTOMER}/batch" not in reader["paths"]
