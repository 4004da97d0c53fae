"""What every kind of record has without a line of its own: timeline, comments, files, drafts, also by direct address."""

from __future__ import annotations

import io

import pytest
from django.test import Client

from kezhou import comments, drafts, records, timeline
from kezhou.access.actor import Actor
from kezhou.files import attachments
from kezhou.files.models import Attachment
from kezhou.testing import contract
from kezhou.testing.access import MemberFactory, Person, SignIn
from tests.contract.test_every_type import KEYS, alone, boss, client, key, system

__all__ = ["alone", "boss", "client", "key", "system"]


@pytest.fixture
def stranger(boss: Person, member_factory: MemberFactory, sign_in: SignIn) -> Client:
    """Somebody who may open no kind of record."""
    return sign_in(Client(), member_factory("", name="无角色", username="stranger"))


@pytest.mark.req("BAS-09", part="every type")
@pytest.mark.req("BAS-05", part="every type")
@pytest.mark.parametrize("key", KEYS, indirect=True)
def test_it_has_a_timeline_with_comments_and_files(key: str, system: Actor, boss: Person, client: Client) -> None:
    (pk,) = contract.make(system, key)
    page = f"/r/{key}/{pk}"

    said = client.post(f"{page}/comments", {"text": "看一下 @周敏"})
    loaded = client.generic(
        "POST", f"{page}/files/add", b"1", content_type="application/octet-stream", HTTP_X_FILE_NAME="a.txt"
    )

    may = "update" in records.type_of(boss.actor, key).operations
    assert (said.status_code, loaded.status_code) == (302, 201 if may else 403)
    entry = records.get(boss.actor, key, pk)
    kinds = [event.kind for event in timeline.of(boss.actor, entry).events]
    assert kinds == [*(["file"] if may else []), "comment", "change"]
    shown = client.get(page).content.decode()
    assert "看一下" in shown
    assert ("a.txt" in shown) is may


@pytest.mark.req("BAS-05", part="every type, direct address")
@pytest.mark.parametrize("key", KEYS, indirect=True)
def test_who_may_not_see_it_gets_neither_files_nor_comments(
    key: str, system: Actor, boss: Person, stranger: Client
) -> None:
    if "update" not in records.type_of(boss.actor, key).operations:
        return
    (pk,) = contract.make(system, key)
    file = attachments.attach(boss.actor, key, pk, "合同.txt", io.BytesIO(b"1")).pk
    said = comments.write(boss.actor, key, pk, "内部").pk
    page = f"/r/{key}/{pk}"

    for path in (
        "files",
        f"files/{file}",
        f"files/{file}/view",
        f"files/{file}/preview",
        "stream",
        f"comments/{said}",
    ):
        assert stranger.get(f"{page}/{path}").status_code in {403, 404}, path
    asked = {"record": f"{key}:{pk}", "version": 1, "seen": "2026-01-01T00:00:00+00:00"}
    told = stranger.post("/live", asked)
    assert told.status_code in {403, 404} or told.json()["record"] == {"gone": True, "line": ""}
    assert stranger.post(f"{page}/comments", {"text": "看看"}).status_code in {403, 404}
    assert stranger.post(f"{page}/files/{file}/change", {"do": "remove"}).status_code in {403, 404}
    assert stranger.get(f"/files/{Attachment.objects.get().file_id}").status_code == 404


@pytest.mark.req("BAS-06", part="every type")
@pytest.mark.parametrize("key", KEYS, indirect=True)
def test_its_form_keeps_a_draft_that_is_no_record(key: str, system: Actor, boss: Person, client: Client) -> None:
    spec = records.type_of(boss.actor, key)
    if "create" not in spec.operations:
        return
    before = records.count(boss.actor, key, records.ListRequest())

    kept = client.post(f"/drafts/{key}/new/0", {spec.title_field: "写到一半的记录"})
    offered = client.get(f"/r/{key}/new").content.decode()
    again = client.get(f"/r/{key}/new?draft=1")

    assert kept.status_code == 200
    assert "写到一半没有保存" in offered
    assert again.status_code == 200
    field = spec.by_key[spec.title_field]
    assert ("写到一半的记录" in again.content.decode()) is field.editable
    assert records.count(boss.actor, key, records.ListRequest()) == before
    assert [draft.type for draft in drafts.mine(boss.actor)] == [key]


@pytest.mark.parametrize("key", KEYS, indirect=True)
def test_its_page_takes_equally_many_statements_for_little_and_much(
    key: str, system: Actor, boss: Person, client: Client
) -> None:
    (pk,) = contract.make(system, key)
    page = f"/r/{key}/{pk}"
    comments.write(boss.actor, key, pk, "一")
    client.get(page)

    few = contract.statements(lambda: client.get(page))
    for number in range(12):
        comments.write(boss.actor, key, pk, f"第 {number} 句")
        records.save(system, key, [{"pk": pk, "remark": f"第 {number} 次"}], source="system").demand()
    client.get(page)  # departments raise the shape version: what is kept with it is read anew

    assert contract.statements(lambda: client.get(page)) == few
