"""Fixtures that make members and sign them in, through the product's own functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.cached_db import SessionStore
from django.test import Client

from tenants.context import current, current_or_none, tenant
from tenants.directory import find_by_slug, host_of

PASSWORD = "correct-horse-7"  # noqa: S105  # of members that tests make


@dataclass(frozen=True)
class Person:
    """A member that a test made: who it is and how it signs in. `slug` names the company."""

    pk: int
    account_pk: int
    name: str
    username: str
    slug: str
    password: str = PASSWORD

    @property
    def actor(self) -> Any:
        """The actor as of now, compiled anew when roles or departments changed. Inside the company only."""
        from kezhou.access.actors import actor_for  # needs the apps

        found = actor_for(self.pk, via="session")
        assert found is not None, f"{self.name} may not act."
        return found


MemberFactory = Callable[..., Person]
SignIn = Callable[[Client, Person], Client]


@pytest.fixture
def member_factory() -> MemberFactory:
    """``member_factory(role="sales", department=pk)`` makes a member with an account in the entered company.

    ``role`` is a standard role's key, a sequence of them, or "" for none; ``name`` and ``username`` are made up when not given.
    """
    from kezhou.access.accounts import account_of_member
    from kezhou.access.actor import System  # needs the apps
    from kezhou.access.staff import enrol

    numbers = count(1)

    def make(
        role: str | Sequence[str] = "sales",
        *,
        name: str = "",
        username: str = "",
        email: str = "",
        mobile: str = "",
        department: int | None = None,
    ) -> Person:
        number = next(numbers)
        roles = ([role] if role else []) if isinstance(role, str) else list(role)
        pk = enrol(
            System("a test makes a member"),
            name=name or f"测试员{number}",
            username=username or f"tester{number}",
            email=email,
            mobile=mobile,
            password=PASSWORD,
            roles=roles,
            department=department,
        )
        account = account_of_member(pk)
        assert account is not None
        return Person(pk, account.pk, name or f"测试员{number}", account.username or "", current().slug)

    return make


@pytest.fixture
def department_factory() -> Callable[..., int]:
    """``department_factory("成都分公司", parent=pk, head=person)`` makes a department and gives its primary key."""
    from kezhou import records  # needs the apps
    from kezhou.access.actor import System

    def make(name: str, *, parent: int | None = None, head: Person | None = None) -> int:
        row = {"name": name, "parent": parent, "head": head.pk if head else None}
        return records.save(System("a test makes a department"), "core.department", [row]).pk

    return make


@pytest.fixture
def sign_in() -> SignIn:
    """``sign_in(client, person)`` gives the test client a running session of this person at the company's host."""

    def start(client: Client, person: Person) -> Client:
        from kezhou.access.actors import SESSION_VERSION  # needs the apps
        from kezhou.access.models import Account

        here = current_or_none()
        place = here if here is not None and here.slug == person.slug else find_by_slug(person.slug)
        assert place is not None
        with tenant(place):
            account = Account.objects.get(pk=person.account_pk)
            session = SessionStore()
            session[SESSION_KEY] = str(account.pk)
            session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
            session[HASH_SESSION_KEY] = account.get_session_auth_hash()
            session[SESSION_VERSION] = account.session_version
            session.save()
        client.defaults["HTTP_HOST"] = host_of(person.slug)
        client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key or ""
        return client

    return start
