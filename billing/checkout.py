"""Buying and changing online: Stripe's own pages do both, we send the person there and look at what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.models import Price, Subscription
from billing.plans import RUNNING, subscription_of, too_small
from billing.pricing import credits
from billing.stripe_client import client, sentence
from billing.terms import terms
from kezhou.access.entitlements import used
from tenants.context import control_plane, current

if TYPE_CHECKING:
    import stripe

LOCALES = {"zh-hans": "zh", "en": "en"}
SHORTEST_TRIAL = timedelta(hours=49)
"""Stripe takes no trial that ends sooner than in two days."""


class PaymentProblem(Exception):
    """It cannot be paid like this; `str()` is the sentence to show."""


def begin(plan: str, period: str, addons: Sequence[str], *, back: str, cancelled: str) -> str:
    """The address at Stripe where the entered company buys a plan for the members it has. Raises PaymentProblem."""
    place = current()
    seats = max(1, used("seats"))
    if _demand_none(place.pk).stripe_customer:
        look_again()  # another administrator may have paid a moment ago
    row = _demand_none(place.pk)
    with control_plane():
        prices = _prices(plan, period, addons, seats)
    customer = _customer(row)
    with _asking():
        session = client().v1.checkout.sessions.create(
            {
                "mode": "subscription",
                "customer": customer,
                "client_reference_id": place.schema,
                "line_items": [{"price": key, "quantity": seats if per_seat else 1} for key, per_seat in prices],
                "subscription_data": _subscription_data(row, place.schema),
                "success_url": back,
                "cancel_url": cancelled,
                "locale": "en" if place.language == "en" else "zh",
            }
        )
        _close_older(session, customer)
    return session.url or back


def _demand_none(pk: int) -> Subscription:
    """The company's row; raises PaymentProblem while something is paid for that a second purchase would double or lose."""
    with control_plane():
        row = subscription_of(pk)
        if row.stripe_status in RUNNING:
            raise PaymentProblem(_("已经有一个订阅在付款，请点“管理订阅”去改，不用再买一次。"))
        if sentence := paid_ahead(row):
            raise PaymentProblem(sentence)
    return row


def paid_ahead(row: Subscription) -> str:
    """Why a company that paid by transfer does not buy online yet; empty when it may. In the control plane."""
    if not credits(row, timezone.now()) or row.paid_until is None:
        return ""
    day = f"{timezone.localtime(row.paid_until):%Y-%m-%d}"
    return _("对公转账已付到 %(day)s，在线购买不会折算没用完的天数；到期后再在线购买，现在换请用对公转账") % {
        "day": day
    }


def _close_older(made: stripe.checkout.Session, customer: str) -> None:
    """Two administrators buy at once: only the page that was opened last can be paid, so that nobody pays twice."""
    import stripe  # heavy, and no business of a process that never pays

    remote = client().v1.checkout.sessions
    try:
        for each in remote.list({"customer": customer, "status": "open", "limit": 20}).data:
            if (each.created, each.id) < (made.created, made.id):
                remote.expire(each.id)
    except stripe.InvalidRequestError as error:  # it was paid while we looked
        remote.expire(made.id)
        raise PaymentProblem(_("另一位管理员刚刚付了款，没有再买一次。请刷新后再看。")) from error


def _prices(plan: str, period: str, addons: Sequence[str], seats: int) -> list[tuple[str, bool]]:
    """Stripe's keys of what is bought, and whether each is counted by seats."""
    offered = Price.objects.filter(period=period, active=True).exclude(stripe_price="")
    chosen = price_of(plan, period)
    if chosen is None:
        raise PaymentProblem(_("这个套餐现在不能在线购买，请换一个，或改用对公转账。"))
    if chosen.plan is not None and (sentence := too_small(chosen.plan, seats)):
        raise PaymentProblem(sentence)
    beside = {
        price.addon.plugin: price
        for price in offered.filter(addon__plugin__in=addons, addon__is_offered=True).select_related("addon")
        if price.addon
    }
    missing = [name for name in addons if name not in beside]
    if missing:
        raise PaymentProblem(_("模块 %(names)s 现在不能单独购买。") % {"names": "、".join(missing)})
    return [(chosen.stripe_price, True), *((price.stripe_price, False) for price in beside.values())]


def price_of(plan: str, period: str) -> Price | None:
    """The price at which a plan can be bought online, None when it cannot. In the control plane."""
    offered = Price.objects.select_related("plan").filter(period=period, active=True).exclude(stripe_price="")
    return offered.filter(plan__key=plan, plan__is_offered=True).first()


def add_module(plugin: str) -> None:
    """One more module in the entered company's running subscription. Raises PaymentProblem."""
    pk = current().pk
    with control_plane():
        row = subscription_of(pk)
        offered = Price.objects.filter(addon__plugin=plugin, addon__is_offered=True, period=row.period, active=True)
        price = offered.exclude(stripe_price="").first()
    if row.stripe_status not in RUNNING or price is None or plugin in row.addons:
        raise PaymentProblem(_("这个模块现在不能加进订阅：没有这种周期的价格，或者已经买过。"))
    with _asking():
        client().v1.subscriptions.update(
            row.stripe_subscription,
            {"items": [{"price": price.stripe_price, "quantity": 1}], "proration_behavior": "create_prorations"},
            {
                "idempotency_key": f"kezhou-{terms().installation}-module-{row.stripe_subscription}-{price.pk}-{row.wanted}"
            },
        )
    look_again()


def _subscription_data(row: Subscription, schema: str) -> stripe.params.checkout.SessionCreateParamsSubscriptionData:
    """A trial that still runs goes on at Stripe: nothing is paid before it ends."""
    data: stripe.params.checkout.SessionCreateParamsSubscriptionData = {"metadata": {"tenant": schema}}
    if row.trial_until is not None and row.trial_until - timezone.now() > SHORTEST_TRIAL:
        data["trial_end"] = int(row.trial_until.timestamp())
    return data


def _customer(row: Subscription) -> str:
    """The company's customer at Stripe, made once: two at the same time get the same one by the idempotency key."""
    if row.stripe_customer:
        return row.stripe_customer
    place = current()
    with _asking():
        made = client().v1.customers.create(
            {"name": place.name, "preferred_locales": ["zh"], "metadata": {"tenant": place.schema}},
            {"idempotency_key": f"kezhou-{terms().installation}-customer-{place.pk}"},
        )
    with control_plane(), transaction.atomic():
        Subscription.objects.filter(tenant_id=place.pk, stripe_customer="").update(stripe_customer=made.id)
        return subscription_of(place.pk).stripe_customer


def portal(*, back: str) -> str:
    """The address of Stripe's customer portal for the entered company: change, pay, cancel. Raises PaymentProblem."""
    pk = current().pk
    with control_plane():
        row = subscription_of(pk)
    if not row.stripe_customer:
        raise PaymentProblem(_("还没有在线订阅。"))
    with _asking():
        session = client().v1.billing_portal.sessions.create({"customer": row.stripe_customer, "return_url": back})
    return session.url


def look_again() -> None:
    """Somebody came back from Stripe: do not wait for the webhook."""
    from billing import refreshing  # which settles, and settling needs what this module needs

    pk = current().pk
    with control_plane():
        customer = subscription_of(pk).stripe_customer
    if customer:
        refreshing.note(customer)
        refreshing.refresh(pk)


@contextmanager
def _asking() -> Iterator[None]:
    """What Stripe refuses inside is a PaymentProblem."""
    import stripe  # heavy, and no business of a process that never pays

    try:
        yield
    except stripe.StripeError as error:
        why = sentence(error)[:200]
        raise PaymentProblem(
            _("在线支付现在连不上，没有扣款，请过几分钟再试，或改用对公转账。（%(why)s）") % {"why": why}
        ) from error
