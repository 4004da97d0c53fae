"""A company is made whole or not at all, from a snapshot that equals the migrations (TEN-02)."""

import os
import threading
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db import OperationalError, connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tenants import directory, files, provisioning, signups, snapshots
from tenants.apps_of import core_labels
from tenants.context import Current, control_plane, current, tenant
from tenants.migrator import migrate
from tenants.models import Domain, OutboxEvent, Snapshot, Tenant
from tenants.provisioning import NewAdministrator, NewTenant, ProvisioningFailed, SlugTaken
from tests.tenants.catalogs import portrait, tables


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[int, object]]:
    """A copy of the registered steps, to add to."""
    copy = dict(provisioning._steps)
    monkeypatch.setattr(provisioning, "_steps", copy)
    return copy  # type: ignore[return-value]  # the same mapping, seen more loosely


def schemas() -> list[str]:
    with control_plane(), connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 't\\_%' OR nspname LIKE 'kz%' ORDER BY 1")
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.req("PLT-10", part="a new company has everything of its own")
def test_a_company_is_ready_when_it_has_been_made(alpha: Current) -> None:
    place = provisioning.provision(NewTenant(slug="gamma", name="丙方国际旅行社有限公司", region="成都"))

    found = directory.find_by_host("gamma.localhost")
    assert found == place
    assert (place.schema, place.name, place.plugins) == ("t_gamma", "丙方国际旅行社有限公司", frozenset())
    with tenant(place):
        assert get_user_model().objects.count() == 0


def test_replaying_the_snapshot_equals_migrating(alpha: Current) -> None:
    with control_plane(), transaction.atomic():
        snapshots.replay("t_replayed")
        with connection.cursor() as cursor:
            cursor.execute("CREATE SCHEMA t_migrated")
    with tenant(Current(pk=0, slug="migrated", name="", schema="t_migrated")):
        migrate(sorted(core_labels()))

    with control_plane():
        replayed, migrated = portrait("t_replayed"), portrait("t_migrated")
        with connection.cursor() as cursor:
            rows = "SELECT app, name FROM t_{}.django_migrations ORDER BY app, name"
            cursor.execute(rows.format("replayed"))
            noted = cursor.fetchall()
            cursor.execute(rows.format("migrated"))
            assert noted == cursor.fetchall()
    assert replayed.keys() == migrated.keys()
    for part in replayed:
        if part != "indexes":  # PostgreSQL writes an index's text differently once after a dump (bones of the trial)
            assert replayed[part] == migrated[part], part
    assert [row[:2] for row in replayed["indexes"]] == [row[:2] for row in migrated["indexes"]]
    assert len(replayed["columns"]) > 100


def test_two_replays_are_equal_to_the_letter(alpha: Current) -> None:
    with control_plane(), transaction.atomic():
        snapshots.replay("t_one")
        snapshots.replay("t_two")

        assert portrait("t_one") == portrait("t_two")


def test_the_snapshot_holds_no_plugin_and_no_content_types(alpha: Current) -> None:
    with control_plane(), transaction.atomic():
        snapshots.replay("t_bare")
        found = tables("t_bare")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT count(*) FROM t_bare.django_content_type) + (SELECT count(*) FROM t_bare.auth_permission)"
            )
            rows = cursor.fetchone()[0]

    assert not [name for name in found if name.startswith(("customers_", "sales_", "tenants_"))]
    assert "access_account" in found
    assert rows == 0


def test_the_replay_leaves_the_search_path_as_it_was(alpha: Current) -> None:
    with control_plane(), transaction.atomic():
        snapshots.replay("t_one")

        assert Tenant.objects.filter(slug="alpha").count() == 1
    with tenant(alpha), connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        assert cursor.fetchone() == ("t_alpha",)


def test_a_schema_of_another_form_is_refused(alpha: Current) -> None:
    with control_plane(), pytest.raises(ValueError, match="cannot be the schema of a tenant"):
        snapshots.replay('x"; DROP SCHEMA t_alpha CASCADE; --')


def test_without_a_snapshot_one_is_told_to_upgrade(alpha: Current) -> None:
    with control_plane():
        Snapshot.objects.all().delete()

    with pytest.raises(ProvisioningFailed, match="Run `kezhou upgrade` once"):
        provisioning.provision(NewTenant(slug="gamma", name="丙"))


def leftovers(slug: str) -> tuple[object, ...]:
    schema = provisioning.schema_of(slug)
    with control_plane():
        return (
            Tenant.objects.filter(slug=slug).count(), Domain.objects.filter(domain=f"{slug}.localhost").count(),
            OutboxEvent.objects.filter(schema=schema).count(), schema in schemas(),
            (Path(settings.KEZHOU_FILES) / schema).exists(), directory.find_by_host(f"{slug}.localhost"),
        )  # fmt: skip


NOTHING = (0, 0, 0, False, False, None)


@pytest.mark.req("TEN-02", part="a failed provisioning leaves nothing and can be tried again")
def test_a_failing_step_leaves_nothing_and_can_be_tried_again(
    alpha: Current, steps: dict[str, tuple[int, object]]
) -> None:
    sent: list[str] = []

    def break_down(request: NewTenant) -> None:
        with files.incoming() as path:
            path.write_bytes(b"png")
            files.keep("logo", path)
        transaction.on_commit(lambda: sent.append(current().slug))
        raise RuntimeError("The step broke.")

    steps["broken"] = (99, break_down)
    before = schemas()
    with pytest.raises(ProvisioningFailed, match="could not be made: RuntimeError: The step broke"):
        provisioning.provision(NewTenant(slug="gamma", name="丙"))

    assert leftovers("gamma") == NOTHING
    assert schemas() == before
    assert sent == []

    del steps["broken"]
    assert provisioning.provision(NewTenant(slug="gamma", name="丙")).slug == "gamma"


@pytest.mark.req("TEN-02", part="tried again by itself, reported")
def test_a_database_that_was_busy_is_asked_again_and_a_broken_step_is_reported(
    alpha: Current, steps: dict[str, tuple[int, object]], caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[str] = []

    def busy(request: NewTenant) -> None:
        tries.append(request.slug)
        if len(tries) < 3:
            raise OperationalError("deadlock detected")

    steps["busy"] = (99, busy)
    place = provisioning.provision(NewTenant(slug="gamma", name="丙"))
    steps["busy"] = (99, lambda request: 1 / 0)
    with pytest.raises(ProvisioningFailed):
        provisioning.provision(NewTenant(slug="delta", name="丁"))

    assert (place.slug, len(tries)) == ("gamma", 3)
    assert "Making the company gamma is tried again: deadlock detected" in caplog.text
    assert "The company delta could not be made." in caplog.text
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.committed
@pytest.mark.req("TEN-02")
def test_a_company_signs_up_and_its_administrator_is_inside_within_a_minute(
    alpha: Current, steps: dict[str, tuple[int, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Address proved; the first attempt breaks and leaves nothing; the second one opens the new company's page."""
    codes: list[str] = []
    monkeypatch.setattr(signups, "_senders", {"email": lambda address, code: codes.append(code)})
    begun = signups.start("email", "boss@gamma.example")
    signups.verify(begun.token, codes[0])
    boss = NewAdministrator(
        name="王总", password_hash=make_password("a long password"), email="boss@gamma.example",
        verified="boss@gamma.example",
    )  # fmt: skip
    request = NewTenant(slug="gamma", name="丙方旅行社", administrator=boss)
    started = time.monotonic()

    steps["broken"] = (99, lambda request: 1 / 0)
    with pytest.raises(ProvisioningFailed):
        signups.complete(begun.token, request)
    left = leftovers("gamma")
    half = Client().get("/", headers={"host": "gamma.localhost"})
    del steps["broken"]
    made = signups.complete(begun.token, request)
    browser = Client(headers={"host": "gamma.localhost"})
    arrived = browser.get(f"/handover/{made.handover}", follow=True)

    assert (left, half.status_code) == (NOTHING, 404)
    assert arrived.status_code == 200
    assert "王总" in arrived.content.decode()
    assert "丙方旅行社" in arrived.content.decode()
    assert time.monotonic() - started < 60
    assert Client(headers={"host": "gamma.localhost"}).get(f"/handover/{made.handover}", follow=True).redirect_chain


def test_steps_run_in_order_inside_the_new_company(alpha: Current, steps: dict[str, tuple[int, object]]) -> None:
    seen: list[str] = []
    steps.clear()
    steps["later"] = (20, lambda request: seen.append(f"later {current().slug}"))
    steps["first"] = (10, lambda request: seen.append(f"first {request.region}") or 7)

    _, results = provisioning.provision_noting(NewTenant(slug="gamma", name="丙", region="成都"))

    assert seen == ["first 成都", "later gamma"]
    assert results["first"] == 7


@pytest.mark.parametrize(
    ("slug", "reason"),
    [
        ("alpha", "“alpha”已被使用"),
        ("www", "“www”是保留的名字"),
        ("ab", "3 到 40 个字符"),
        ("Gamma", "只能用小写字母"),
        ("-gamma", "只能用小写字母"),
        ("gamma-", "只能用小写字母"),
        ("ga--ma", "只能用小写字母"),
        ("g" * 41, "3 到 40 个字符"),
        ("丙方", "只能用小写字母"),
        ("", "请填写网址短名"),
    ],
)
def test_a_short_name_that_cannot_be_had_is_refused_with_the_reason(alpha: Current, slug: str, reason: str) -> None:
    with pytest.raises(SlugTaken, match=reason):
        provisioning.provision(NewTenant(slug=slug, name="丙"))


@pytest.mark.committed
def test_three_sign_ups_at_once_and_two_for_one_name(alpha: Current) -> None:
    results: dict[int, object] = {}

    def sign_up(number: int, slug: str) -> None:
        try:
            results[number] = provisioning.provision(NewTenant(slug=slug, name=slug)).slug
        except ProvisioningFailed as error:
            results[number] = type(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=sign_up, args=job) for job in enumerate(("gamma", "delta", "epsilon", "gamma"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    twice = sorted((str(results[0]), str(results[3])))
    assert (results[1], results[2]) == ("delta", "epsilon")
    assert twice == [str(SlugTaken), "gamma"]
    assert [name for name in schemas() if name in {"t_gamma", "t_delta", "t_epsilon"}] == [
        "t_delta", "t_epsilon", "t_gamma",
    ]  # fmt: skip


@pytest.mark.committed
def test_a_removed_company_is_gone_everywhere(alpha: Current, beta: Current) -> None:
    removed: list[str] = []
    with tenant(beta), files.incoming() as path:
        path.write_text("x", "utf-8")
        files.keep("a", path)
    provisioning.register_removal("test", lambda place: removed.append(place.slug))
    try:
        provisioning.remove(beta)
    finally:
        del provisioning._removals["test"]

    assert leftovers("beta") == NOTHING
    assert removed == ["beta"]
    assert directory.find_by_slug("alpha") == alpha
    assert not os.path.exists(Path(settings.KEZHOU_FILES) / "t_beta")


def test_the_operators_tenant_is_made_once(alpha: Current) -> None:
    first = provisioning.ensure_ops()
    again = provisioning.ensure_ops()

    assert (first.slug, first) == ("ops", again)
    assert directory.companies_named("Kezhou") == ()


def test_making_a_company_costs_few_statements(alpha: Current) -> None:
    with control_plane(), CaptureQueriesContext(connection) as seen, transaction.atomic():
        snapshots.replay("t_counted")

    assert len([query for query in seen if "SAVEPOINT" not in query["sql"]]) == 2
