"""The shape of a type changes while people work (PLT-07): they stay signed in, and what they had open is saved."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from kezhou import records
from kezhou.records import custom
from kezhou.testing.access import Person
from tests.contract.forms import FormReader
from tests.web.conftest import CUSTOMERS, Customers

BrowserOf = Callable[[Person], Client]


def opened(client: Client, path: str) -> dict[str, list[str]]:
    """What a browser holds of the form of a page, as it would send it."""
    reader = FormReader("record-form")
    reader.feed(client.get(path).content.decode())
    given: dict[str, list[str]] = {}
    for name, value in reader.sent:
        given.setdefault(name, []).append(value)
    return given


@pytest.mark.req("PLT-07", part="open forms, signed in")
def test_forms_that_were_open_before_an_upgrade_are_saved_after_it(
    boss: Person, seller: Person, customers: Customers, browser_of: BrowserOf, plugins_on: Callable[..., None]
) -> None:
    (pk,) = customers(seller, "川西能源集团有限公司")
    removed = custom.add_field(boss.actor, CUSTOMERS, label="旧字段", kind="text")
    client = browser_of(seller)
    new, edit = opened(client, f"/r/{CUSTOMERS}/new"), opened(client, f"/r/{CUSTOMERS}/{pk}/edit")

    custom.hide_field(boss.actor, CUSTOMERS, removed.key)
    custom.add_field(boss.actor, CUSTOMERS, label="品牌等级", kind="choice", options=[{"label": "金牌"}])
    plugins_on("customers", "sales", "meetings")
    made = client.post(f"/r/{CUSTOMERS}/new", {**new, "name": "四川锦城水务", removed.key: "填过的"})
    changed = client.post(f"/r/{CUSTOMERS}/{pk}/edit", {**edit, "remark": "升级前填的", removed.key: "填过的"})

    assert (made.status_code, changed.status_code) == (302, 302)
    names = {row.name: row.remark for row in records.query(seller.actor, CUSTOMERS)}
    assert names == {"川西能源集团有限公司": "升级前填的", "四川锦城水务": ""}
    assert client.get(f"/r/{CUSTOMERS}/").status_code == 200
