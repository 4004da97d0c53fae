"""Callers of the API: members by session, programs by token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from kezhou.testing.access import MemberFactory, Person, SignIn
from tenants.context import Current, current, tenant
from tenants.directory import host_of
from tests.search import staff


@dataclass
class Caller:
    """Speaks JSON with the company's host; `headers` go with every call."""

    client: Client
    headers: dict[str, str]

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer; `body` is sent as JSON. `__` in header names stands for `-`."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {} if body is None else {"data": body, "content_type": "application/json"}
        return self.client.generic(method, f"/api/v1/{path}", headers={**self.headers, **more}, **_body(sent))

    def get(self, path: str, **parameters: Any) -> Any:
        """A GET with parameters."""
        return self.client.get(f"/api/v1/{path}", parameters, headers=self.headers)


def _body(sent: dict[str, Any]) -> dict[str, Any]:
    import orjson

    if not sent:
        return {}
    raw = sent["data"]
    return {"data": raw if isinstance(raw, (bytes, str)) else orjson.dumps(raw), "content_type": sent["content_type"]}


@pytest.fixture
def company(in_alpha: Current, settings: Any, tmp_path: Any) -> Current:
    """Company alpha with customers and sales on, entered."""
    settings.KEZHOU_SEARCH_DIR = tmp_path / "indexes"
    staff.plugins()
    return current()


def caller(place: Current, **headers: str) -> Caller:
    """A caller without any credentials but the given headers."""
    return Caller(Client(headers={"host": host_of(place.slug)}), headers)


@pytest.fixture
def by_token(company: Current) -> Callable[..., Caller]:
    """`by_token(person)` calls with a fresh token of this person."""
    from kezhou.api import tokens

    def make(person: Person, **options: Any) -> Caller:
        _, secret = tokens.make(person.actor, name="test", **options)
        return caller(company, Authorization=f"Bearer {secret}")

    return make


@pytest.fixture
def admin(member_factory: MemberFactory, by_token: Callable[..., Caller]) -> Caller:
    """An administrator's program."""
    return by_token(member_factory("admin"))


@pytest.fixture
def seller(member_factory: MemberFactory, company: Current) -> Person:
    """A member with the role 销售: own records only."""
    return member_factory("sales", name="周敏")


@pytest.fixture
def by_session(company: Current, sign_in: SignIn) -> Callable[[Person], Caller]:
    """`by_session(person)` calls as a signed-in browser, CSRF checks on."""

    def make(person: Person) -> Caller:
        client = sign_in(Client(enforce_csrf_checks=True), person)
        return Caller(client, {"host": host_of(company.slug)})

    return make


__all__ = ["tenant"]
