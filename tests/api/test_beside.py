"""Timeline, comments and files over the API: the same functions, the same rights as in the pages."""

from __future__ import annotations

from collections.abc import Callable

import orjson
import pytest
from django.test import Client

from kezhou import notify, records
from kezhou.testing.access import MemberFactory, Person, SignIn
from tenants.context import Current

CUSTOMERS = "customers.customer"


@pytest.fixture
def shop(in_alpha: Current, plugins_on: Callable[..., None]) -> Current:
    plugins_on("customers", "sales")
    return in_alpha


@pytest.fixture
def seller(shop: Current, member_factory: MemberFactory) -> Person:
    return member_factory("sales", name="李思源")


@pytest.fixture
def boss(shop: Current, member_factory: MemberFactory) -> Person:
    return member_factory("admin", name="周敏")


@pytest.fixture
def root(seller: Person) -> str:
    pk = records.save(seller.actor, CUSTOMERS, [{"name": "川西能源集团有限公司"}]).pk
    return f"/api/v1/{CUSTOMERS}/{pk}"


def post(client: Client, address: str, body: object, method: str = "POST"):  # type: ignore[no-untyped-def]
    return client.generic(method, address, orjson.dumps(body), content_type="application/json")


def test_comments_are_written_reworded_pinned_and_taken_back(
    seller: Person, boss: Person, root: str, sign_in: SignIn
) -> None:
    client, his = sign_in(Client(), seller), sign_in(Client(), boss)

    made = post(client, f"{root}/comments", {"text": "寄两份合同 @周敏"})
    pk = made.json()["pk"]
    answer = post(his, f"{root}/comments", {"text": "寄一份", "reply_to": pk})
    changed = post(client, f"{root}/comments/{pk}", {"text": "寄三份合同", "pinned": True}, "PATCH")
    (told,) = client.get(f"{root}/timeline", {"kinds": "comment"}).json()["results"]

    assert (made.status_code, made.json()["told"], answer.status_code, changed.status_code) == (201, 1, 201, 200)
    assert (told["text"], told["by"], told["pinned"]) == ("寄三份合同", "李思源", True)
    assert [reply["text"] for reply in told["replies"]] == ["寄一份"]
    assert [notice.kind for notice in notify.unread(seller.actor)] == ["replied"]
    assert post(his, f"{root}/comments/{pk}", {"text": "改"}, "PATCH").status_code == 403
    assert client.delete(f"{root}/comments/{pk}").status_code == 204
    assert client.delete(f"{root}/comments/{pk}").status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [({"text": " "}, "invalid"), ({"text": 5}, "bad_request"), ({"words": "x"}, "unknown_parameter"),
     ({"text": "x", "reply_to": "1"}, "bad_request"), ([], "bad_json")],
)  # fmt: skip
def test_bad_comments_are_told(seller: Person, root: str, sign_in: SignIn, body: object, code: str) -> None:
    answer = post(sign_in(Client(), seller), f"{root}/comments", body)

    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.req("BAS-05", part="API")
def test_files_are_loaded_listed_named_thrown_away_and_brought_back(
    seller: Person, root: str, sign_in: SignIn, member_factory: MemberFactory
) -> None:
    client, reader = sign_in(Client(), seller), sign_in(Client(), member_factory("reader"))
    other = sign_in(Client(), member_factory("sales", name="罗欣"))

    made = client.generic(
        "POST", f"{root}/files", b"123", content_type="application/octet-stream",
        HTTP_X_FILE_NAME="%E5%90%88%E5%90%8C.txt",
    )  # fmt: skip
    file = f"{root}/files/{made.json()['pk']}"

    assert (made.status_code, made.json()["name"], made.json()["size"]) == (201, "合同.txt", 3)
    assert b"".join(reader.get(file).streaming_content) == b"123"
    assert [row["name"] for row in reader.get(f"{root}/files").json()["results"]] == ["合同.txt"]
    refused = reader.generic("POST", f"{root}/files", b"1", content_type="application/octet-stream")
    assert (refused.status_code, reader.delete(file).status_code, other.get(file).status_code) == (403, 403, 404)
    assert reader.get(f"{root}/files", {"deleted": "1"}).status_code == 403
    assert post(client, file, {"name": "盖章"}, "PATCH").json()["name"] == "盖章.txt"
    assert client.delete(file).status_code == 204
    assert client.get(file).status_code == 404
    assert [row["name"] for row in client.get(f"{root}/files", {"deleted": "1"}).json()["results"]] == ["盖章.txt"]
    assert client.post(f"{file}/restore").json()["name"] == "盖章.txt"
    empty = client.generic("POST", f"{root}/files", b"", content_type="application/octet-stream")
    assert (empty.status_code, empty.json()["code"]) == (400, "invalid")


@pytest.mark.req("BAS-09", part="API")
def test_the_timeline_goes_on_by_cursor(seller: Person, root: str, sign_in: SignIn) -> None:
    client = sign_in(Client(), seller)
    for number in range(3):
        post(client, f"{root}/comments", {"text": f"第 {number} 句"})

    first = client.get(f"{root}/timeline", {"size": 2}).json()
    second = client.get(f"{root}/timeline", {"size": 2, "before": first["next"]}).json()

    assert [event.get("text") for event in (*first["results"], *second["results"])] == [
        "第 2 句",
        "第 1 句",
        "第 0 句",
        None,
    ]
    assert (second["results"][1]["change"]["kind"], second["next"]) == ("created", None)
    assert client.get(f"{root}/timeline", {"kinds": "nonsense"}).status_code == 400
    assert client.get(f"{root}/timeline", {"before": "x"}).status_code == 400


def test_a_record_is_assigned_answered_and_told_in_the_timeline(
    seller: Person, boss: Person, root: str, sign_in: SignIn, member_factory: MemberFactory
) -> None:
    client, his = sign_in(Client(), seller), sign_in(Client(), boss)

    made = post(his, f"{root}/assignments", {"member": seller.pk, "due": "2027-05-12", "note": "确认六位出行人"})
    pk = made.json()["pk"]
    (mine,) = client.get("/api/v1/assignments").json()["results"]
    unsaid = post(client, f"{root}/assignments/{pk}", {"deed": "return"})
    done = post(client, f"{root}/assignments/{pk}", {"deed": "finish", "answer": "都确认了"})
    again = post(client, f"{root}/assignments/{pk}", {"deed": "finish"})
    told = client.get(f"{root}/timeline", {"kinds": "assignment"}).json()["results"]

    assert (made.status_code, mine["pk"], mine["note"], mine["due"]) == (201, pk, "确认六位出行人", "2027-05-12")
    assert (unsaid.status_code, unsaid.json()["errors"]) == (400, {"answer": ["请写一句退回的原因，指派的人会看到。"]})
    assert (done.status_code, done.json()["state"], again.status_code) == (200, "done", 400)
    assert [(one["deed"], one["by"], one["note"]) for one in told] == [
        ("done", "李思源", "都确认了"), ("assigned", "周敏", "确认六位出行人"),
    ]  # fmt: skip
    assert client.get(f"{root}/assignments").json()["results"] == []
    stranger = sign_in(Client(), member_factory("sales", name="陌生人"))
    assert post(stranger, f"{root}/assignments", {"member": seller.pk}).status_code == 404
    assert post(his, f"{root}/assignments", {"member": "李思源"}).status_code == 400
    assert post(his, f"{root}/assignments", {"member": seller.pk, "due": "明天"}).json()["errors"].keys() == {"due"}
    assert post(his, f"/api/v1/{CUSTOMERS}/999/assignments/{pk}", {"deed": "withdraw"}).status_code == 404
