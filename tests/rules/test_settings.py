"""The settings of rules and of computed fields, as an administrator uses them."""

from __future__ import annotations

from collections.abc import Callable

import orjson
import pytest
from django.test import Client

from kezhou import records
from kezhou.access.actor import System
from kezhou.jobs.models import Job
from kezhou.records import custom
from kezhou.records.rules import keeping
from kezhou.testing.access import MemberFactory, SignIn
from tests.rules.conftest import PROJECT, Make

RULES, COMPUTED = f"/settings/rules/{PROJECT}", f"/settings/computed/{PROJECT}"
BIG = orjson.dumps(["and", [["kind", "eq", "big"]]]).decode()


@pytest.fixture
def client(make_rule: Make, member_factory: MemberFactory, sign_in: SignIn) -> Client:
    return sign_in(Client(), member_factory("admin"))


@pytest.mark.req("FLD-08", part="made by an administrator")
def test_a_rule_is_made_tried_changed_and_deleted(client: Client, system: System) -> None:
    records.save(system, PROJECT, [{"name": "川藏线", "kind": "big"}, {"name": "小团", "kind": "small"}]).demand()
    sent = {"rule": "new", "title": "大项目要预算", "when": BIG, "enabled": "1", "do-0": "require", "fields-0": ["budget"],
            "do-1": "options", "options-1": ["tags:air", "tags:car"]}  # fmt: skip

    tried = client.post(RULES, {**sent, "do": "try"}).content.decode()
    made = client.post(RULES, sent)
    (kept,) = keeping.kept(system, PROJECT)
    shown = client.get(RULES).content.decode()
    opened = client.get(f"{RULES}?rule={kept.rule.pk}").content.decode()

    assert "最近 2 条记录里，1 条符合条件。例如：川藏线。" in tried
    assert made.status_code == 302
    assert [(e.do, e.fields, e.options) for e in kept.rule.effects] == [
        ("require", ("budget",), ()), ("options", ("tags",), ("air", "car")),
    ]  # fmt: skip
    assert "预算必填；标签只能选：机票、用车" in shown
    assert "类别" in shown
    assert 'value="大项目要预算"' in opened
    client.post(RULES, {"rule": kept.rule.pk, "do": "off"})
    assert keeping.kept(system, PROJECT)[0].enabled is False
    client.post(RULES, {"rule": kept.rule.pk, "do": "delete"})
    assert keeping.kept(system, PROJECT) == ()


def test_a_refused_rule_keeps_what_was_typed(client: Client) -> None:
    sent = {"rule": "new", "title": "矛盾的", "when": BIG, "do-0": "require", "fields-0": ["budget"], "do-1": "hide",
            "fields-1": ["budget"]}  # fmt: skip

    refused = client.post(RULES, sent)

    assert refused.status_code == 422
    assert "“预算”既隐藏又必填，自相矛盾，请去掉一个。" in refused.content.decode()
    assert 'value="矛盾的"' in refused.content.decode()
    assert client.get(f"{RULES}?rule=999").status_code == 404


@pytest.mark.req("FLD-01", part="formula made by an administrator, with a live check and a preview")
def test_a_formula_is_made_checked_and_filled(
    client: Client, system: System, run_jobs: Callable[[], list[Job]]
) -> None:
    pk = records.save(system, PROJECT, [{"name": "川藏线", "budget": 1000, "people": 4}]).pk

    good = client.post(f"{COMPUTED}/check", {"formula": "{预算} / {人数}", "result": "money"}).json()
    bad = client.post(f"{COMPUTED}/check", {"formula": "{预算} / {人口}"}).json()
    refused = client.post(COMPUTED, {"key": "new", "kind": "formula", "label": "人均", "formula": "{预算"})
    made = client.post(
        COMPUTED, {"key": "new", "kind": "formula", "label": "人均", "formula": "{预算} / {人数}", "result": "money"}
    )
    waiting = client.get(COMPUTED).content.decode()
    run_jobs()
    done = client.get(COMPUTED).content.decode()
    (own,) = custom.fields(system, PROJECT)

    assert good == {"ok": True, "sentence": "“川藏线”算出来是：¥ 250", "result": "money"}
    assert (bad["ok"], bad["start"], bad["end"]) == (False, 7, 11)
    assert "没有字段“人口”" in bad["sentence"]
    assert (refused.status_code, "花括号没有配对" in refused.content.decode()) == (422, True)
    assert made.status_code == 302
    assert ("重算中" in waiting, "重算中" in done, "{预算} / {人数}" in done) == (True, False, True)
    assert records.get(system, PROJECT, pk).values[own.spec.key] == 250
    assert (
        client.get(f"/settings/fields/{PROJECT}?field={own.spec.key}")["Location"] == f"{COMPUTED}?field={own.spec.key}"
    )


@pytest.mark.req("FLD-01", part="look-up and roll-up made by an administrator")
def test_look_ups_and_roll_ups_are_made(client: Client, system: System) -> None:
    where = orjson.dumps(["and", [["amount", "gte", 10]]]).decode()

    rolled = client.post(
        COMPUTED, {"key": "new", "kind": "rollup", "label": "合计", "source": "testplugin.task:project", "function": "sum",
                   "field": "amount", "where": where}
    )  # fmt: skip
    looked = client.post(
        COMPUTED, {"key": "new", "kind": "lookup", "label": "客户名", "link": "customer", "field": "name", "open": "1",
                   "searchable": "1", "indexed": "1"}
    )  # fmt: skip
    total, name = (own.spec.key for own in custom.fields(system, PROJECT))
    pages = [client.get(f"{COMPUTED}?field={key}").content.decode() for key in (total, name)]

    assert (rolled.status_code, looked.status_code) == (302, 302)
    assert "测试任务 · 金额 · 合计" in pages[0]
    assert "[&quot;amount&quot;,&quot;gte&quot;,10]" in pages[0]
    assert "客户 → " in pages[1]
    assert [(own.spec.searchable, own.marked) for own in custom.fields(system, PROJECT)] == [
        (False, False),
        (True, True),
    ]
    pk = records.save(system, PROJECT, [{"name": "甲"}]).pk
    records.save(
        system, "testplugin.task", [{"name": f"{n}", "project": pk, "amount": n} for n in (5, 10, 20)]
    ).demand()
    assert records.get(system, PROJECT, pk).values[total] == 30
    client.post(COMPUTED, {"key": total, "kind": "rollup", "label": "合计", "do": "hide"})
    assert [own.hidden for own in custom.fields(system, PROJECT, hidden=True)] == [False, True]
