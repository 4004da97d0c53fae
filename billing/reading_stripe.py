"""What Stripe's objects mean here: pure functions from fetched objects to facts, so that old news cannot spoil new ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from billing.plans import RUNNING

if TYPE_CHECKING:
    import stripe


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that a subscription pays for."""

    key: str
    price: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A customer's subscription as it is now. `over`: it does not go on, by the customer's wish or for want of money; `others`: how many
    more go on."""

    key: str
    status: str
    items: tuple[Item, ...]
    trial_until: datetime | None
    paid_until: datetime | None
    ending: bool
    over: bool
    others: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """A bill of Stripe's."""

    key: str
    number: str
    state: str
    currency: str
    amount: int
    lines: tuple[tuple[str, int], ...]
    made_at: datetime
    due_at: datetime | None
    paid_at: datetime | None
    page_url: str
    pdf_url: str


def standing(subscriptions: Iterable[stripe.Subscription]) -> Standing | None:
    """The subscription that counts: the newest that goes on, else the newest that is over; None when there never was one."""
    known = [each for each in subscriptions if each.status not in {"incomplete", "incomplete_expired"}]
    known.sort(key=lambda each: (each.status in RUNNING, each.created, each.id))
    others = sum(each.status in RUNNING for each in known[:-1])
    return _standing(known[-1], others) if known else None


def _standing(found: stripe.Subscription, others: int) -> Standing:
    items: Sequence[stripe.SubscriptionItem] = found["items"].data  # `.items` is the method of a dict
    begun = _moment(min(item.current_period_start for item in items))
    ends = _moment(min(item.current_period_end for item in items))
    unpaid = found.status in {"past_due", "unpaid"} or _gave_up(found)
    over = found.status == "canceled"
    return Standing(
        key=found.id,
        status=found.status,
        items=tuple(Item(key=item.id, price=item.price.id, quantity=item.quantity or 1) for item in items),
        trial_until=_moment(found.trial_end) if found.status in {"trialing", "paused"} else None,
        paid_until=_paid_until(found, begun, ends, unpaid=unpaid),
        ending=bool(found.cancel_at_period_end or found.cancel_at) or (over and not unpaid),
        over=over,
        others=others,
    )


def _paid_until(
    found: stripe.Subscription, begun: datetime | None, ends: datetime | None, *, unpaid: bool
) -> datetime | None:
    """Stripe begins a period before it is paid: while the money is missing the last paid one ended when this one began."""
    if found.status in {"trialing", "paused"}:
        return None
    if unpaid:
        return begun
    return _moment(found.ended_at) if found.status == "canceled" else ends


def _gave_up(found: stripe.Subscription) -> bool:
    """Stripe itself ended the subscription because nobody paid."""
    details = found.cancellation_details
    return found.status == "canceled" and details is not None and details.reason == "payment_failed"


def invoice(found: stripe.Invoice) -> Invoice:
    """A bill as we keep it."""
    paid_at = found.status_transitions.paid_at if found.status_transitions else None
    return Invoice(
        key=found.id or "",
        number=found.number or found.id or "",
        state=found.status or "draft",
        currency=found.currency,
        amount=found.total,
        lines=tuple((line.description or "", line.amount) for line in found.lines.data),
        made_at=datetime.fromtimestamp(found.created, UTC),
        due_at=_moment(found.due_date),
        paid_at=_moment(paid_at),
        page_url=found.hosted_invoice_url or "",
        pdf_url=found.invoice_pdf or "",
    )


def _moment(seconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
