"""Rules in forms: the page hears from the evaluator that judges the save."""

from __future__ import annotations

import pytest
from django.test import Client

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
