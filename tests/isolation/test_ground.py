"""Where a test finds plugins on, it is as if the test had switched them on itself; and nothing of it stays behind."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection

from kezhou import records
from kezhou.access.actor import System
from kezhou.switching import switch_on
from tenants.context import Current, current, tenant

TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY 1"


def content() -> list[tuple[str, int]]:
    """How many rows each table of the entered company has."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        names = [name for (name,) in cursor.fetchall()]
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}', count(*) FROM \"{name}\"" for name in names))
        return sorted(cursor.fetchall())  # a parallel plan answers in any order


@pytest.mark.parametrize("turn", [1, 2])
def test_plugins_that_were_on_are_as_those_switched_on_here(
    alpha: Current, beta: Current, plugins_on: Callable[..., None], turn: int
) -> None:
    system, home = System("a test of the harness"), connection.settings_dict["NAME"]
    with tenant(alpha):
        before = current().plugins

        plugins_on("customers", "sales")

        found, on, types = content(), current().plugins, set(records.types(system))
    with tenant(beta):
        switch_on(system, ["customers", "sales"])

        assert (content(), current().plugins, set(records.types(system))) == (found, on, types)
    assert before == frozenset()
    assert on == {"customers", "sales"}
    assert connection.settings_dict["NAME"] != home


def test_who_wrote_already_goes_on_where_it_is(in_alpha: Current, plugins_on: Callable[..., None]) -> None:
    home = connection.settings_dict["NAME"]
    pk = records.save(System("a test of the harness"), "core.department", [{"name": "华西事业部"}]).pk

    plugins_on("customers")

    assert current().plugins == {"customers"}
    assert connection.settings_dict["NAME"] == home
    assert records.get(System("a test of the harness"), "core.department", pk).title == "华西事业部"
