"""Plans and prices made known to Stripe: products and prices, as often as needed, each once (BIL-01).

The console writes rows and raises `version`; a worker publishes what is behind. A price is never changed at Stripe either: another amount is
a new price, and the old one is put away there but goes on for those who pay it.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F

from billing.models import Addon, Plan, Price, Terms
from billing.stripe_client import client, connected, sentence
from billing.terms import terms
from kezhou.plugins import PluginError, manifest
from tenants.context import control_plane
from tenants.tasks import task

Article = Plan | Addon


def behind() -> tuple[Article, ...]:
    """What Stripe does not know as it is now. In the control plane."""
    stale = {"published__lt": F("version")}
    return (*Plan.objects.filter(**stale).order_by("order"), *Addon.objects.filter(**stale).order_by("plugin"))


def publish_all() -> dict[str, str]:
    """Publish what is behind; answers what could not be done, by name. Outside a transaction."""
    import stripe  # heavy, and no business of a process that never pays

    if not connected():
        return {}
    with control_plane():
        articles = behind()
    problems = {}
    for article in articles:
        try:
            _publish(article)
        except stripe.StripeError as error:
            problems[_name(article)] = sentence(error)
    return problems


@task(control=True, name="billing.publish")
def publish() -> int:
    """A worker's part; says how many could not be published (they are tried again within the hour)."""
    return len(publish_all())


def _publish(article: Article) -> None:
    version, row = article.version, terms()
    product = article.stripe_product or _make_product(article, row)
    client().v1.products.update(product, {"name": _name(article), "active": True})
    with control_plane():
        type(article).objects.filter(pk=article.pk).update(stripe_product=product)
        prices = list(article.prices.all())
    for price in prices:
        _publish_price(price, product, row)
    with control_plane():
        type(article).objects.filter(pk=article.pk).update(published=version)


def _make_product(article: Article, row: Terms) -> str:
    kind = "plan" if isinstance(article, Plan) else "plugin"
    made = client().v1.products.create(
        {"name": _name(article), "metadata": {"kezhou": f"{kind}:{_key(article)}"}},
        {"idempotency_key": f"kezhou-{row.installation}-{kind}-{article.pk}"},
    )
    return made.id


def _publish_price(price: Price, product: str, row: Terms) -> None:
    if not price.stripe_price and price.active:
        made = client().v1.prices.create(
            {
                "product": product,
                "currency": row.currency,
                "unit_amount": price.amount,
                "recurring": {"interval": "year" if price.period == "year" else "month"},
                "metadata": {"kezhou": str(price.pk)},
            },
            {"idempotency_key": f"kezhou-{row.installation}-price-{price.pk}"},
        )
        with control_plane():
            Price.objects.filter(pk=price.pk).update(stripe_price=made.id)
    elif price.stripe_price and not price.active:
        client().v1.prices.update(price.stripe_price, {"active": False})


def _key(article: Article) -> str:
    return article.key if isinstance(article, Plan) else article.plugin


def _name(article: Article) -> str:
    if isinstance(article, Plan):
        return article.name
    try:
        return str(manifest(article.plugin).title)
    except PluginError:
        return article.plugin


def names(articles: Iterable[Article]) -> tuple[str, ...]:
    """What the console calls them."""
    return tuple(_name(article) for article in articles)
