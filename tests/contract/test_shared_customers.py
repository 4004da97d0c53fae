"""One record of every customer and contact; everything else points to it (PLT-13)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from kezhou import records
from kezhou.access.actor import System
from kezhou.plugins import manifests
from kezhou.records.layouts import layout_for
from kezhou.records.registry import registered
from kezhou.testing import contract
from kezhou.testing.access import MemberFactory, SignIn
from tenants.context import Current

HOMES = {"客户": "customers.customer", "联系人": "customers.contact"}
CUSTOMER = "customers.customer"


@pytest.fixture
def everything(in_alpha: Current, plugins_on: Callable[..., None]) -> Current:
    """alpha with every installed plugin on."""
    plugins_on(*manifests())
    return in_alpha


@pytest.mark.req("PLT-13")
def test_whatever_is_called_customer_or_contact_is_a_link_to_the_shared_record(everything: Current) -> None:
    system = System("shared customers")

    copies = [
        f"{key}.{field.key}"
        for key in registered()
        if key not in HOMES.values()
        for field in records.fields_for(key, system, "read")
        if str(field.label) in HOMES and field.target != HOMES[str(field.label)]
    ]

    assert copies == []


def test_a_page_lists_each_link_that_points_here_once_under_a_title_of_its_own(everything: Current) -> None:
    system = System("shared customers")
    pages = {key: layout_for(system, key).related for key in registered()}

    twice = {
        key: titles
        for key, panels in pages.items()
        for titles in ([str(panel.title or panel.type) for panel in panels],)
        if len(titles) != len(set(titles)) or len(panels) != len({panel.key for panel in panels})
    }

    assert twice == {}
    opportunities = [str(panel.title) for panel in pages[CUSTOMER] if panel.type == "sales.opportunity"]
    assert opportunities == ["销售机会（客户）", "销售机会（合作伙伴）"]


@pytest.mark.req("PLT-13")
def test_a_customer_renamed_once_has_the_new_name_everywhere(
    everything: Current, member_factory: MemberFactory, sign_in: SignIn
) -> None:
    system = System("shared customers")
    (customer,) = contract.make(system, CUSTOMER)
    pointing = {
        key: field.key
        for key in registered()
        for field in records.fields_for(key, system, "write")
        if field.target == CUSTOMER and key != CUSTOMER
    }
    made = {}
    for key, link in pointing.items():
        row = {**contract.sample(system, key, 3), link: customer}
        made[key] = records.save(system, key, [row], twins="allow", source="system").pk
    client = sign_in(Client(), member_factory("admin"))

    records.save(system, CUSTOMER, [{"pk": customer, "name": "改名后的川西能源"}]).demand()

    assert {"customers.contact", "sales.opportunity", "visas.case"} <= set(pointing)
    for key, pk in made.items():
        page = client.get(f"/r/{key}/{pk}").content.decode()
        assert "改名后的川西能源" in page, key
        assert client.get(f"/api/v1/{key}/{pk}").json()[pointing[key]] == customer, key
