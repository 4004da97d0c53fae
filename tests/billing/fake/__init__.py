"""A small Stripe: the calls we make, with the state behind them, spoken to by the real client over HTTP.

What it does as Stripe does: refuses unknown parameters, trials, prorations for changed seats, dunning, cancelling now or at the end, idempotency keys,
signed events. What it does not: taxes, discounts, currencies, several pages of lists.
"""

from tests.billing.fake.ledger import Ledger
from tests.billing.fake.server import FakeStripe

__all__ = ["FakeStripe", "Ledger"]
