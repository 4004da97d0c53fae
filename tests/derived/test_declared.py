"""Computed columns and rules that a plugin declares: they work like those made by administrators, and wrong ones stop the start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from kezhou import records
from kezhou.access.actor import System
from kezhou.records import soundness
from kezhou.records.derived.declared import Formula, Lookup, Rollup
from kezhou.records.registry import registered
from kezhou.records.rules.declared import Effect, Rule
from kezhou.records.types import DeclarationError
from tenants.context import Current

QUOTE, LINE = "testplugin.quote", "testplugin.quoteline"


@pytest.mark.req("FLD-01", part="formula, look-up and roll-up declared by a plugin")
def test_declared_columns_follow_lines_and_links(in_alpha: Current, plugins_on: Callable[..., None]) -> None:
    plugins_on("testplugin")
    system = System("tests of declared columns")
    customer = records.save(system, "customers.customer", [{"name": "甲公司", "phone": "13812345678"}]).demand().pk
    items = [{"name": "机票", "quantity": 2, "price": "800"}, {"name": "酒店", "quantity": 3, "price": "300.5"}]
    pk = (
        records.save(system, QUOTE, [{"name": "甲", "customer": customer, "discount": 100, "items": items}]).demand().pk
    )

    made = records.get(system, QUOTE, pk).values
    too_much = records.save(system, QUOTE, [{"pk": pk, "discount": 3000}])
    written = records.save(system, QUOTE, [{"pk": pk, "total": 1}])

    assert (made["phone"], made["total"], made["due"]) == ("13812345678", Decimal("2501.50"), Decimal("2401.50"))
    lines = records.page(system, LINE, records.ListRequest(columns=("amount",), sort=("amount",)))
    assert [row.values[0] for row in lines] == [Decimal("901.50"), Decimal("1600.00")]
    assert [(p.field, p.sentence) for p in too_much.problems] == [("discount", "优惠不能超过合计。")]
    assert [p.field for p in written.problems] == ["total"]
    assert records.get(system, QUOTE, pk).values["due"] == Decimal("2401.50")


WRONG: dict[str, tuple[str, Any, str]] = {
    "no such field": ("due", Formula("{totl} - 1"), "computes “due” in a way that cannot be"),
    "another kind": ("due", Formula("{name}"), "gives a text, which a money column cannot hold"),
    "a circle": ("due", Formula("{due} + 1"), "computes “due” in a way that cannot be"),
    "no link": ("phone", Lookup("name", "phone"), "computes “phone” in a way that cannot be"),
    "points elsewhere": ("total", Rollup("testplugin.orderline", "order", "sum", "price"), "computes “due” in a way"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_column_stops_the_start(name: str) -> None:
    key, how, told = WRONG[name]
    spec = registered()[QUOTE]
    fields = tuple(replace(field, derived=how) if field.key == key else field for field in spec.fields)

    with pytest.raises(DeclarationError, match=told):
        soundness.demand({**registered(), QUOTE: replace(spec, fields=fields)})


RULES: dict[str, tuple[Any, tuple[Effect, ...], str]] = {
    "no such field": (["nothing", "eq", 1], (Effect("hide", ("reason",)),), "asks for “nothing”"),
    "no such effect": (["name", "eq", "x"], (Effect("paint", ("reason",)),), "wants “paint”"),
    "nobody enters it": (["name", "eq", "x"], (Effect("require", ("due",)),), "“due”, which nobody enters"),
    "nothing left": (["name", "eq", "x"], (Effect("options", ("reason",)),), "leaves nothing to choose"),
    "always refused": ((), (Effect("refuse", (), message="不行。"),), "refuses without a condition"),
}


@pytest.mark.parametrize("name", RULES)
def test_a_wrong_rule_stops_the_start(name: str) -> None:
    when, effects, told = RULES[name]
    spec = replace(registered()[QUOTE], rules=(Rule("规则", when, effects),))

    with pytest.raises(DeclarationError, match=told):
        soundness.demand({**registered(), QUOTE: spec})
