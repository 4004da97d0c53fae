"""The command palette: what can be done here, records looked at lately, views and settings; only what this person may."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from kezhou import records
from kezhou.records import views
from kezhou.records.views.state import ViewState
from kezhou.testing.access import MemberFactory, Person
from tests.web.conftest import CUSTOMERS, Customers

BrowserOf = Callable[[Person], Client]


def palette(client: Client, text: str = "", **given: str) -> str:
    """The content for what was typed."""
    return client.get("/palette", {"results": "1", "q": text, **given}).content.decode()


def test_it_offers_what_can_be_done_with_the_record_on_view(
    boss: Person, seller: Person, customers: Customers, browser_of: BrowserOf
) -> None:
    (pk,) = customers(boss, "川西能源集团有限公司")
    at = f"/r/{CUSTOMERS}/{pk}"

    whole = palette(browser_of(boss), at=at)
    by_initials = palette(browser_of(boss), ">zpkh", at=at)
    stranger = palette(browser_of(seller), at=at)

    assert [f"{at}/{deed}" in whole for deed in ("edit", "assign", "delete", "history")] == [True] * 4
    assert (f"{at}/assign" in by_initials, f"{at}/edit" in by_initials) == (True, False)
    assert (at in stranger, "川西能源" in stranger) == (False, False)
    assert palette(browser_of(boss), at="/no/such/page") != ""


def test_a_reader_is_offered_no_change(
    boss: Person, customers: Customers, member_factory: MemberFactory, browser_of: BrowserOf
) -> None:
    reader = member_factory("reader", name="只读")
    (pk,) = customers(boss, "川西能源集团有限公司")
    at = f"/r/{CUSTOMERS}/{pk}"

    html = palette(browser_of(reader), at=at)

    assert f"{at}/history" in html
    assert [f"{at}/{deed}" in html for deed in ("edit", "assign", "delete")] == [False] * 3


def test_ways_of_states_are_offered_as_far_as_they_can_be_gone(
    boss: Person, customers: Customers, browser_of: BrowserOf
) -> None:
    (customer,) = customers(boss, "川西能源集团有限公司")
    saved = records.save(boss.actor, "sales.opportunity", [{"name": "年度差旅", "customer": customer}]).demand()
    entry = records.get(boss.actor, "sales.opportunity", saved.pk)

    html = palette(browser_of(boss), at=f"/r/sales.opportunity/{saved.pk}")

    for way in records.moves(boss.actor, "sales.opportunity", entry):
        assert (f"/move/{way.target}" in html) == way.allowed


def test_records_looked_at_lately_are_named_by_todays_rights(
    boss: Person, seller: Person, customers: Customers, browser_of: BrowserOf
) -> None:
    (mine,), (other,) = customers(seller, "云岭数联科技"), customers(boss, "天府沐光律师事务所")
    given = f"{CUSTOMERS}:{mine},{CUSTOMERS}:{other},no.such:1,{CUSTOMERS}:x,;drop"

    html = palette(browser_of(seller), seen=given)

    assert ("云岭数联科技" in html, "天府沐光" in html) == (True, False)


@pytest.mark.parametrize(("who", "found"), [("boss", True), ("seller", False)])
def test_settings_are_found_by_administrators_only(
    who: str, found: bool, boss: Person, seller: Person, browser_of: BrowserOf
) -> None:
    person = {"boss": boss, "seller": seller}[who]

    assert ("/settings/roles" in palette(browser_of(person), "jsyqx")) == found


def test_saved_views_are_found_by_initials(boss: Person, seller: Person, browser_of: BrowserOf) -> None:
    view = views.save(boss.actor, CUSTOMERS, title="能源大客户", state=ViewState())

    assert f"view={view}" in palette(browser_of(boss), "nydkh")
    assert f"view={view}" not in palette(browser_of(seller), "nydkh")


@pytest.mark.parametrize(("text", "found"), [("", "0,1"), ("zy", "0"), (">gai", "1"), ("指", "")])
def test_what_ticked_rows_offer_is_found_by_pinyin_too(
    boss: Person, browser_of: BrowserOf, text: str, found: str
) -> None:
    html = browser_of(boss).get("/palette", {"results": "1", "q": text, "picked": ["转移", "改字段"]}).content.decode()

    assert f'data-palette-picked="{found}"' in html
