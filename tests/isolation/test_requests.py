"""A request belongs to the tenant of its host, from its first statement to the last byte of its answer."""

import threading
from collections.abc import Iterator

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from tenants import directory
from tenants.context import Current, control_plane, current, current_or_none, tenant
from tenants.middleware import TenantMiddleware
from tenants.models import Tenant


def ask(host: str, answer: object, path: str = "/") -> HttpResponseBase:
    return TenantMiddleware(answer)(RequestFactory().get(path, headers={"host": host}))  # type: ignore[arg-type]


def name_of_tenant(request: HttpRequest) -> HttpResponse:
    now = current_or_none()
    return HttpResponse(now.slug if now else f"public, by {request.urlconf}")


@pytest.mark.parametrize(
    "host", ["alpha.localhost", "alpha.localhost:8000", "ALPHA.localhost", "www.alpha.localhost", "alpha.localhost."]
)
def test_the_host_decides_the_tenant(alpha: Current, host: str) -> None:
    response = ask(host, name_of_tenant)

    assert isinstance(response, HttpResponse)
    assert (response.status_code, response.content) == (200, b"alpha")
    assert current_or_none() is None


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1"])
def test_the_base_domain_is_the_public_site_and_has_no_tenant(alpha: Current, host: str) -> None:
    response = ask(host, name_of_tenant)

    assert isinstance(response, HttpResponse)
    assert response.content == b"public, by kezhou.web.public.urls"


@pytest.mark.req("PLT-01", part="unknown host")
@pytest.mark.parametrize(
    ("host", "statements"),
    [
        ("nobody.localhost", 1),
        ("evil.example.org", 0),
        ("alpha.localhost.evil.org", 0),
        ("t_alpha", 0),
        ("a'b.localhost", 0),
    ],
)
def test_an_unknown_host_is_404_and_touches_nothing_but_the_registry(
    alpha: Current, host: str, statements: int
) -> None:
    directory.forget_hosts()

    def never(request: HttpRequest) -> HttpResponse:
        raise AssertionError("The view was reached.")

    with control_plane(), CaptureQueriesContext(connection) as seen:
        first = ask(host, never)
        second = ask(host, never)

    assert (first.status_code, second.status_code) == (404, 404)
    assert len(seen) == statements
    assert all("tenants_tenant" in query["sql"] for query in seen)


def test_a_company_that_could_not_be_made_is_not_found(alpha: Current) -> None:
    with control_plane():
        Tenant.objects.filter(pk=alpha.pk).update(status=Tenant.Status.FAILED)
    directory.forget_hosts()

    assert ask("alpha.localhost", name_of_tenant).status_code == 404


def test_health_needs_no_tenant_and_no_statement(alpha: Current) -> None:
    with control_plane(), CaptureQueriesContext(connection) as seen:
        response = ask("10.0.0.7:8000", name_of_tenant, path="/-/health")

    assert (response.status_code, len(seen)) == (200, 0)


def test_a_stream_stays_in_its_tenant_whatever_the_server_does_meanwhile(alpha: Current, beta: Current) -> None:
    closed: list[str] = []

    def lines() -> Iterator[str]:
        try:
            for _ in range(3):
                with connection.cursor() as cursor:
                    cursor.execute("SELECT current_schema()")
                    yield f"{current().slug} {cursor.fetchone()[0]}\n"
        finally:
            closed.append(current().slug)

    response = ask("alpha.localhost", lambda request: StreamingHttpResponse(lines()))
    parts = iter(response)
    first = next(parts)
    with tenant(beta):
        second = next(parts)
    response.close()

    assert [first, second] == [b"alpha t_alpha\n", b"alpha t_alpha\n"]
    assert closed == ["alpha"]
    assert current_or_none() is None


@pytest.mark.committed
def test_a_stream_read_by_another_thread_stays_in_its_tenant(alpha: Current) -> None:
    def lines() -> Iterator[str]:
        yield f"{Session.objects.count()} {current().slug}"

    response = ask("alpha.localhost", lambda request: StreamingHttpResponse(lines()))
    got: list[bytes] = []

    def read() -> None:
        got.extend(response)  # type: ignore[arg-type]  # a streamed response is an iterable of bytes
        connections.close_all()

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()

    assert got == [b"0 alpha"]


@pytest.mark.req("PLT-01", part="a cookie of another tenant")
def test_the_cookie_of_one_tenant_is_no_session_in_another(alpha: Current, beta: Current) -> None:
    with tenant(alpha):
        session = SessionStore()
        session["who"] = "alpha's member"
        session.save()
        key = session.session_key

    with tenant(beta):
        assert SessionStore(key).load() == {}
        assert not SessionStore().exists(key)


def test_a_plugin_switched_on_by_another_process_shows_after_the_version_was_read(in_alpha: Current) -> None:
    with control_plane(), connection.cursor() as cursor:  # as another process would
        cursor.execute("UPDATE tenants_tenant SET version = version + 1, name = 'Neu' WHERE id = %s", [in_alpha.pk])

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {directory.VERSION_SQL}")
        version = cursor.fetchone()[0]
    directory.renew(version)

    assert (version, current().version, current().name) == (in_alpha.version + 1, in_alpha.version + 1, "Neu")


def test_an_unknown_company_gets_no_page_over_the_whole_stack(alpha: Current) -> None:
    response = Client().get("/", headers={"host": "nobody.localhost"})

    assert response.status_code == 404
