"""Whatever one company sets, not a row of another company changes (PLT-10)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import nullcontext

import pytest
from django.db import connection
from django.test import Client

from kezhou import records, switching
from kezhou.access.actor import System
from kezhou.access.roles import role_pk
from kezhou.records import custom
from kezhou.testing.access import MemberFactory, SignIn
from tenants.context import Current, current_or_none, tenant
from tenants.directory import find_by_slug

TYPE = "customers.customer"


def rows_of(place: Current) -> dict[str, str]:
    """A fingerprint of every table of the company's schema, whatever tables there are."""
    here = current_or_none()
    found = {}
    with nullcontext() if here and here.pk == place.pk else tenant(place), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1")
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT string_agg(t::text, '|' ORDER BY t::text) FROM \"{table}\" t")
            found[table] = hashlib.sha256((cursor.fetchone()[0] or "").encode()).hexdigest()
    return found


@pytest.fixture
def both(alpha: Current, beta: Current, plugins_on: Callable[..., None]) -> tuple[Current, Current]:
    for place in (alpha, beta):
        with tenant(place):
            plugins_on("customers")
    first, second = find_by_slug("alpha"), find_by_slug("beta")
    assert first is not None
    assert second is not None
    return first, second


def changes(client: Client, actor: System) -> Iterator[str]:
    """Every kind of setting that a company has, changed one after the other by its pages or functions."""
    made = custom.add_field(actor, TYPE, label="品牌等级", kind="choice", options=[{"label": "金牌"}])
    yield "own field"
    custom.hide_field(actor, TYPE, made.key)
    yield "hidden field"
    client.post("/settings/dictionaries/customers.category", {"do": "save", "label": "白金客户", "hue": "violet"})
    yield "dictionary"
    client.post(f"/r/{TYPE}/columns", {"columns": ["name", "city"], "as": "mine"})
    yield "columns of a list"
    client.post("/settings/roles/new", {"name": "值班"})
    yield "role"
    client.post(f"/settings/roles/{role_pk('sales')}", {f"{TYPE}:delete": "own"})
    yield "cell of a role"
    client.post("/settings/departments/save", {"name": "夜班组"})
    yield "department"
    client.post("/settings/company", {"name": "甲方新名旅行社", "seal": "新", "timezone": "Asia/Urumqi"})
    yield "company"
    client.post("/preferences", {"theme": "dark"})
    yield "preference"
    records.save(actor, TYPE, [{"name": "编号用掉一个"}]).demand()
    yield "number"
    switching.switch_on(actor, ("sales",))
    yield "plugin"


@pytest.mark.req("PLT-10")
def test_no_setting_of_one_company_touches_a_row_of_the_other(
    both: tuple[Current, Current], member_factory: MemberFactory, sign_in: SignIn
) -> None:
    alpha, beta = both
    with tenant(alpha):
        client = sign_in(Client(), member_factory("admin", name="周敏"))
    untouched, plugins = rows_of(beta), find_by_slug("beta").plugins  # type: ignore[union-attr]
    changed, silent = rows_of(alpha), []

    def each() -> Iterator[str]:
        place = find_by_slug("alpha")
        assert place is not None
        with tenant(place):
            yield from changes(client, System("settings apart"))

    for kind in each():
        now = rows_of(alpha)
        silent += [kind] if now == changed else []
        changed = now

    assert silent == ["company"]  # it stands in the registry of companies
    names = [find_by_slug(slug).name for slug in ("alpha", "beta")]  # type: ignore[union-attr]
    assert names == ["甲方新名旅行社", beta.name]
    assert rows_of(beta) == untouched
    assert find_by_slug("beta").plugins == plugins  # type: ignore[union-attr]
