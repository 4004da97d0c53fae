"""The shape of every call we make, looked at by stripe-mock, which knows Stripe's own description of its API.

    go install github.com/stripe/stripe-mock@v0.203.0 && stripe-mock -http-addr 127.0.0.1:12111
    STRIPE_MOCK_URL=http://127.0.0.1:12111 make test ARGS=tests/billing/test_shapes.py

The types of Stripe's library, checked by mypy, hold the same on every run; the fake refuses parameters that we do not mean to send.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from billing import checkout, reading_stripe, refreshing, seats
from billing.models import Price, Subscription
from billing.publishing import publish_all
from kezhou.testing.access import Person
from tenants.context import Current, control_plane, tenant

MOCK = os.environ.get("STRIPE_MOCK_URL", "")
pytestmark = pytest.mark.skipif(not MOCK, reason="STRIPE_MOCK_URL names no stripe-mock")


@pytest.fixture
def mock(settings: Any, prices: None) -> None:
    settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = "sk_test_123", MOCK


def test_every_call_has_a_shape_that_stripe_knows(alpha: Current, boss: Person, mock: None) -> None:
    assert publish_all() == {}
    with control_plane():
        Price.objects.filter(plan__key="company").update(active=False)
        Price.objects.get(plan__key="company").plan.__class__.objects.filter(key="company").update(version=2)
        Subscription.objects.filter(tenant_id=alpha.pk).update(trial_until=datetime.now(UTC) + timedelta(days=9))
    assert publish_all() == {}
    with tenant(alpha):
        assert checkout.begin("team", "year", [], back="https://a.test/", cancelled="https://a.test/").startswith(
            "http"
        )
        assert checkout.portal(back="https://a.test/").startswith("http")
    standing, invoices = refreshing._fetch("cus_1")
    assert isinstance(standing, reading_stripe.Standing)
    assert {invoice.currency for invoice in invoices} == {"usd"}
    with control_plane():
        Subscription.objects.filter(tenant_id=alpha.pk).update(
            source="stripe", stripe_status="active", stripe_subscription="sub_1", stripe_item="si_1", pushed_seats=7
        )
    assert seats.follow_seats() == 1
