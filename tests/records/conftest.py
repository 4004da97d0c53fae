"""What the tests of the engine share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kezhou.access.actor import System
from kezhou.access.roles import seed
from kezhou.sdk.hooks import Grant, RoleSeed
from kezhou.testing.access import MemberFactory
from tenants.context import Current


@pytest.fixture
def system() -> System:
    """The all-seeing actor."""
    return System("tests of the engine")


@pytest.fixture
def projects(in_alpha: Current, plugins_on) -> None:  # type: ignore[no-untyped-def]
    """The company alpha with the test plugin on."""
    plugins_on("testplugin")


@pytest.fixture
def member_with(projects: None, member_factory: MemberFactory) -> Callable[..., Any]:
    """`member_with(Grant(…), name="我")`: the actor of a new member whose only role grants this."""

    def make(*grants: Grant, name: str = "成员") -> Any:
        key = f"role_{name}_{len(grants)}_{abs(hash((name, grants))) % 10_000}"
        seed([RoleSeed(key, name, list(grants))])
        return member_factory(key, name=name).actor

    return make
