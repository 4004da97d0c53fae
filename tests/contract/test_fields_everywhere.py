"""Own fields of every type, and a rule of its own for numbers, on every record type there is (FLD-01, NUM-02)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.records import custom
from kezhou.records.fields import field_types
from kezhou.records.numbering import setting
from kezhou.records.numbering.rules import Part, Rule
from kezhou.testing import contract
from tenants.context import current, renew
from tests.contract.test_every_type import PLUGIN_KEYS, alone, boss, client, key, system

__all__ = ["alone", "boss", "client", "key", "system"]

HOW: dict[str, dict[str, Any]] = {
    "choice": {"options": [{"label": "甲"}, {"label": "乙"}]},
    "multi_choice": {"options": [{"label": "甲"}, {"label": "乙"}]},
    "link": {"target": "core.department"},
}


@pytest.mark.req("FLD-01")
@pytest.mark.parametrize("key", PLUGIN_KEYS, indirect=True)
def test_own_fields_of_every_type_with_label_help_and_rules(key: str, system: Actor, client: Client) -> None:
    renew(replace(current(), entitlements={**current().entitlements, "fields": 100}))
    made = {
        kind: custom.add_field(system, key, label=f"自建{kind}", help=f"说明{kind}", kind=kind, **HOW.get(kind, {})).key
        for kind in field_types()
    }
    code = custom.add_field(
        system, key, label="自建邮编", kind="text", required=True, unique=True,
        rules={"pattern": r"\d{6}", "pattern_hint": "请填 6 位数字", "default": "610000"},
    ).key  # fmt: skip
    nights = custom.add_field(
        system, key, label="晚数", kind="number", rules={"minimum": "1", "maximum": "30", "default": "2"}
    ).key
    custom.add_field(
        system, key, label="每晚", kind="formula", rules={"formula": f"{{{nights}}} * 100", "result": "money"}
    )
    values = {name: value for name, value in contract.sample(system, key).items() if name not in {code, nights}}

    pk = records.save(system, key, [values], twins="allow", source="system").demand().pk

    entry = records.get(system, key, pk)
    assert (entry.values[code], entry.values[nights]) == ("610000", 2)
    unfilled = {kind for kind, name in made.items() if entry.values[name] in (None, (), "")}
    assert unfilled <= {"file", "picture", "link", "department", "member", "region", "country", "passport"}
    again = contract.sample(system, key, 2)
    wrong = {
        "610000": ("“610000”", code), "61000": ("请填 6 位数字", code), "": ("请填写自建邮编。", code),
    }  # fmt: skip
    for given, (sentence, name) in wrong.items():
        refused = records.save(system, key, [{**again, code: given}], twins="allow", source="system")
        assert [(p.field, sentence in p.sentence) for p in refused.problems] == [(name, True)], refused.problems
    refused = records.save(system, key, [{**again, code: "610001", nights: 31}], twins="allow", source="system")
    assert [p.field for p in refused.problems] == [nights]
    if "update" in records.type_of(system, key).operations:
        form = client.get(f"/r/{key}/{pk}/edit").content.decode()
        assert all(f"自建{kind}" in form and f"说明{kind}" in form for kind in made)


@pytest.mark.req("NUM-02")
@pytest.mark.parametrize("key", PLUGIN_KEYS, indirect=True)
def test_every_type_that_has_numbers_has_its_own_rule(key: str, system: Actor) -> None:
    numbered = {spec.key for spec in setting.numberable(system)}
    if key not in numbered:
        assert records.type_of(system, key).parent is not None, "only lines go without numbers: they have their place"
        return
    setting.set_rule(system, key, Rule(parts=(Part("text", "甲-"), Part("serial", "3"))))
    other = next((name for name in sorted(numbered) if name != key), None)
    if other is not None:
        setting.set_rule(system, other, Rule(parts=(Part("text", "乙-"), Part("serial", "2"))))

    made = [records.get(system, key, pk).values["number"] for pk in contract.make(system, key, 2)]

    assert made == ["甲-001", "甲-002"]
    if other is not None:
        (pk,) = contract.make(system, other, 1)
        assert records.get(system, other, pk).values["number"].startswith("乙-")
