"""The plugin catalogue (PLT-04, PLT-05): switch, dependencies, lock, honesty about failure."""

from __future__ import annotations

import errno

import pytest
from django.test import Client

from tenants import directory, plugin_tables
from tenants.context import Current, tenant
from tests.pages.conftest import finish_jobs


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def states(place: Current) -> dict[str, str]:
    with tenant(place):
        return {name: state.state for name, state in directory.plugin_states().items()}


def test_only_administrators_open_settings(seller: Client) -> None:
    assert [seller.get(address).status_code for address in ("/settings/", "/settings/plugins", "/settings/fields")] == [
        403
    ] * 3
    assert seller.post("/settings/plugins/customers", {"to": "on"}).status_code == 403


def test_the_catalogue_shows_every_installed_module(admin: Client) -> None:
    text = text_of(admin, "/settings/plugins")

    assert 'id="plugin-customers"' in text
    assert 'id="plugin-sales"' in text
    assert "已开 <b>0</b>" in text


@pytest.mark.req("PLT-04", part="catalogue page")
def test_switching_on_asks_nothing_when_nothing_else_is_needed(admin: Client, alpha: Current) -> None:
    answer = admin.post("/settings/plugins/customers", {"to": "on"})

    assert answer["Location"] == "/settings/plugins"
    assert 'role="status"' in text_of(admin, "/settings/plugins")
    finish_jobs(alpha)
    assert states(alpha)["customers"] == "on"
    assert admin.get("/r/customers.customer/").status_code == 200


@pytest.mark.req("PLT-05", part="catalogue page")
def test_missing_dependencies_are_proposed_and_switched_on_together(admin: Client, alpha: Current) -> None:
    asked = admin.post("/settings/plugins/sales", {"to": "on"})
    assert asked["Location"] == "/settings/plugins?open=sales&to=on"
    text = text_of(admin, asked["Location"])
    assert "它需要 <b>客户</b>，目前关着。会一起打开：" in text
    assert "一起打开 2 个模块" in text
    assert states(alpha)["sales"] == "off"

    admin.post("/settings/plugins/sales", {"to": "on", "sure": "1"})
    finish_jobs(alpha)

    assert {name: states(alpha)[name] for name in ("customers", "sales")} == {"customers": "on", "sales": "on"}


@pytest.mark.req("PLT-05", part="catalogue page")
def test_a_module_in_use_cannot_be_switched_off_and_says_who_uses_it(
    admin: Client, alpha: Current, customers_on: None
) -> None:
    text = text_of(admin, "/settings/plugins")
    assert "销售要用它，不能关" in text

    answer = admin.post("/settings/plugins/customers", {"to": "off", "sure": "1"}, follow=True)

    assert "“客户”正被“销售”使用，不能停用。请先停用它们。" in answer.content.decode()
    assert states(alpha)["customers"] == "on"


@pytest.mark.req("PLT-04", part="catalogue page")
def test_switching_off_is_asked_first_and_hides_everything(admin: Client, alpha: Current, customers_on: None) -> None:
    asked = admin.post("/settings/plugins/sales", {"to": "off"})
    assert asked["Location"] == "/settings/plugins?open=sales&to=off"
    assert "数据全部保留" in text_of(admin, asked["Location"])
    assert admin.get("/r/sales.opportunity/").status_code == 200

    admin.post("/settings/plugins/sales", {"to": "off", "sure": "1"})

    assert states(alpha)["sales"] == "off"
    assert admin.get("/r/sales.opportunity/").status_code == 404


def test_a_failed_switch_is_told_and_can_be_tried_again(
    admin: Client, alpha: Current, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(plugin_tables, "install", _broken)
        admin.post("/settings/plugins/customers", {"to": "on"})
        jobs = finish_jobs(alpha)

    assert [job.state for job in jobs] == ["failed"]
    assert "the disk is full" in text_of(admin, "/settings/plugins")

    admin.post("/settings/plugins/customers", {"to": "on"})
    finish_jobs(alpha)

    assert states(alpha)["customers"] == "on"
    assert "the disk is full" not in text_of(admin, "/settings/plugins")


def _broken(labels: object) -> None:
    raise OSError(errno.ENOSPC, "the disk is full")


def test_the_cards_lead_on_when_the_job_is_done(admin: Client, alpha: Current) -> None:
    admin.post("/settings/plugins/customers", {"to": "on"})

    waiting = admin.get("/settings/plugins/cards")
    finish_jobs(alpha)
    done = admin.get("/settings/plugins/cards")

    assert "HX-Redirect" not in waiting
    assert 'hx-get="/settings/plugins/cards?"' in waiting.content.decode()
    assert done["HX-Redirect"] == "/settings/plugins?"


def test_modules_are_found_by_name_and_by_state(admin: Client, customers_on: None) -> None:
    found = text_of(admin, "/settings/plugins?q=销售")
    on = text_of(admin, "/settings/plugins?shown=on")

    assert ('id="plugin-sales"' in found, 'id="plugin-customers"' in found) == (True, False)
    assert ('id="plugin-sales"' in on, on.count("<article")) == (True, 2)
