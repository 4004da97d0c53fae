"""The company alpha with the test plugin: projects with tasks (amounts) that point to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kezhou.access.actor import System
from kezhou.records import custom
from tenants.context import Current

PROJECT, TASK = "testplugin.project", "testplugin.task"

Add = Callable[..., str]


@pytest.fixture
def system() -> System:
    """The all-seeing actor."""
    return System("tests of derived fields")


@pytest.fixture
def projects(in_alpha: Current, plugins_on: Callable[..., None]) -> None:
    """alpha with the test plugin on."""
    plugins_on("testplugin")


@pytest.fixture
def add(system: System, projects: None) -> Add:
    """``add("formula", type=PROJECT, formula="…", result="money")`` makes a derived field; its key."""

    def make(kind: str, *, type: str = PROJECT, label: str = "", **rules: Any) -> str:
        return custom.add_field(system, type, label=label or f"{kind}字段", kind=kind, rules=rules).key

    return make
