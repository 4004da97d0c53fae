"""A connection that is used again by somebody else looks into their schema, and into none for code below Django."""

import contextlib
from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from kezhou.records import shape
from tenants.backend.base import DatabaseWrapper
from tenants.backend.facts import facts
from tenants.backend.pool import QUIET_SECONDS, Pooled, pool_options
from tenants.context import Current, NoTenant, tenant


def test_a_new_connection_looks_into_no_schema(alpha: Current) -> None:
    with psycopg.connect(settings.DATABASE_URL, options=connections.settings["default"]["OPTIONS"]["options"]) as plain:
        assert plain.execute("SHOW search_path").fetchone() == ("",)
        with pytest.raises(psycopg.errors.UndefinedTable):
            plain.execute("SELECT count(*) FROM django_session")


@pytest.fixture
def pooled() -> Iterator[DatabaseWrapper]:
    """A connection of Django over a pool of one."""
    options = {**connections.settings["default"]["OPTIONS"], "pool": pool_options(smallest=1, largest=1)}
    made = DatabaseWrapper({**connections.settings["default"], "OPTIONS": options}, alias="pooled")
    try:
        yield made
    finally:
        made.close()
        made.close_pool()


def schema_of(pooled: DatabaseWrapper) -> str:
    with pooled.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return str(cursor.fetchone()[0])


@pytest.mark.committed
def test_whoever_takes_a_connection_below_django_gets_a_clean_one(alpha: Current, pooled: DatabaseWrapper) -> None:
    with tenant(alpha):
        assert schema_of(pooled) == "t_alpha"
    pooled.close()

    with pooled.pool.connection(timeout=5) as below_django:
        assert below_django.execute("SHOW search_path").fetchone() == ('""',)
    with pytest.raises(NoTenant), pooled.cursor() as cursor:
        cursor.execute("SELECT 1")


@pytest.mark.committed
def test_a_connection_of_the_pool_is_pointed_at_the_tenant_that_takes_it(
    alpha: Current, beta: Current, pooled: DatabaseWrapper
) -> None:
    seen, known = [], []
    for place in (alpha, alpha, beta, alpha):
        with tenant(place):
            pooled.ensure_connection()
            known.append(pooled.applied)
            seen.append(schema_of(pooled))
        pooled.close()

    assert seen == ["t_alpha", "t_alpha", "t_beta", "t_alpha"]
    assert known == [None, "t_alpha", "t_alpha", "t_beta"]


@pytest.mark.committed
def test_a_connection_that_comes_back_in_a_transaction_is_trusted_in_nothing(
    alpha: Current, pooled: DatabaseWrapper
) -> None:
    with tenant(alpha):
        pooled.set_autocommit(False)
        assert schema_of(pooled) == "t_alpha"  # the pool rolls it back, and the SET with it
        taken = pooled.connection
        pooled.close()

        assert isinstance(taken, Pooled)
        assert taken.schema is None
        assert schema_of(pooled) == "t_alpha"


@pytest.mark.committed
def test_a_commit_that_postgresql_makes_a_rollback_is_trusted_in_nothing(
    alpha: Current, beta: Current, pooled: DatabaseWrapper
) -> None:
    with tenant(alpha):
        assert schema_of(pooled) == "t_alpha"
    with tenant(beta):
        pooled.set_autocommit(False)
        assert schema_of(pooled) == "t_beta"
        with contextlib.suppress(DatabaseError), pooled.cursor() as cursor:
            cursor.execute("SELECT 1/0")
        pooled.commit()  # which takes the SET back and raises nothing
        pooled.set_autocommit(True)

        assert schema_of(pooled) == "t_beta"


@pytest.mark.committed
def test_a_naming_that_is_broken_off_is_trusted_in_nothing(
    alpha: Current, beta: Current, pooled: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_late(*_given: object) -> None:
        raise TimeoutError  # as a worker's time limit, which comes between any two lines

    with tenant(alpha):
        assert schema_of(pooled) == "t_alpha"
    with tenant(beta), monkeypatch.context() as patched:
        patched.setattr(psycopg.Cursor, "close", too_late)
        with pytest.raises(TimeoutError):
            schema_of(pooled)
    pooled.close()

    with tenant(alpha):
        assert schema_of(pooled) == "t_alpha"


@pytest.mark.committed
def test_a_connection_left_without_autocommit_is_taken_after_a_quiet_time(
    alpha: Current, pooled: DatabaseWrapper
) -> None:
    with tenant(alpha):
        pooled.set_autocommit(False)
        assert schema_of(pooled) == "t_alpha"
        taken = pooled.connection
        pooled.close()
        taken.put_back_at -= QUIET_SECONDS

        assert schema_of(pooled) == "t_alpha"
        assert pooled.get_autocommit()


def test_a_closed_connection_is_pointed_at_the_tenant_again(alpha: Current) -> None:
    with tenant(alpha), transaction.atomic():
        assert Session.objects.count() == 0
        assert connection.applied == "t_alpha"  # type: ignore[attr-defined]  # our backend's

        connection.forget_scope()  # type: ignore[attr-defined]  # as connect() does

        assert connection.applied is None  # type: ignore[attr-defined]  # our backend's
        assert Session.objects.count() == 0


def test_a_server_side_cursor_cannot_be_read_on_outside(alpha: Current) -> None:
    with transaction.atomic():
        with tenant(alpha):
            rows = connection.chunked_cursor()
            rows.execute("SELECT generate_series(1, 1000)")
            assert rows.fetchone() == (1,)
        with pytest.raises(NoTenant, match="server-side cursor"):
            rows.fetchone()
        with pytest.raises(NoTenant, match="server-side cursor"):
            next(iter(rows))


def test_what_a_transaction_read_holds_until_it_is_taken_back(alpha: Current, beta: Current) -> None:
    with tenant(alpha):
        before = shape.version()
        with contextlib.suppress(KeyError), transaction.atomic():
            raised = shape.bump()
            assert shape.version() == raised
            raise KeyError
        after = shape.version()
        with CaptureQueriesContext(connection) as asked:
            assert shape.version() == before
    with tenant(beta):
        facts()["of beta"] = True

    assert (after, len(asked)) == (before, 0)
    with tenant(alpha):
        assert "of beta" not in facts()


@pytest.mark.committed
def test_a_fact_does_not_outlive_its_transaction(alpha: Current) -> None:
    with tenant(alpha):
        with transaction.atomic():
            facts()["read"] = True
            assert facts() == {"read": True}
        assert facts() == {}
        facts()["outside"] = True
        assert facts() == {}
