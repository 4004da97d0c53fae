"""How requests leave for Stripe. Apart from `billing.stripe_client` because it loads the library, which is heavy."""

from typing import Any

import stripe

from tenants.context import in_transaction


class CalledInTransaction(Exception):
    """Stripe was called while a transaction was open: its rows would be locked for as long as a server far away likes."""


class OutsideTransactions(stripe.RequestsClient):
    """Requests that refuse to leave from inside a transaction."""

    def request_with_retries(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        if in_transaction():
            raise CalledInTransaction(
                f"{method.upper()} {url} was about to be sent inside a transaction. Do it after the commit."
            )
        return super().request_with_retries(method, url, *args, **kwargs)
