"""The shape of every call we make to Stripe (see `tests.billing.shapes`), whose check stands around all tests of this folder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe
from stripe._customer_service import CustomerService
from stripe._price_service import PriceService
from stripe.checkout._session_service import SessionService

from billing import checkout, refreshing, seats
from billing.models import Plan, Price, Subscription
from billing.publishing import publish_all
from billing.stripe_client import client
from kezhou.testing.access import Person
from tenants.context import Current, control_plane, tenant
from tests.billing.fake import FakeStripe
from tests.billing.shapes import WrongShape, params_of, wrong

PRICE = {"currency": "cny", "product": "prod_1", "unit_amount": 4800, "recurring": {"interval": "month"}}


def test_every_call_of_a_companys_life_has_a_shape_that_stripe_knows(
    alpha: Current, boss: Person, published: FakeStripe, seen: list[str]
) -> None:
    with control_plane():
        Price.objects.filter(plan__key="company").update(active=False)
        Plan.objects.filter(key="company").update(version=9)
        Subscription.objects.filter(tenant_id=alpha.pk).update(trial_until=datetime.now(UTC) + timedelta(days=9))
    assert publish_all() == {}
    with tenant(alpha):
        checkout.begin("team", "year", [], back="https://a.test/", cancelled="https://a.test/")
        checkout.portal(back="https://a.test/")
        with control_plane():
            customer = Subscription.objects.get(tenant_id=alpha.pk).stripe_customer
    refreshing._fetch(customer)
    with control_plane():
        Subscription.objects.filter(tenant_id=alpha.pk).update(
            source="stripe", stripe_status="active", stripe_subscription="sub_1", stripe_item="si_1", pushed_seats=7
        )
    seats.follow_seats()

    assert set(seen) == {
        "ProductService.create", "ProductService.update", "PriceService.create", "PriceService.update",
        "CustomerService.create", "SessionService.create", "SessionService.list", "SubscriptionService.list", "InvoiceService.list",
        "SubscriptionService.update",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("service", "params", "told"),
    [
        (PriceService, PRICE, []),
        (PriceService, {**PRICE, "unit_amount": "4800"}, ["call.unit_amount is '4800', not int"]),
        (PriceService, {**PRICE, "unit_amount": True}, ["call.unit_amount is True, not int"]),
        (PriceService, {"product": "prod_1"}, ["call lacks currency"]),
        (PriceService, {**PRICE, "amount": 1}, ["call has amount, which Stripe does not know"]),
        (PriceService, {**PRICE, "recurring": {"interval": "moon"}}, [
            "call.recurring.interval is 'moon', not one of 'day', 'month', 'week', 'year'"]),
        (CustomerService, {"metadata": {"tenant": 7}}, ["call.metadata.tenant is 7, not str"]),
        (SessionService, {"mode": "subscription", "line_items": [{"price": "p", "quantity": "2"}]}, [
            "call.line_items[0].quantity is '2', not int"]),
    ],
)  # fmt: skip
def test_a_wrong_shape_is_told_with_its_place(service: Any, params: dict[str, Any], told: list[str]) -> None:
    assert wrong(params, params_of(service, "create"), "call") == told


def test_a_call_of_a_wrong_shape_does_not_leave(fake: FakeStripe) -> None:
    with pytest.raises(WrongShape, match=r"CustomerService.create has mail, which Stripe does not know"):
        client().v1.customers.create({"mail": "zhou@example.com"})  # type: ignore[typeddict-unknown-key]  # on purpose
    assert issubclass(WrongShape, AssertionError)
    assert not issubclass(WrongShape, stripe.StripeError)
