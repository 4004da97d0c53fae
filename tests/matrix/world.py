"""Every declared route, called by anybody: addresses filled in, and what a refused call must leave untouched."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.core import mail
from django.db import connection
from django.test import Client

import kezhou.urls  # noqa: F401  # declares every page
from kezhou.pages import Route, routes
from tenants.context import Current, tenant

TYPE = "customers.customer"
UNKNOWN = 987_654_321


@dataclass(frozen=True)
class Call:
    """One method of one route at a filled-in address."""

    route: Route
    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def calls(places: Mapping[str, object], *entrances: str) -> Iterator[Call]:
    """Every method of every route behind these doors (the members' when none is named); `places` fills in pk and whatever else an
    address names."""
    for route in routes():
        if route.entrance.key not in (entrances or ("staff",)):
            continue
        for method in route.methods:
            yield Call(route, method, "/" + re.sub(r"<(\w+):(\w+)>", lambda found: _value(found, places), route.path))


def _value(found: re.Match[str], places: Mapping[str, object]) -> str:
    kind, name = found.groups()
    if name in places:
        return str(places[name])
    return {"int": str(UNKNOWN), "uuid": str(uuid.UUID(int=7)), "str": "unknown"}[kind]


def send(client: Client, call: Call) -> int:
    """The status of the answer to a call with an empty body."""
    options = {"content_type": "application/json"} if call.method in {"PATCH", "PUT"} else {}
    client.raise_request_exception = True
    return client.generic(call.method, call.path, **options).status_code


def footprint(place: Current) -> tuple[object, ...]:
    """What a refused call must not change: history, outbox, jobs, files, settings, accounts, letters."""
    tables = [
        "records_history", "records_customfield", "records_dictionaryvalue", "jobs_job", "files_file", "access_account",
        "access_rolegrant", "access_invitation", "customers_customer", "api_token", "comments_comment", "files_attachment",
        "notify_notice", "assignments_assignment", "drafts_draft",
    ]  # fmt: skip
    with tenant_or_here(place), connection.cursor() as cursor:
        cursor.execute("SELECT name FROM unnest(%s::text[]) AS name WHERE to_regclass(name) IS NOT NULL", [tables])
        counts = [f"SELECT '{name}', count(*) FROM {name}" for (name,) in cursor.fetchall()]
        outbox = "SELECT 'outbox', count(*) FROM public.tenants_outboxevent WHERE schema = %s"
        cursor.execute(" UNION ALL ".join([*counts, outbox]), [place.schema])
        counted = cursor.fetchall()
    return (*counted, ("letters", len(mail.outbox)))


def tenant_or_here(place: Current):  # type: ignore[no-untyped-def]
    """The company, whether or not it is entered already."""
    from contextlib import nullcontext

    from tenants.context import current_or_none

    here = current_or_none()
    return nullcontext() if here is not None and here.pk == place.pk else tenant(place)
