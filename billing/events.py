"""Stripe's webhook: verified, counted once, and understood as nothing more than “look again”."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from billing import refreshing
from billing.models import StripeEvent
from kezhou.pages import PUBLIC, PUBLIC_SITE, page
from tenants.context import control_plane
from tenants.tasks import task

if TYPE_CHECKING:
    import stripe

PATH = "billing/stripe"
CONCERNED = ("customer.", "invoice.", "checkout.session.", "payment_method.")
KEPT_DAYS = 90


@page(PATH, access=PUBLIC, site=PUBLIC_SITE, methods=("POST",), name="stripe-events")
@csrf_exempt
def receive(request: HttpRequest) -> HttpResponse:
    """An event. 400 for a wrong or old signature, 404 without Stripe, 200 once it is noted, however often it comes."""
    import stripe  # heavy, and no business of a process that never pays

    if not settings.STRIPE_WEBHOOK_SECRET:
        return JsonResponse({"error": "no Stripe account"}, status=404)
    try:
        event = stripe.Webhook.construct_event(
            request.body, request.headers.get("Stripe-Signature", ""), settings.STRIPE_WEBHOOK_SECRET
        )
    except (ValueError, KeyError, stripe.SignatureVerificationError):
        return JsonResponse({"error": "bad signature or body"}, status=400)
    due = _note(event, _customer(event))
    if due is not None:
        _call_worker(due)
    return JsonResponse({"received": True})


def _note(event: stripe.Event, customer: str) -> int | None:
    """Keep the event and what it asks for in one transaction: an event that was not wholly noted is sent again and counts."""
    with control_plane(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO billing_stripeevent (key, type, customer) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                [event.id[:80], event.type[:80], customer[:80]],
            )
            is_new = cursor.rowcount == 1
        if not is_new or not customer or not event.type.startswith(CONCERNED):
            return None
        return refreshing.note(customer)


@task(control=True, name="billing.forget_old_events")
def forget_old() -> int:
    """Delete what was noted of events that Stripe no longer repeats; says how many."""
    return StripeEvent.objects.filter(at__lt=timezone.now() - timedelta(days=KEPT_DAYS)).delete()[0]


def _customer(event: stripe.Event) -> str:
    """The key of the customer that an event is about; empty when it is about none."""
    found = event.data.object
    if getattr(found, "object", "") == "customer":
        return str(getattr(found, "id", ""))
    held = getattr(found, "customer", None)
    return str(getattr(held, "id", held) or "")


def _call_worker(tenant_pk: int) -> None:
    """Hand the work on; a broker that is away is no reason to refuse an event: it is found within a minute."""
    refreshing.refresh_one.after_commit(tenant_pk)
