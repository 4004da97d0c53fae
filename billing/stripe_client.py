"""The one way to Stripe: its own library, with a time limit, never from inside a transaction.

Without `STRIPE_SECRET_KEY` there is no client and nothing offers to pay online. `STRIPE_API_BASE` names another server that
speaks Stripe's protocol: the fake of the tests, stripe-mock.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    import stripe

TIMEOUT = 20
RETRIES = 2


class NotConnected(Exception):
    """This installation has no Stripe account."""


def connected() -> bool:
    """Whether companies can pay online here."""
    return bool(settings.STRIPE_SECRET_KEY)


def client() -> stripe.StripeClient:
    """The client. Raises NotConnected."""
    if not connected():
        raise NotConnected("This installation has no Stripe account: set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET.")
    return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)


@lru_cache(maxsize=4)
def _client(key: str, base: str) -> stripe.StripeClient:
    import stripe  # heavy, and no business of a process that never pays

    from billing.stripe_transport import OutsideTransactions

    return stripe.StripeClient(
        key,
        http_client=OutsideTransactions(timeout=TIMEOUT),
        max_network_retries=RETRIES,
        base_addresses={"api": base} if base else None,
    )


def sentence(error: stripe.StripeError) -> str:
    """What Stripe said, short enough to be shown to operators."""
    return f"{type(error).__name__}: {error.user_message or error}"[:500]
