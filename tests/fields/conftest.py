"""One field spec per call, with the rules that the test wants."""

from datetime import date
from typing import Any

import pytest

from kezhou.records.fields import Context, Format, field_types
from kezhou.records.spec import FieldSpec, OptionSpec

OPTIONS = (
    OptionSpec("company", "企业客户", "blue", aliases=("公司", "单位客户")),
    OptionSpec("vip", "VIP客户", "violet"),
    OptionSpec("old", "老分类", "grey", enabled=False),
    OptionSpec("older", "更老的", "grey", enabled=False, parent="old", depth=1),
)


def make(kind: str, **facts: Any) -> FieldSpec:
    """A field of this type named 字段; choices come with the options company, vip and the disabled old with older below it."""
    if kind in {"choice", "multi_choice"}:
        facts.setdefault("options", OPTIONS)
    if kind == "link" or field_types()[kind].target:
        facts.setdefault("target", field_types()[kind].target or "customers.customer")
    return FieldSpec(key=facts.pop("key", "c_1"), type=kind, label="字段", **facts)


@pytest.fixture
def context() -> Context:
    def resolve(target: str, texts: Any) -> dict[str, int]:
        known = {("core.member", "周敏"): 7, ("customers.customer", "川西能源集团有限公司"): 42}
        return {text: known[target, text] for text in texts if (target, text) in known}

    return Context(resolve=resolve)


@pytest.fixture
def fmt() -> Format:
    return Format(
        today=date(2026, 6, 1), titles={("core.member", 7): "周敏", ("customers.customer", 42): "川西能源集团有限公司"}
    )
