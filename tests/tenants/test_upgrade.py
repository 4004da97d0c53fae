"""Upgrades find who is behind in one statement, go on where they stopped, and one failure stops alone."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenants import directory, plugin_tables, provisioning, upgrade
from tenants.apps_of import core_labels, plugin_labels
from tenants.context import Current, control_plane, tenant
from tenants.migrator import RefusedPlan
from tenants.models import UpgradeEntry
from tenants.provisioning import NewTenant
from tests.tenants.catalogs import tables


def set_back(place: Current, app: str, table: str) -> None:
    """Make a tenant look as it did before an app's migrations."""
    with tenant(place), connection.cursor() as cursor:
        cursor.execute(f'DROP TABLE "{table}" CASCADE')
        cursor.execute("DELETE FROM django_migrations WHERE app = %s", [app])


def test_nobody_is_behind_after_provisioning(alpha: Current) -> None:
    assert upgrade.pending() == ()
    assert upgrade.run() == upgrade.Outcome(done=(), failed={})


def test_those_who_are_behind_are_found_by_one_statement(alpha: Current, beta: Current) -> None:
    set_back(beta, "jobs", "jobs_job")

    with control_plane(), CaptureQueriesContext(connection) as seen:
        found = upgrade.pending()

    assert [(item.place.slug, item.labels) for item in found] == [("beta", ("jobs",))]
    assert len([query for query in seen if "django_migrations" in query["sql"]]) == 1


@pytest.mark.committed
def test_only_those_who_are_behind_migrate_and_it_is_written_down(alpha: Current, beta: Current) -> None:
    set_back(beta, "jobs", "jobs_job")

    outcome = upgrade.run(jobs=2)

    with control_plane():
        entries = list(UpgradeEntry.objects.values_list("tenant__slug", "state", "applied"))
        assert "jobs_job" in tables("t_beta")
    assert outcome == upgrade.Outcome(done=("beta",), failed={})
    assert entries == [("beta", "done", [["jobs", "0001_initial"]])]
    assert upgrade.pending() == ()


@pytest.mark.committed
def test_one_that_fails_stops_alone_and_is_tried_again(alpha: Current, beta: Current) -> None:
    for place in (alpha, beta):
        set_back(place, "jobs", "jobs_job")
    with tenant(alpha), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE jobs_job (something_else int)")

    first = upgrade.run(jobs=2)
    with control_plane():
        failed = UpgradeEntry.objects.get(tenant=alpha.pk)
    with tenant(alpha), connection.cursor() as cursor:
        cursor.execute("DROP TABLE jobs_job")
    second = upgrade.run(jobs=2)

    assert (first.done, list(first.failed)) == (("beta",), ["alpha"])
    assert "already exists" in first.failed["alpha"]
    assert (failed.state, "already exists" in failed.error) == ("failed", True)
    assert second == upgrade.Outcome(done=("alpha",), failed={})
    assert upgrade.pending() == ()


def test_after_a_failed_migration_the_connection_still_works(alpha: Current) -> None:
    set_back(alpha, "jobs", "jobs_job")
    with tenant(alpha), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE jobs_job (something_else int)")

    with control_plane():
        problem = upgrade.upgrade_one(upgrade.Pending(place=alpha, labels=("jobs",)), goal="x" * 64)
        assert UpgradeEntry.objects.get().state == "failed"

    assert problem is not None


def test_the_shared_schema_can_be_prepared_again(alpha: Current) -> None:
    said: list[str] = []

    upgrade.prepare_shared(said.append)

    assert said == []


@pytest.mark.committed
def test_a_missing_snapshot_is_built_again_and_a_killed_build_leaves_nothing(alpha: Current) -> None:
    with control_plane(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM tenants_snapshot")
        cursor.execute(f"CREATE SCHEMA kz_template_{'ab' * 12}")
    said: list[str] = []

    upgrade.prepare_shared(said.append)
    place = provisioning.provision(NewTenant(slug="gamma", name="丙"))

    with control_plane(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'kz%'")
        assert cursor.fetchone() == (0,)
    assert said == ["The tables of a new company are prepared."]
    assert place.slug == "gamma"
    assert upgrade.pending() == ()


@pytest.fixture
def bare(alpha: Current) -> Iterator[Current]:
    """A company that never switched on any plugin."""
    with tenant(provisioning.provision(NewTenant(slug="bare", name="空白"))) as place:
        yield place


@pytest.mark.req("PLT-03", part="tables come at the first switch-on")
def test_a_plugins_tables_come_when_it_is_first_installed(bare: Current) -> None:
    before = tables("t_bare")
    applied = plugin_tables.install(["customers"])
    again = plugin_tables.install(["customers"])

    assert not [name for name in before if name.startswith("customers_")]
    assert [name for name in tables("t_bare") if name.startswith("customers_")]
    assert {label for label, _ in applied} == {"customers"}
    assert again == []


def test_a_plugin_that_needs_another_is_refused_before_anything_happens(bare: Current) -> None:
    before = tables("t_bare")

    with pytest.raises(RefusedPlan, match="needs the tables of customers first"):
        plugin_tables.install(["sales"])

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations WHERE app IN ('customers', 'sales')")
        assert cursor.fetchone() == (0,)
    assert tables("t_bare") == before


def test_what_is_no_plugin_cannot_be_installed(bare: Current) -> None:
    with pytest.raises(RefusedPlan, match="access is not an installed plugin"):
        plugin_tables.install(["access"])


def test_a_plugin_counts_as_behind_only_where_its_tables_are(bare: Current) -> None:
    plugin_tables.install(["customers"])
    directory.set_plugin_state("customers", "off", has_tables=True)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'customers'")

    assert [(item.place.slug, item.labels) for item in upgrade.pending()] == [("bare", ("customers",))]
    assert "sales" in plugin_labels() - core_labels()
