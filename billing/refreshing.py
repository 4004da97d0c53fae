"""Stripe's side fetched whole and written here: whatever the order of its events, what is fetched last is what is true.

An event only says “look again”: it raises `wanted`. A worker takes a claim, fetches outside any transaction, and writes if its claim still
stands; so an answer that came late from a slow server never overwrites a newer one, and a thousand events of a company cost one look.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from billing import reading_stripe
from billing.models import Bill, Price, Subscription
from billing.reading_stripe import Invoice, Standing
from billing.settling import settle
from billing.stripe_client import client, connected, sentence
from tenants.context import control_plane
from tenants.tasks import task

CLAIM = timedelta(seconds=90)
LONGEST_PAUSE = timedelta(hours=1)
DOUBLINGS = 7
"""Of the first pause until it is the longest one; failures are counted on, and two to their power is no time at all one day."""
INVOICES = 100


def note(customer: str) -> int | None:
    """Something of a customer may have changed. The company whose worker has to be called, None when one is due already."""
    with control_plane(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE billing_subscription SET wanted = wanted + 1 WHERE stripe_customer = %s AND stripe_customer <> ''"
            " RETURNING tenant_id, wanted - 1 = fetched",
            [customer],
        )
        row = cursor.fetchone()
    return row[0] if row is not None and row[1] else None


def refresh(tenant_pk: int) -> bool:
    """Look at Stripe until nothing new is known of; says whether it came to an end. Never raises what Stripe says."""
    import stripe  # heavy, and no business of a process that never pays

    while claimed := _claim(tenant_pk):
        claim, wanted, customer = claimed
        try:
            found, bills = _fetch(customer)
        except stripe.StripeError as error:
            _fail(tenant_pk, claim, sentence(error))
            return False
        if not _store(tenant_pk, claim, wanted, found, bills):
            return False
        settle(tenant_pk)
    return True


def _claim(tenant_pk: int) -> tuple[uuid.UUID, int, str] | None:
    claim = uuid.uuid4()
    with control_plane():
        taken = (
            Subscription.objects.filter(tenant_id=tenant_pk, wanted__gt=F("fetched"))
            .filter(Q(claimed_until=None) | Q(claimed_until__lt=Now()))
            .update(claim=claim, claimed_until=timezone.now() + CLAIM)
        )
        if not taken:
            return None
        row = Subscription.objects.get(tenant_id=tenant_pk)
    return claim, row.wanted, row.stripe_customer


def _fetch(customer: str) -> tuple[Standing | None, tuple[Invoice, ...]]:
    remote = client()
    subscriptions = remote.v1.subscriptions.list({"customer": customer, "status": "all", "limit": 20})
    invoices = remote.v1.invoices.list({"customer": customer, "limit": INVOICES})
    return (
        reading_stripe.standing(subscriptions.data),
        tuple(reading_stripe.invoice(each) for each in invoices.data),
    )


def _store(tenant_pk: int, claim: uuid.UUID, wanted: int, found: Standing | None, bills: tuple[Invoice, ...]) -> bool:
    """Write what was fetched unless somebody else took over meanwhile."""
    with control_plane(), transaction.atomic():
        row = Subscription.objects.select_for_update().filter(tenant_id=tenant_pk, claim=claim).first()
        if row is None:
            return False
        row.problem = ""
        if found is not None:
            _follow(row, found)
        row.fetched, row.claim, row.claimed_until, row.failures = wanted, None, None, 0
        row.save()
        _keep_bills(tenant_pk, bills)
    return True


def _follow(row: Subscription, found: Standing) -> None:
    """Take over what Stripe says; what it does not sell (a transfer that is paid for longer) is left in force."""
    if found.over and row.source == Subscription.Source.MANUAL:
        return
    prices = {
        price.stripe_price: price
        for price in Price.objects.select_related("plan", "addon").filter(
            stripe_price__in=[item.price for item in found.items]
        )
    }
    strange = [item.price for item in found.items if item.price not in prices]
    if strange:
        row.problem = _("Stripe 订阅里的价格 %(prices)s 不是在这里建的，套餐没有跟着变。请改用这里发布的价格。") % {
            "prices": "、".join(strange)
        }
    elif found.others:
        row.problem = _("还有 %(count)d 个 Stripe 订阅也在扣款，只有最新的算数。请在 Stripe 取消多余的并退款。") % {
            "count": found.others
        }
    row.source, row.stripe_status, row.stripe_subscription = Subscription.Source.STRIPE, found.status, found.key
    row.trial_until, row.paid_until, row.ending = found.trial_until, found.paid_until, found.ending
    row.seats, row.stripe_item, row.pushed_seats = None, "", None
    row.addons = sorted(price.addon.plugin for price in prices.values() if price.addon is not None)
    for item in found.items:
        price = prices.get(item.price)
        if price is not None and price.plan is not None:
            if row.plan_id != price.plan_id:
                row.plan, row.since = price.plan, timezone.now()
            row.period, row.stripe_item, row.pushed_seats = price.period, item.key, item.quantity


def _keep_bills(tenant_pk: int, bills: tuple[Invoice, ...]) -> None:
    rows = [
        Bill(
            tenant_id=tenant_pk,
            source=Subscription.Source.STRIPE,
            stripe_invoice=bill.key,
            number=bill.number,
            state=bill.state,
            title=(bill.lines[0][0] if bill.lines else bill.number)[:300],
            lines=[list(line) for line in bill.lines],
            currency=bill.currency,
            amount=bill.amount,
            made_at=bill.made_at,
            due_at=bill.due_at,
            paid_at=bill.paid_at,
            page_url=bill.page_url[:1000],
            pdf_url=bill.pdf_url[:1000],
        )
        for bill in bills
    ]
    kept = ("number", "state", "title", "lines", "currency", "amount", "due_at", "paid_at", "page_url", "pdf_url")
    Bill.objects.bulk_create(rows, update_conflicts=True, unique_fields=["stripe_invoice"], update_fields=kept)


def _fail(tenant_pk: int, claim: uuid.UUID, said: str) -> None:
    """Stripe was away or refused: noted for the operator, and tried again later and later."""
    with control_plane():
        row = Subscription.objects.filter(tenant_id=tenant_pk, claim=claim).first()
        if row is None:
            return
        pause = min(timedelta(seconds=30) * 2 ** min(row.failures, DOUBLINGS), LONGEST_PAUSE)
        Subscription.objects.filter(tenant_id=tenant_pk, claim=claim).update(
            claim=None, claimed_until=timezone.now() + pause, failures=F("failures") + 1, problem=said
        )


@task(control=True, name="billing.refresh_one")
def refresh_one(tenant_pk: int) -> None:
    """One company's news."""
    refresh(tenant_pk)


@task(control=True, name="billing.refresh_due")
def refresh_due() -> int:
    """Every minute: whoever has news that no worker has looked at (lost messages, Stripe away); says how many."""
    if not connected():
        return 0
    with control_plane():
        due = list(
            Subscription.objects.filter(wanted__gt=F("fetched"))
            .filter(Q(claimed_until=None) | Q(claimed_until__lt=Now()))
            .values_list("tenant_id", flat=True)
        )
    return sum(refresh(pk) for pk in due)
