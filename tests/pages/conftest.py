"""The public site and a company's pages as a browser without JavaScript sees them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from kezhou import switching
from kezhou.jobs.models import Job
from kezhou.jobs.running import run
from kezhou.testing.access import MemberFactory, Person, SignIn
from tenants import signups
from tenants.context import Current, tenant

Code = Callable[[str], str]


@pytest.fixture
def site(database: None) -> Client:
    """A visitor of the public site."""
    return Client(SERVER_NAME="localhost")


@pytest.fixture
def codes(monkeypatch: pytest.MonkeyPatch) -> Code:
    """The codes that were sent, by address; they are taken where they leave the sign-up for the mail server."""
    sent: dict[str, str] = {}
    for channel in ("email", "sms"):
        monkeypatch.setitem(signups._senders, channel, sent.__setitem__)
    return sent.__getitem__


@pytest.fixture
def administrator(alpha: Current, member_factory: MemberFactory) -> Person:
    """周敏, who administers the company alpha."""
    with tenant(alpha):
        return member_factory(role="admin", name="周敏")


@pytest.fixture
def salesman(alpha: Current, member_factory: MemberFactory) -> Person:
    """A member who may not change settings."""
    with tenant(alpha):
        return member_factory(role="sales", name="陈嘉禾")


@pytest.fixture
def admin(administrator: Person, sign_in: SignIn) -> Client:
    """The administrator's browser."""
    return sign_in(Client(SERVER_NAME="alpha.localhost"), administrator)


@pytest.fixture
def seller(salesman: Person, sign_in: SignIn) -> Client:
    """The salesman's browser."""
    return sign_in(Client(SERVER_NAME="alpha.localhost"), salesman)


@pytest.fixture
def customers_on(alpha: Current, administrator: Person) -> None:
    """Customers and sales are switched on in alpha."""
    with tenant(alpha):
        switching.switch_on(administrator.actor, ["customers", "sales"])


def finish_jobs(place: Current) -> list[Job]:
    """Do what a worker would do now; answers the jobs in order."""
    with tenant(place):
        for job in Job.objects.filter(state__in=("queued", "running")).order_by("pk"):
            run(job.pk)
        return list(Job.objects.order_by("pk"))
