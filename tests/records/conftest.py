"""What the tests of the engine share."""

from __future__ import annotations

import pytest

from kezhou.access.actor import System
from tenants.context import Current


@pytest.fixture
def system() -> System:
    """The all-seeing actor."""
    return System("tests of the engine")


@pytest.fixture
def projects(in_alpha: Current, plugins_on) -> None:  # type: ignore[no-untyped-def]
    """The company alpha with the test plugin on."""
    plugins_on("testplugin")
