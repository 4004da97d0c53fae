"""Seats follow members: what Stripe bills is how many there are, a few minutes later at most.

Members are counted over all companies in one statement, so nothing has to be told when somebody is invited or leaves, and no news can be lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from billing.models import Subscription
from billing.refreshing import note
from billing.stripe_client import client, connected, sentence
from tenants import directory
from tenants.asking import of_each
from tenants.context import Current, control_plane
from tenants.states import KEPT
from tenants.tasks import task

PAYING = frozenset({"trialing", "active", "past_due"})
COUNTED = "SELECT '{schema}', count(*) FROM \"{schema}\".access_member WHERE state IN ('active', 'invited') AND deleted_at IS NULL"


def counted(places: Iterable[Current]) -> Mapping[int, int]:
    """Members in office or invited, by company."""
    by_schema = {place.schema: place.pk for place in places}
    with control_plane():
        return {by_schema[schema]: seats for schema, seats in of_each(COUNTED, tuple(by_schema))}


@task(control=True, name="billing.follow_seats")
def follow_seats() -> int:
    """Tell Stripe the number of seats where it is another one than it bills; says how many companies that were."""
    if not connected():
        return 0
    with control_plane():
        paying = Subscription.objects.filter(stripe_status__in=PAYING, source="stripe").exclude(stripe_item="")
        rows = {row.tenant_id: row for row in paying}
    now = counted(place for place in directory.tenants(states=KEPT) if place.pk in rows)
    return sum(_tell(rows[pk], max(1, seats)) for pk, seats in now.items() if max(1, seats) != rows[pk].pushed_seats)


def _tell(row: Subscription, seats: int) -> bool:
    """Stripe settles the difference by days (proration) with the next bill."""
    import stripe  # heavy, and no business of a process that never pays

    try:
        client().v1.subscriptions.update(
            row.stripe_subscription,
            {"items": [{"id": row.stripe_item, "quantity": seats}], "proration_behavior": "create_prorations"},
        )
    except stripe.StripeError as error:
        with control_plane():
            Subscription.objects.filter(pk=row.pk).update(problem=sentence(error))
        return False
    with control_plane():
        Subscription.objects.filter(pk=row.pk).update(pushed_seats=seats)
    note(row.stripe_customer)
    return True
