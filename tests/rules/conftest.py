"""The company alpha with the test plugin, and a way to make rules for its projects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kezhou.access.actor import System
from kezhou.records.rules import keeping
from kezhou.records.rules.declared import Effect
from tenants.context import Current

PROJECT = "testplugin.project"
Make = Callable[..., int]


@pytest.fixture
def system() -> System:
    """The all-seeing actor."""
    return System("tests of rules")


@pytest.fixture
def make_rule(system: System, in_alpha: Current, plugins_on: Callable[..., None]) -> Make:
    """``make_rule(["kind", "eq", "big"], require("budget"))`` makes a rule for projects; its key."""
    plugins_on("testplugin")

    def make(when: Any, *effects: Effect, title: str = "规则", **how: Any) -> int:
        kept = keeping.keep(system, PROJECT, title=title, when=when, effects=effects, **how)
        assert kept.rule.pk is not None
        return kept.rule.pk

    return make
