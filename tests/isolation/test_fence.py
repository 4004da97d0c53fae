"""Nothing reaches the database without saying for whom: the fence, one fact at a time."""

import threading

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, connections, transaction
from django.db.utils import ProgrammingError

from tenants.context import Current, NoTenant, WrongTenant, control_plane, current, current_or_none, tenant
from tenants.models import Tenant


def schema() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return str(cursor.fetchone()[0])


@pytest.mark.req("PLT-01", part="no statement without a tenant")
def test_sql_outside_every_tenant_is_refused(alpha: Current) -> None:
    with pytest.raises(NoTenant, match="SQL was executed outside every tenant"):
        Session.objects.count()
    with pytest.raises(NoTenant), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    with pytest.raises(NoTenant), connection.cursor() as cursor:
        cursor.executemany("SELECT %s", [[1]])
    with pytest.raises(NoTenant), connection.cursor() as cursor:
        cursor.callproc("now")
    with pytest.raises(NoTenant), connection.cursor() as cursor:
        cursor.copy("COPY (SELECT 1) TO STDOUT")
    with pytest.raises(NoTenant), connection.cursor() as cursor:
        list(cursor.stream("SELECT 1"))


def test_what_runs_no_sql_needs_no_tenant(alpha: Current) -> None:
    connection.ensure_connection()

    with transaction.atomic():
        pass

    assert connection.pg_version >= 150000


def test_a_tenant_sees_its_own_schema(alpha: Current, beta: Current) -> None:
    with tenant(alpha):
        assert schema() == "t_alpha"
    with tenant(beta):
        assert schema() == "t_beta"
    with control_plane():
        assert schema() == "public"
    assert current_or_none() is None


def test_the_registry_cannot_be_read_from_inside_a_tenant(in_alpha: Current) -> None:
    with pytest.raises(ProgrammingError, match='relation "tenants_tenant" does not exist'), transaction.atomic():
        Tenant.objects.count()


def test_a_second_tenant_cannot_be_entered_inside_a_first(alpha: Current, beta: Current) -> None:
    inner = tenant(beta)

    with tenant(alpha), pytest.raises(WrongTenant, match="Tenant 'beta' was entered inside tenant 'alpha'"):
        inner.__enter__()


def test_the_same_tenant_may_be_entered_again(alpha: Current) -> None:
    with tenant(alpha), tenant(alpha):
        assert schema() == "t_alpha"


def test_the_control_plane_is_closed_inside_a_tenants_transaction(in_alpha: Current) -> None:
    inner = control_plane()

    with transaction.atomic(), pytest.raises(WrongTenant, match="inside an open transaction of tenant 'alpha'"):
        inner.__enter__()


def test_leaving_the_control_plane_leads_back_to_the_tenant(in_alpha: Current) -> None:
    with control_plane():
        assert schema() == "public"

    assert schema() == "t_alpha"


def test_a_rollback_does_not_leave_the_wrong_path(in_alpha: Current) -> None:
    assert schema() == "t_alpha"
    with control_plane(), transaction.atomic():
        assert schema() == "public"
        transaction.set_rollback(True)

    assert schema() == "t_alpha"


def test_a_new_thread_has_no_tenant(in_alpha: Current) -> None:
    found: list[object] = []

    def look() -> None:
        found.append(current_or_none())
        try:
            Session.objects.count()
        except NoTenant as error:
            found.append(type(error))
        finally:
            connections.close_all()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()

    assert found == [None, NoTenant]


def test_hooks_after_commit_run_where_they_were_registered(
    alpha: Current, django_capture_on_commit_callbacks: object
) -> None:
    seen: list[str] = []

    capture = django_capture_on_commit_callbacks(execute=True)  # type: ignore[operator]  # pytest-django's fixture
    with capture, control_plane(), transaction.atomic(), tenant(alpha):
        transaction.on_commit(lambda: seen.append(current().slug))

    assert seen == ["alpha"]


def test_the_path_never_holds_public_beside_a_tenant(in_alpha: Current) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW search_path")
        assert cursor.fetchone()[0] == "t_alpha, extensions"
