"""What code above may ask and change of the registry."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenants import directory
from tenants.company import CompanyData, WrongValue, change_company, company
from tenants.context import Current, NoTenant, WrongTenant, control_plane, current, each_tenant, renew, tenant


def test_a_plugins_state_shows_at_once(in_alpha: Current) -> None:
    directory.set_plugin_state("customers", "installing")
    assert current().plugins == frozenset()
    directory.set_plugin_state("customers", "on", has_tables=True)
    assert current().plugins == {"customers"}
    directory.set_plugin_state("sales", "failed", error="表没有建成。")

    states = directory.plugin_states()
    assert (states["customers"].state, states["customers"].has_tables) == ("on", True)
    assert (states["sales"].state, states["sales"].error) == ("failed", "表没有建成。")
    assert current().version == in_alpha.version + 3


def test_an_unknown_state_is_refused(in_alpha: Current) -> None:
    with pytest.raises(ValueError, match="'maybe' is not a valid"):
        directory.set_plugin_state("customers", "maybe")


@pytest.mark.req("PLT-10", part="plugins of one company only")
def test_the_state_of_one_company_is_not_that_of_another(alpha: Current, beta: Current) -> None:
    with tenant(alpha):
        directory.set_plugin_state("customers", "on")

    assert directory.find_by_slug("beta") == beta
    with tenant(beta):
        assert directory.plugin_states()["customers"].state == "off"


def test_limits_come_with_the_tenant_and_cannot_be_changed_there(alpha: Current) -> None:
    directory.set_limits(alpha.pk, {"seats": 3, "fields": None})

    found = directory.find_by_slug("alpha")
    assert found is not None
    assert dict(found.entitlements) == {"seats": 3, "fields": None}
    with pytest.raises(TypeError):
        found.entitlements["seats"] = 99  # type: ignore[index]  # the point of the test


def test_a_view_of_one_tenant_cannot_take_the_place_of_another(in_alpha: Current, database: None) -> None:
    other = Current(pk=2, slug="beta", name="", schema="t_beta")

    with pytest.raises(WrongTenant, match="'beta' cannot take the place of tenant 'alpha'"):
        renew(other)


def test_walking_all_companies_costs_three_statements(alpha: Current, beta: Current) -> None:
    with control_plane(), CaptureQueriesContext(connection) as seen:
        slugs = [place.slug for place in each_tenant()]

    assert slugs == ["alpha", "beta"]
    assert len(seen) == 3


def test_a_broken_walk_leaves_no_tenant_entered(alpha: Current) -> None:
    def walk() -> None:
        for place in each_tenant():
            with tenant(place):
                raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        walk()

    with pytest.raises(NoTenant):
        current()


def test_the_administrator_changes_the_companys_data(in_alpha: Current) -> None:
    changed = change_company(name=" 甲方国际旅行社 ", seal="甲方", timezone="Asia/Urumqi", size="50 人以上")

    assert changed == company()
    assert changed == CompanyData(
        slug="alpha", name="甲方国际旅行社", seal="甲方", industry="", size="50 人以上", region="",
        timezone="Asia/Urumqi", language="zh-hans",
    )  # fmt: skip
    assert (current().name, current().seal, str(current().zone)) == ("甲方国际旅行社", "甲方", "Asia/Urumqi")


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "甲"), ("seal", "甲方印"), ("timezone", "Asia/Chengdu"), ("region", "x" * 41), ("name", "x" * 121)],
)
def test_data_that_cannot_be_is_refused_and_named(in_alpha: Current, field: str, value: str) -> None:
    before = company()

    with pytest.raises(WrongValue) as problem:
        change_company(**{field: value})

    assert problem.value.field == field
    assert company() == before


def test_a_company_is_entered_by_its_short_name(alpha: Current) -> None:
    with directory.entered("alpha") as place:
        assert current() == place
    missing = directory.entered("nobody")
    with pytest.raises(LookupError, match="no company with the short name 'nobody'"):
        missing.__enter__()


def test_the_address_of_a_page_holds_host_and_port(alpha: Current, settings: object) -> None:
    assert directory.address_of(alpha, "/r/core.member/") == "http://alpha.localhost:8000/r/core.member/"
