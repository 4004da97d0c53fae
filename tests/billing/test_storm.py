"""A storm of events: late, shuffled and repeated, while Stripe's side goes on. `make bench ARGS=webhooks` makes it ten thousand."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator

import pytest

from billing.models import Bill, StripeEvent, Subscription
from billing.refreshing import refresh_due
from kezhou.testing.access import MemberFactory, Person
from tenants.context import Current, control_plane, tenant
from tests.bench.notes import note
from tests.billing.conftest import AGO, post
from tests.billing.fake import FakeStripe
from tests.billing.test_stripe import buy, picture

EVENTS = int(os.environ.get("KEZHOU_STORM", "240"))
LOOK_EVERY = 40


def life(places: tuple[Current, ...], fake: FakeStripe) -> Iterator[None]:
    """Two companies buy; one pays late and cancels, the other changes its seats and does not pay at all."""
    first, second = (buy(place, fake, plan) for place, plan in zip(places, ("team", "company"), strict=True))
    yield
    fake.ledger.declining.update({first, second})
    fake.ledger.advance(33)
    yield
    fake.ledger.pay(first)
    subscription = fake.ledger.running(second)
    fake.ledger.change(subscription, subscription["items"]["data"][0], quantity=7)
    yield
    fake.ledger.advance(AGO.days - 33)
    fake.ledger.cancel(first)
    yield


@pytest.mark.req("BIL-02", part="payments told late, twice and out of order")
def test_a_storm_ends_where_the_ordered_events_do(
    alpha: Current, beta: Current, boss: Person, published: FakeStripe, member_factory: MemberFactory
) -> None:
    places = (alpha, beta)
    with tenant(beta):
        member_factory("admin", username="other")
    with control_plane():
        before = list(Subscription.objects.filter(tenant_id__in=[place.pk for place in places]).values())
    draw = random.Random(20_261_128)
    waiting: list[dict[str, object]] = []
    told, sent = 0, 0
    begun = time.perf_counter()
    for _step in life(places, published):
        fresh = published.ledger.events[told:]
        told += len(fresh)
        waiting += fresh
        draw.shuffle(waiting)
        now, waiting = waiting[: len(waiting) // 2], waiting[len(waiting) // 2 :]
        sent += storm(now)
    rest = [*waiting, *draw.choices(published.ledger.events, k=max(0, EVENTS - sent - len(waiting)))]
    draw.shuffle(rest)
    sent += storm(rest)
    seconds, calls = time.perf_counter() - begun, len(published.calls)
    shuffled = [picture(place) for place in places]

    with control_plane():
        StripeEvent.objects.all().delete()
        Bill.objects.all().delete()
        for row in before:
            customer = Subscription.objects.get(pk=row["id"]).stripe_customer
            Subscription.objects.filter(pk=row["id"]).update(**{**row, "stripe_customer": customer})
    storm(published.ledger.events)

    assert shuffled == [picture(place) for place in places]
    assert sent >= EVENTS
    if "KEZHOU_STORM" in os.environ:
        note("webhook storm", events=sent, seconds=round(seconds, 1), a_second=round(sent / seconds), calls=calls)


def storm(events: list[dict[str, object]]) -> int:
    """Post them as they come; a worker looks now and then. Answers how many there were."""
    for number, event in enumerate(events):
        assert post(event) == 200
        if number % LOOK_EVERY == 0:
            refresh_due()
    refresh_due()
    return len(events)
