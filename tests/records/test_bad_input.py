"""Whatever is thrown at a field of whatever type: a value or one sentence at the field, never an error of the program."""

from __future__ import annotations

import csv
from dataclasses import replace
from io import BytesIO, StringIO
from typing import Any

import orjson
import pytest
from django.test import Client
from django.utils.html import escape

from kezhou import files, records
from kezhou.access.actor import System
from kezhou.exchange import checking, imports, running
from kezhou.exchange.models import ImportRow
from kezhou.records import custom, shape
from kezhou.records.fields import field_types
from kezhou.records.spec import FilterError
from kezhou.testing.access import MemberFactory, SignIn
from tenants.context import current, renew

PROJECT = "testplugin.project"
HOSTILE: dict[str, Any] = {
    "too long": "长" * 30_000,
    "wrong": "这不是",
    "full width": "１２３ＡＢＣ：／－",
    "script": "<script>alert(1)</script>",
    "formula": "=cmd()",
    "nul": "a\x00b",
    "direction marks": "\u202eabc\u202d\u200b",
    "surrogate": "\ud800",
    "emoji": "👍🏽" * 10,
    "huge number": "9" * 400,
    "beyond the database": 2**70,
    "infinite": "Infinity",
    "not a number": "NaN",
    "negative": -1,
    "true": True,
    "list": ["a", ["b"]],
    "object": {"a": {"b": 1}},
    "empty object": {},
    "old date": "0001-01-01",
    "no date": "2026-02-30 25:61",
    "sql": "'; DROP TABLE x; --",
    "path": "../../etc/passwd",
}
HOW: dict[str, dict[str, Any]] = {
    "choice": {"options": [{"label": "甲"}]},
    "multi_choice": {"options": [{"label": "甲"}]},
    "link": {"target": PROJECT},
}


@pytest.fixture
def keys(projects: None, system: System) -> dict[str, str]:
    """One own field of every type there is, whatever the plan allows."""
    renew(replace(current(), entitlements={**current().entitlements, "fields": 100}))
    return {
        kind: custom.add_field(system, PROJECT, label=f"字段{kind}", kind=kind, **HOW.get(kind, {})).key
        for kind in field_types()
    }


def fits(sentence: str) -> bool:
    return sentence.endswith("。") and len(sentence) < 200 and "<script" not in sentence.replace("“<script", "")


@pytest.mark.req("BAS-03", part="a sentence at the field, for every type")
@pytest.mark.parametrize("name", HOSTILE)
def test_every_type_takes_it_or_says_why_not(name: str, keys: dict[str, str], system: System) -> None:
    rows = [{"name": f"{kind}", key: HOSTILE[name]} for kind, key in keys.items()]

    result = records.save(system, PROJECT, rows, twins="allow", on_error="skip")

    told = {problem.position: problem for problem in result.problems}
    for position, (kind, key) in enumerate(keys.items()):
        if position in told:
            assert told[position].field == key, kind
            assert fits(told[position].sentence), (kind, told[position].sentence)
    kept = records.get_many(system, PROJECT, [item.pk for item in result.saved])
    for entry in kept.values():
        assert all(entry.text(key) is not None and "\x00" not in entry.text(key) for key in keys.values())
        assert "<script>" not in "".join(str(entry.cell(key)) for key in keys.values())
    if name not in {"wrong", "nul", "huge number", "list", "object", "direction marks"}:
        return
    filters = [(kind, key, operator) for kind, key in keys.items() for operator in field_types()[kind].operator_keys]
    for kind, key, operator in filters:
        refused = why_not(system, [key, operator, HOSTILE[name]])
        assert refused == "" or refused.endswith("。"), (kind, operator, refused)


def why_not(system: System, tree: list[Any]) -> str:
    try:
        records.count(system, PROJECT, records.ListRequest(filter=tree))
    except FilterError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", ["too long", "formula", "nul", "direction marks", "object"])
def test_through_the_api_it_is_the_same(
    name: str, keys: dict[str, str], member_factory: MemberFactory, sign_in: SignIn
) -> None:
    client = sign_in(Client(), member_factory("admin"))
    body = orjson.dumps({"name": "甲", **dict.fromkeys(keys.values(), HOSTILE[name])})

    answer = client.post(f"/api/v1/{PROJECT}/", body, content_type="application/json")

    assert answer.status_code == 400
    told = answer.json()["errors"]
    assert set(told) <= set(keys.values())
    assert all(fits(sentence) for sentences in told.values() for sentence in sentences)
    assert {keys["number"], keys["date"], keys["link"], keys["identity_card"]} <= set(told)


@pytest.mark.parametrize("name", ["wrong", "script", "formula"])
def test_through_the_form_nothing_typed_is_lost(
    name: str, keys: dict[str, str], member_factory: MemberFactory, sign_in: SignIn
) -> None:
    client = sign_in(Client(), member_factory("admin"))

    answer = client.post(f"/r/{PROJECT}/new", {"name": "甲", **dict.fromkeys(keys.values(), HOSTILE[name])})

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "<script>alert" not in text
    for kind in ("text", "number", "date", "email", "phone", "identity_card"):
        assert f'value="{escape(HOSTILE[name])}"' in text, kind


def test_a_field_that_was_removed_meanwhile_is_told(
    projects: None, system: System, member_factory: MemberFactory, sign_in: SignIn
) -> None:
    key = custom.add_field(system, PROJECT, label="旧字段", kind="text").key
    client = sign_in(Client(), member_factory("admin"))
    assert f'name="{key}"' in client.get(f"/r/{PROJECT}/new").content.decode()
    custom.hide_field(system, PROJECT, key)

    by_api = client.post(
        f"/api/v1/{PROJECT}/", orjson.dumps({"name": "甲", key: "值"}), content_type="application/json"
    )

    assert by_api.status_code == 400
    assert by_api.json()["errors"] == {key: ["没有这个可写的字段。"]}


@pytest.mark.req("BAS-03", part="import: a sentence at the cell, for every type")
def test_through_an_import_every_cell_is_taken_or_told_at_its_place(
    keys: dict[str, str], member_factory: MemberFactory, system: System
) -> None:
    boss = shape.unversioned(member_factory("admin").actor)
    kinds = [kind for kind in keys if field_types()[kind].importable]
    texts = {name: value for name, value in HOSTILE.items() if isinstance(value, str) and value.isprintable()}
    texts |= {"lines": "一\n二", "tab": "一\t二", "number": "-1", "cents": "1.005", "percent": "３００％"}
    target = StringIO()
    writer = csv.writer(target)
    writer.writerow(["项目名称", *(f"字段{kind}" for kind in kinds)])
    writer.writerows(
        [f"{name}{kind}", *("" if each != kind else text for each in kinds)]
        for name, text in texts.items()
        for kind in kinds
    )
    upload = files.store(boss, "乱.csv", BytesIO(target.getvalue().encode()), purpose="import")
    batch = imports.begin(boss, upload, type_key=PROJECT)

    for run in (checking.run_check, running.run_import):
        run(boss, batch, lambda done, total, message: None)

        wrong = list(ImportRow.objects.filter(batch=batch, kind="wrong"))
        counts = batch.counts
        assert counts["new"] + counts["wrong"] + counts["twin"] == len(texts) * len(kinds)
        for row in wrong:
            kind = kinds[(row.row - 2) % len(kinds)]
            for column, sentence in row.problems:
                assert (column, fits(sentence)) == (1 + kinds.index(kind), True), (kind, row.cells, row.problems)
    assert records.count(system, PROJECT, records.ListRequest()) == batch.counts["new"]
    told = {kinds[(row.row - 2) % len(kinds)] for row in wrong}
    assert {
        "number",
        "money",
        "percent",
        "date",
        "datetime",
        "time",
        "choice",
        "link",
        "member",
        "email",
        "phone",
        "region",
    } <= told
