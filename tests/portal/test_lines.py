"""Rows inside a record are filled in from outside where the administrator gives their fields for it, and nowhere else (POR-18, POR-19)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kezhou import records
from kezhou.access.actor import System
from kezhou.records.lines.reading import line_tables
from portal.settings.keeping import SettingProblem
from tenants.context import tenant
from tests.portal.conftest import ORDER, SECRET, Guest, Shop, body

PERSON, SERVICE = "meetings.participant", "meetings.serviceline"
EDITED = {PERSON: {"name": "edit", "unit": "edit", "diet": "read"}}


def rows(shop: Shop, order: int) -> dict[str, list[tuple[object, ...]]]:
    """What stands inside an order: names of services; name, unit, diet and attendance of people."""
    with tenant(shop.place):
        system = System("looks inside")
        tables = {table.lines.key: table.rows for table in line_tables(system, records.get(system, ORDER, order))}
    people = [tuple(row.values[key] for key in ("name", "unit", "diet", "attended")) for row in tables["participants"]]
    return {"participants": people, "services": [(row.title,) for row in tables["services"]]}


@pytest.mark.req("POR-18", part="lines")
@pytest.mark.req("POR-19", part="lines")
def test_lines_are_filled_in_as_far_as_they_are_given(
    shop: Shop, give: Callable[..., int], guest: Callable[..., Guest]
) -> None:
    give("customer", {ORDER: "read create update", PERSON: ""}, fields=EDITED)
    mine, theirs = guest("川西能源集团", "何国栋"), guest(f"{SECRET}商贸", "外人")
    with tenant(shop.place):
        people = [{"name": "王建国", "unit": "川西", "diet": "素食", "attended": True}]
        services = [{"name": "自助午餐", "quantity": 2, "price": 100}]
        own, other = (
            records.save(
                shop.boss.actor,
                ORDER,
                [{"name": "年会", "customer": one.customer, "participants": people, "services": services}],
                twins="allow",
            ).pk
            for one in (mine, theirs)
        )
        system = System("looks inside")
        pks = [records.query(system, PERSON).get(order=pk).pk for pk in (own, other)]
    address = f"/portal/r/{ORDER}/{own}/edit"

    page = mine.client.get(address)
    fields = {"name": "年会", "participants__given": "1", "participants.0.pk": str(pks[0])}
    typed = {
        "participants.0.name": "王建国", "participants.0.unit": "川西能源", "participants.0.diet": "清真", "participants.0.attended": "",
        "participants.1.pk": "", "participants.1.name": "李思源", "participants.1.unit": "", "services__given": "1",
    }  # fmt: skip
    saved = mine.client.post(address, {**fields, **typed, "version": str(page.context["version"])})

    assert all(name in body(page) for name in ('name="participants.0.unit"', 'value="王建国"'))
    assert not any(name in body(page) for name in ("services__given", "participants.0.diet", "participants.0.attended"))
    assert saved.status_code == 302, body(saved)[:3000]
    assert rows(shop, own) == {
        "participants": [("王建国", "川西能源", "vegetarian", True), ("李思源", None, None, False)],
        "services": [("自助午餐",)],
    }

    stolen = mine.client.post(address, {**fields, "participants.0.pk": str(pks[1]), "participants.0.name": "改"})
    wrong = mine.client.post(address, {**fields, "participants.0.name": "", "participants.0.unit": "仍在"})
    assert (stolen.status_code, wrong.status_code) == (422, 422)
    assert 'value="仍在"' in body(wrong)
    assert rows(shop, other)["participants"] == [("王建国", "川西", "vegetarian", True)]

    give(
        "customer",
        {ORDER: "read create update"},
        fields={ORDER: {"name": "edit", "onsite_contact": "edit", "owner": "edit"}},
    )
    form = body(mine.client.get(address))
    assert ['name="name"' in form, "onsite_contact" in form, 'name="owner' in form] == [True, False, False]

    give("customer", {ORDER: "read create", PERSON: ""}, fields=EDITED)
    assert "participants" not in body(mine.client.get(f"/portal/r/{ORDER}/new"))
    with tenant(shop.place), pytest.raises(SettingProblem, match="必填的“姓名”就要设成可填"):
        give("customer", {ORDER: "read update", PERSON: ""}, fields={PERSON: {"unit": "edit"}})
