"""The editor's pages without a browser: what they hold, what they save, and how they refuse."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from kezhou.access.models import Role, RoleField
from kezhou.records import custom, shape
from kezhou.records.layouts import layout_for, storing
from kezhou.testing.access import MemberFactory, Person, SignIn
from tests.layouts.conftest import CUSTOMERS, Arrange
from tests.layouts.test_resolving import first, page

FORM = f"/settings/layouts/{CUSTOMERS}/form"


def send(client: Client, address: str, content: object, version: object = 0, **more: str) -> tuple[int, dict[str, Any]]:
    answer = client.post(address, {"content": json.dumps(content), "version": str(version), **more})
    return answer.status_code, json.loads(answer.content)


@pytest.mark.parametrize("kind", ["form", "detail", "columns", "quick", "related"])
def test_every_kind_opens_with_what_is_in_force(kind: str, admin: Client) -> None:
    shown = admin.get(f"/settings/layouts/{CUSTOMERS}/{kind}")

    assert shown.status_code == 200
    assert "还没有人排过，现在是出厂的样子" in shown.content.decode()
    assert shown.context["data"]["version"] == 0


def test_saving_acts_with_the_next_request(admin: Client, colleague: Client) -> None:
    status, now = send(admin, f"{FORM}?role=sales", page("name", title="销售要填的"))

    assert (status, now["origin"]) == (200, "这一份是专门排的")
    assert "销售要填的" in colleague.get(f"/r/{CUSTOMERS}/new").content.decode()
    assert "销售要填的" not in admin.get(f"/r/{CUSTOMERS}/new").content.decode()
    assert "销售 · 所有分类" in admin.get("/settings/layouts").content.decode()


def test_another_audience_starts_from_what_stands_behind_it(arrange: Arrange, admin: Client) -> None:
    arrange("form", page("name", title="所有人的"))

    shown = admin.get(f"{FORM}?role=sales&class=vip")

    assert "沿用“所有人 · 所有分类”的样子" in shown.content.decode()
    assert shown.context["data"]["content"]["tabs"][0]["sections"][0]["title"] == "所有人的"
    assert shown.context["data"]["own"] is False


def test_the_second_of_two_gets_what_stands_now_and_what_changed(admin: Client, arrange: Arrange, boss: Person) -> None:
    arrange("form", page("name", "phone", title="对方的", columns=3))

    status, told = send(admin, FORM, page("name", title="我的"))

    assert status == 409
    assert told["sentence"] == "你打开以后，周敏 保存了自己的改动。你的改动还在这里，没有保存。"
    assert "加了“对方的”一段" in told["changes"]
    assert told["content"]["tabs"][0]["sections"][0]["title"] == "对方的"
    status, _now = send(admin, FORM, page("name", title="我的"), told["version"])
    assert status == 200
    assert first(layout_for(boss.actor, CUSTOMERS))[0] == "我的"


def test_the_history_tells_who_changed_what(admin: Client, boss: Person) -> None:
    _status, now = send(admin, FORM, page("name", "phone", key="a"))
    _status, now = send(admin, FORM, page("phone", "name", key="a", columns=1, hidden=("fax",)), now["version"])
    send(admin, FORM, "", now["version"], do="reset")

    shown = admin.get(FORM)

    changes = [(entry["name"], entry["reset"], entry["changes"]) for entry in shown.context["history"]]
    assert changes[0][:2] == ("周敏", True)
    assert changes[1] == ("周敏", False, ("“要紧的”改为 1 列", "“传真”移出了页面", "字段的顺序变了"))
    assert layout_for(boss.actor, CUSTOMERS).form[0].sections[0].key == "d1"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "版式读不懂，可能传输中断了。你的改动还在这里，请再保存一次。"),
        ("[]", "版式读不懂：应是一个对象。请刷新这一页再试。"),
        (json.dumps(page("name", title="")), "标题要有 1 到 40 个字，现在是 0 个。"),
        (" " * 200_001, "版式太大了：最多 200,000 个字符。"),
        ('{"tabs": [{"title": "\\u0000", "sections": []}]}', "标题要有 1 到 40 个字，现在是 0 个。"),
    ],
)
def test_bad_input_is_told_in_its_place(content: str, sentence: str, admin: Client) -> None:
    answer = admin.post(FORM, {"content": content, "version": "0"})

    assert (answer.status_code, json.loads(answer.content)["sentence"]) == (422, sentence)


@pytest.mark.parametrize("version", ["", "-1", "１", "9" * 30, "x"])
def test_a_version_that_is_none_is_a_conflict_not_a_crash(version: str, admin: Client) -> None:
    status, told = send(admin, FORM, page("name"), version)

    assert (status, told["version"]) == (409, 0)


def test_what_does_not_exist_leads_back(admin: Client) -> None:
    assert admin.get(f"/settings/layouts/{CUSTOMERS}/nonsense")["Location"] == FORM
    assert admin.get(f"{FORM}?role=nobody")["Location"] == FORM
    assert admin.get(f"{FORM}?class=nothing")["Location"] == FORM
    assert admin.get("/settings/layouts/no.type/form").status_code == 404
    assert admin.get(f"/settings/layouts/{CUSTOMERS}")["Location"] == FORM


def test_only_administrators_arrange(colleague: Client, boss: Person) -> None:
    assert colleague.get(FORM).status_code == 403
    assert colleague.post(FORM, {"content": json.dumps(page("name")), "version": "0"}).status_code == 403
    assert storing.filled(boss.actor, CUSTOMERS) == frozenset()


def test_the_preview_is_cut_to_the_persons_rights(admin: Client, seller: Person, boss: Person) -> None:
    RoleField.objects.create(role=Role.objects.get(key="sales"), type=CUSTOMERS, field="phone", level="hide")
    shape.bump()
    content = json.dumps(page("name", "phone", title="看看"))

    theirs = admin.post(f"{FORM}/preview", {"content": content, "person": str(seller.pk)}).content.decode()
    mine = admin.post(f"{FORM}/preview", {"content": content, "person": str(boss.pk)}).content.decode()
    nobody = admin.post(f"{FORM}/preview", {"content": content, "person": "99999"}).content.decode()

    assert ('data-shot="phone"' in theirs, 'data-shot="name"' in theirs) == (False, True)
    assert 'data-shot="phone"' in mine
    assert "这个人看不到客户" in nobody


def test_a_field_of_one_class_is_marked_on_the_canvas(admin: Client, boss: Person) -> None:
    custom.add_field(boss.actor, CUSTOMERS, label="会员卡号", kind="text", classes=["vip"])

    assert 'data-classes="VIP客户"' in admin.get(FORM).content.decode()


def test_a_role_that_is_gone_takes_its_arrangement_out_of_sight(
    arrange: Arrange, admin: Client, member_factory: MemberFactory, sign_in: SignIn
) -> None:
    arrange("form", page("name"), role="service")
    Role.objects.filter(key="service").update(key="gone")

    assert admin.get("/settings/layouts").status_code == 200
    assert "gone" not in admin.get("/settings/layouts").content.decode()
