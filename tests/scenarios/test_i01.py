"""Scenario I01: two companies sign up, each with its own field “brand class”, options and modules; neither sees the other."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from django.test import Client

from kezhou import records
from kezhou.access.actor import System
from kezhou.finding import SearchRequest, find
from kezhou.records import custom
from search import keeping
from search.engines import engine
from tenants import signups
from tenants.context import Current, tenant
from tenants.directory import find_by_slug
from tests.engines import both_engines
from tests.pages.conftest import finish_jobs

TYPE = "customers.customer"


def signed_up(
    monkeypatch: pytest.MonkeyPatch, slug: str, company: str, businesses: list[str]
) -> tuple[Current, Client]:
    """Sign up over the public site; the company and its administrator's browser."""
    codes: dict[str, str] = {}
    monkeypatch.setitem(signups._senders, "email", codes.__setitem__)
    site = Client(SERVER_NAME="localhost")
    address = f"{slug}@example.com"
    site.post("/signup", {"do": "send", "address": address})
    site.post("/signup", {"do": "verify", "address": address, "code": codes[address]})
    answer = site.post(
        "/signup/company",
        {
            "do": "open", "company": company, "slug": slug, "name": "周敏", "size": "21-50", "industry": "business_travel",
            "region": "四川", "password": f"Cheng-du-{slug}", "business": businesses, "consent": "1",
        },
    )  # fmt: skip
    assert answer.status_code == 302, answer.content.decode()[:2000]
    place = find_by_slug(slug)
    assert place is not None
    finish_jobs(place)
    client = Client(SERVER_NAME=f"{slug}.localhost")
    client.get(answer["Location"].partition(":8000")[2])
    fresh = find_by_slug(slug)
    assert fresh is not None
    return fresh, client


@both_engines
@pytest.mark.committed
@pytest.mark.req("PLT-10", part="fields, options, plugins, menus")
@pytest.mark.req("TEN-01", part="I01")
def test_two_companies_shape_their_records_apart(
    database: None,
    monkeypatch: pytest.MonkeyPatch,
    search_folder: Path,
) -> None:
    _first, one = signed_up(monkeypatch, "jincheng", "锦城商旅服务有限公司", ["air", "hotel"])
    second, two = signed_up(monkeypatch, "yunling", "云岭会展有限公司", [])
    system = System("I01")
    with tenant(second):
        from kezhou.switching import switch_on

        switch_on(system, ("customers",))
    fields = {}
    for slug, options in (("jincheng", ("金牌", "银牌")), ("yunling", ("甲级", "乙级", "丙级"))):
        place = find_by_slug(slug)
        assert place is not None
        with tenant(place):
            made = custom.add_field(
                system,
                TYPE,
                label="品牌等级",
                kind="choice",
                listed=True,
                options=[{"label": label} for label in options],
            )
            fields[slug] = made.key
            records.save(system, TYPE, [{"name": f"{options[0]}酒店客户", made.key: options[0]}]).demand()
            keeping.rebuild(engine())

    forms = {slug: client.get(f"/r/{TYPE}/new").content.decode() for slug, client in (("a", one), ("b", two))}

    assert ("金牌" in forms["a"], "甲级" in forms["a"]) == (True, False)
    assert ("金牌" in forms["b"], "甲级" in forms["b"]) == (False, True)
    menus = [client.get("/").content.decode() for client in (one, two)]
    assert ["/r/sales.opportunity/" in menu for menu in menus] == [True, False]
    assert [client.get("/r/sales.opportunity/").status_code for client in (one, two)] == [200, 404]
    for client, own, foreign in ((one, "金牌", "甲级"), (two, "甲级", "金牌")):
        text = client.get(f"/r/{TYPE}/").content.decode() + client.get("/search?q=酒店").content.decode()
        assert (f"{own}酒店客户" in text, foreign in text) == (True, False)
        guessed = client.get(f"/api/v1/{TYPE}/", {"size": "100"})
        assert [row["name"] for row in orjson.loads(guessed.content)["results"]] == [f"{own}酒店客户"]
    for slug, foreign in (("jincheng", "甲级"), ("yunling", "金牌")):
        place = find_by_slug(slug)
        assert place is not None
        with tenant(place):
            assert find(system, SearchRequest(foreign)).hits == ()
