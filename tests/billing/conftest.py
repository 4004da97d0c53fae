"""A fake Stripe that the product is connected to, and its events brought to the webhook."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from stripe._stripe_service import StripeService

from billing.models import Price
from billing.publishing import publish_all
from billing.refreshing import refresh_due
from kezhou.testing.access import MemberFactory, Person
from tenants.context import Current, control_plane, tenant
from tenants.provisioning import ensure_ops
from tests.billing.fake import FakeStripe
from tests.billing.fake.server import SECRET, signed
from tests.billing.shapes import checking

Deliver = Callable[[Iterable[dict[str, Any]]], list[int]]
AGO = timedelta(days=40)


@pytest.fixture
def seen() -> list[str]:
    """The calls to Stripe so far, as service and method."""
    return []


@pytest.fixture(autouse=True)
def shapes_are_right(monkeypatch: pytest.MonkeyPatch, seen: list[str]) -> None:
    """Every call of these tests is looked at before it leaves."""
    monkeypatch.setattr(StripeService, "_request", checking(seen))


@pytest.fixture
def fake(settings: Any) -> Iterator[FakeStripe]:
    """A fake whose clock stands forty days back, so that it can go on to today."""
    server = FakeStripe(datetime.now(UTC).replace(microsecond=0) - AGO)
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = "sk_test_of_the_tests", SECRET
    settings.STRIPE_API_BASE = server.url
    yield server
    server.close()


@pytest.fixture
def boss(alpha: Current, member_factory: MemberFactory) -> Person:
    """alpha's administrator, with an address for letters."""
    with tenant(alpha):
        return member_factory("admin", name="周敏", username="boss", email="zhou@example.com")


@pytest.fixture
def prices(database: None) -> None:
    """The team plan costs 48.00 a seat and month, 480.00 a year; the company plan 96.00 a month."""
    with control_plane():
        for key, period, amount in (("team", "month", 4800), ("team", "year", 48000), ("company", "month", 9600)):
            Price.objects.create(plan_id=plan_pk(key), period=period, amount=amount)


@pytest.fixture
def published(fake: FakeStripe, prices: None) -> FakeStripe:
    """A fake that knows them."""
    assert publish_all() == {}
    return fake


@pytest.fixture
def deliver(fake: FakeStripe) -> Deliver:
    """Bring events to the webhook, then do a worker's part."""

    def bring(events: Iterable[dict[str, Any]]) -> list[int]:
        statuses = [post(event) for event in events]
        refresh_due()
        return statuses

    return bring


def post(event: dict[str, Any], **how: Any) -> int:
    """One event at the webhook; the status of the answer."""
    body, mark = signed(event, **how)
    client = Client(HTTP_HOST="localhost", headers={"Stripe-Signature": mark})
    return client.post("/billing/stripe", body, content_type="application/json").status_code


def plan_pk(key: str) -> int:
    from billing.models import Plan

    return Plan.objects.get(key=key).pk


@pytest.fixture
def operator(alpha: Current, beta: Current, member_factory: MemberFactory) -> Person:
    """Somebody who runs the installation."""
    with tenant(ensure_ops()):
        return member_factory("admin", name="知秋", username="zhiqiu")
