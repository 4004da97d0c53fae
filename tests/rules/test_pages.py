"""Rules in forms: the page hears from the evaluator that judges the save."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kezhou import records
from kezhou.access.actor import System
from kezhou.records.rules.declared import options, readonly, refuse, require, show
from kezhou.testing.access import MemberFactory, SignIn
from tests.rules.conftest import PROJECT, Make

STATES = f"/r/{PROJECT}/rules"


@pytest.fixture
def client(make_rule: Make, member_factory: MemberFactory, sign_in: SignIn) -> Client:
    return sign_in(Client(), member_factory("admin"))


@pytest.mark.req("FLD-08", part="the form")
def test_a_form_is_told_what_the_rules_say(client: Client, system: System, make_rule: Make) -> None:
    make_rule(["kind", "eq", "big"], show("budget"), require("budget people"), title="大项目")
    make_rule(["urgent", "eq", True], options("tags", "air"), readonly("people"), refuse("加急不行。"), title="加急")
    pk = records.save(system, PROJECT, [{"name": "甲", "urgent": True}], source="system").pk

    small = client.post(STATES, {"name": "甲", "kind": "small"}).json()
    big = client.post(STATES, {"name": "甲", "kind": "big", "budget": "不是数"}).json()
    saved = client.post(STATES, {"pk": pk, "name": "甲"}).json()

    nothing = {"hidden": ["budget"], "required": [], "readonly": {}, "options": {}, "problems": []}
    assert small == nothing
    assert big == {**nothing, "hidden": [], "required": ["budget", "people"]}
    assert saved == {
        **nothing, "readonly": {"people": "由规则“加急”锁定"}, "options": {"tags": ["air"]},
        "problems": [["", "加急不行。"]],
    }  # fmt: skip


def test_the_form_begins_as_the_rules_say(client: Client, make_rule: Make) -> None:
    make_rule(["kind", "eq", "big"], show("budget"))

    new = client.get(f"/r/{PROJECT}/new").content.decode()
    asked = client.get(f"/r/{PROJECT}/new?kind=big").content.decode()
    quick = client.get(f"/quick/{PROJECT}", headers={"HX-Request": "true"}).content.decode()

    assert f'data-rules="{STATES}"' in new
    assert "{&quot;hidden&quot;:[&quot;budget&quot;]" in new
    assert "{&quot;hidden&quot;:[]" in asked
    assert "{&quot;hidden&quot;:[&quot;budget&quot;]" in quick


def test_without_rules_nothing_is_asked(client: Client) -> None:
    assert "data-rules" not in client.get(f"/r/{PROJECT}/new").content.decode()


@pytest.mark.parametrize("pk", ["999999999", "9" * 30, "x", "-1", "1; DROP"])
def test_a_record_that_is_not_there(client: Client, make_rule: Make, pk: str) -> None:
    make_rule(["kind", "eq", "big"], require("budget"))

    assert client.post(STATES, {"pk": pk}).status_code == (404 if pk == "999999999" else 200)


@pytest.mark.req("FLD-08", part="the record page")
def test_the_record_page_follows_the_rules(client: Client, system: System, make_rule: Make) -> None:
    make_rule(["kind", "eq", "big"], show("budget"), title="大项目")
    make_rule(["urgent", "eq", True], options("tags", "air"), readonly("people"), title="加急")
    big, small = records.save(
        system, PROJECT,
        [{"name": "甲", "kind": "big", "budget": "88", "people": 3}, {"name": "乙", "kind": "small", "budget": "77", "urgent": True}],
        source="system",
    ).pks  # fmt: skip
    hx = {"HX-Request": "true"}

    free = client.get(f"/r/{PROJECT}/{big}").content.decode()
    held = client.get(f"/r/{PROJECT}/{small}").content.decode()
    inline = f"/r/{PROJECT}/{small}/field"
    hidden = client.get(f"{inline}/budget", headers=hx)
    locked = client.post(f"{inline}/people", {"people": "9"}, headers=hx)
    tags = client.get(f"{inline}/tags", headers=hx).content.decode()

    assert f'data-inline="/r/{PROJECT}/{big}/field/budget"' in free
    assert f'data-inline="/r/{PROJECT}/{big}/field/people"' in free
    assert "88" in free
    assert "/field/budget" not in held
    assert "77.00" not in held
    assert f'data-inline="{inline}/people"' not in held
    assert 'title="由规则“加急”锁定"' in held
    assert [unquote(answer["X-Kezhou-Message"]) for answer in (hidden, locked)] == [
        "“预算”按规则现在不显示，不能在这里改。", "由规则“加急”锁定",
    ]  # fmt: skip
    assert (hidden.status_code, locked.status_code) == (403, 403)
    assert 'value="air"' in tags
    assert 'value="hotel"' not in tags


def test_lines_come_and_go_with_an_inline_edit(client: Client, system: System, make_rule: Make) -> None:
    make_rule(["urgent", "eq", True], show("budget"))
    pk = records.save(system, PROJECT, [{"name": "甲"}], source="system").pk
    inline, hx = f"/r/{PROJECT}/{pk}/field", {"HX-Request": "true"}

    name = client.post(f"{inline}/name", {"name": "乙", "version": "1"}, headers=hx)
    urgent = client.post(f"{inline}/urgent", {"urgent": "true", "version": "2"}, headers=hx)

    assert "X-Kezhou-Fields" not in name
    assert urgent["X-Kezhou-Fields"] == "changed"
    assert f'data-inline="{inline}/budget"' in client.get(f"/r/{PROJECT}/{pk}").content.decode()


def test_rules_cost_a_record_page_one_statement(client: Client, system: System, make_rule: Make) -> None:
    pk = records.save(system, PROJECT, [{"name": "甲"}], source="system").pk
    client.get(f"/r/{PROJECT}/{pk}")
    with CaptureQueriesContext(connection) as plain:
        client.get(f"/r/{PROJECT}/{pk}")
    make_rule(["kind", "eq", "big"], show("budget"))
    client.get(f"/r/{PROJECT}/{pk}")

    with CaptureQueriesContext(connection) as ruled:
        client.get(f"/r/{PROJECT}/{pk}")

    assert len(ruled) == len(plain) + 1
