"""What the page 套餐与账单 shows, worked out before the template: use, plans with what they cost and take away, bills, modules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from billing.checkout import paid_ahead
from billing.invoices import InvoiceData, profile
from billing.lifecycle import Stage
from billing.models import Addon, Bill, Period, Plan, Price, Subscription, Terms
from billing.plans import RUNNING, PlanView, subscription_of, too_small, view_of
from billing.settling import stage_of
from billing.stripe_client import connected
from billing.terms import terms
from kezhou.access.entitlements import entitled
from kezhou.plugins import manifests
from tenants.context import control_plane, current

SHOWN_BILLS = 12


@dataclass(frozen=True, slots=True)
class Meter:
    """One limit: how much is used of how much; `limit` None is without limit."""

    title: str
    about: str
    used: int
    limit: int | None
    unit: str
    is_space: bool = False

    @property
    def level(self) -> str:
        """full, near (nine tenths) or empty for neither."""
        if self.limit is None or self.used < self.limit * 0.9:
            return ""
        return "full" if self.used >= self.limit else "near"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One way to pay for a plan: the price of a seat, and whether it can be bought online."""

    period: str
    label: str
    amount: int
    online: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A plan as it is offered here. `lost` says what would be less than now; `refused` why it cannot be chosen, `offline`
    why not online at present."""

    plan: PlanView
    present: bool
    offers: tuple[Offer, ...]
    lost: tuple[str, ...]
    refused: str
    offline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """A module: in the plan, bought beside it, or for sale on its own."""

    name: str
    title: str
    icon: str
    on: bool
    included: bool
    bought: bool
    price: int | None

    @property
    def for_sale(self) -> bool:
        """It can be bought on its own and is not there yet."""
        return self.price is not None and not self.included and not self.bought


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """The whole page."""

    row: Subscription
    stage: Stage
    terms: Terms
    headline: str
    subtitle: str
    meters: tuple[Meter, ...]
    cards: tuple[Card, ...]
    modules: tuple[Module, ...]
    bills: Sequence[Bill]
    bill_count: int
    invoice: InvoiceData | None
    online: bool
    by_stripe: bool
    transfer: bool
    buying: str


def face() -> Face:
    """Of the entered company."""
    place = current()
    meters = _meters()
    with control_plane():
        row, held = subscription_of(place.pk), terms()
        found = stage_of(row)
        plans = Plan.objects.filter(is_offered=True).order_by("order", "pk").prefetch_related("prices")
        offline = paid_ahead(row)
        cards = tuple(_card(plan, row, meters[0].used, place.plugins, offline) for plan in plans)
        bills = Bill.objects.filter(tenant_id=place.pk).exclude(state=Bill.State.DRAFT).order_by("-made_at", "-pk")
        shown, count = list(bills[:SHOWN_BILLS]), bills.count()
        modules = _modules(row, place.plugins)
    by_stripe = row.source == Subscription.Source.STRIPE and row.stripe_status in RUNNING
    return Face(
        row=row,
        stage=found,
        terms=held,
        headline=_headline(row),
        subtitle=_subtitle(row, found),
        meters=meters,
        cards=cards,
        modules=modules,
        bills=shown,
        bill_count=count,
        invoice=profile(place.pk),
        online=connected(),
        by_stripe=by_stripe,
        transfer=bool(held.payee and held.account) and not by_stripe,
        buying=_buying(cards) if not by_stripe else "",
    )


def _buying(cards: Sequence[Card]) -> str:
    """The query with which a plan is bought online: the present one, else the first that can be."""
    ways = [
        (not card.present, card, offer) for card in cards if not card.offline for offer in card.offers if offer.online
    ]
    found = min(ways, key=lambda way: way[0], default=None)
    return f"plan={found[1].plan.key}&period={found[2].period}" if found else ""


def _meters() -> tuple[Meter, ...]:
    told = (
        ("seats", _("席位"), _("在职和已邀请的成员各占一个，停用的不占"), _("人")),
        ("storage", _("文件"), _("记录上的文件，回收站里的也算；满了还能看和下载，不能上传"), ""),
        ("fields", _("自己的字段"), _("用得最多的一种记录"), _("个")),
        ("own_types", _("自定义对象"), _("自己建的记录类型，停用的不算"), _("种")),
    )
    found = []
    for key, title, about, unit in told:
        answer = entitled(key, 0)
        found.append(Meter(title, about, answer.used or 0, answer.limit, unit, is_space=key == "storage"))
    return tuple(found)


def _headline(row: Subscription) -> str:
    if row.seats is None:
        return row.plan.name
    return _("%(plan)s，%(seats)d 个席位") % {"plan": row.plan.name, "seats": row.seats}


def _subtitle(row: Subscription, found: Stage) -> str:
    """How it is paid, until when, and what comes then: one line."""
    if row.hold:
        held = _("运营方停用了公司：%(why)s 付款不会自动恢复，请联系运营方 %(contact)s。")
        return held % {"why": row.hold_why, "contact": terms().contact}
    if found.end is None:
        return _("没有到期日。")
    day = f"{timezone.localtime(found.end):%Y-%m-%d}"
    left = max(0, (found.end - timezone.now()).days)
    if found.state == "trial":
        return _("试用到 %(day)s，还有 %(left)d 天。") % {"day": day, "left": left}
    if found.state == "active" and not found.in_grace:
        pays = Period(row.period).label if row.period else _("已付")
        sentence = (
            _("%(pays)s付款，到 %(day)s，还有 %(left)d 天；到期自动续费。")
            if row.source == Subscription.Source.STRIPE and not row.ending
            else _("%(pays)s付款，到 %(day)s，还有 %(left)d 天；到期前 30、7、1 天提醒管理员。")
        )
        return sentence % {"pays": pays, "day": day, "left": left}
    return _unpaid(found, day)


def _unpaid(found: Stage, day: str) -> str:
    then = f"{timezone.localtime(found.next_at):%Y-%m-%d}" if found.next_at else ""
    sentences = {
        "active": _("%(day)s 已到期，%(then)s 前照常用，之后只能看、能导出。"),
        "overdue": _("%(day)s 已到期，现在只能看、能导出；%(then)s 起暂停登录。付款后立即恢复。"),
        "suspended": _("%(day)s 到期后没有续费，已暂停使用，数据保留到 %(then)s。付款后立即恢复。"),
    }
    return sentences.get(found.state, _("%(day)s 到期。")) % {"day": day, "then": then}


def _card(plan: Plan, row: Subscription, members: int, on: frozenset[str], offline: str) -> Card:
    offers = tuple(
        Offer(
            period=price.period,
            label=str(Period(price.period).label),
            amount=price.amount,
            online=connected() and bool(price.stripe_price),
        )
        for price in sorted(plan.prices.all(), key=lambda price: price.period)
        if price.active
    )
    return Card(
        plan=view_of(plan),
        present=plan.pk == row.plan_id,
        offers=offers,
        lost=_lost(plan, row, on),
        refused=too_small(plan, members),
        offline=too_small(plan, members) or (offline if any(offer.online for offer in offers) else ""),
    )


def _lost(plan: Plan, row: Subscription, on: frozenset[str]) -> tuple[str, ...]:
    """What a change to this plan takes away, in words."""
    if plan.pk == row.plan_id:
        return ()
    gone = (
        [] if plan.all_plugins else sorted(name for name in on if name not in plan.plugins and name not in row.addons)
    )
    words = [_("停用 %(count)d 个模块") % {"count": len(gone)}] if gone else []
    for key, name in (("fields", _("字段")), ("storage", _("文件空间")), ("own_types", _("自定义对象"))):
        before, after = getattr(row.plan, key), getattr(plan, key)
        if after is not None and (before is None or after < before):
            words.append(_("%(name)s变少") % {"name": name})
    return tuple(words)


def _modules(row: Subscription, on: frozenset[str]) -> tuple[Module, ...]:
    prices = _addon_prices(row.period or Period.YEAR)
    return tuple(
        Module(
            name=name,
            title=str(each.title),
            icon=each.icon,
            on=name in on,
            included=row.plan.all_plugins or name in row.plan.plugins,
            bought=name in row.addons,
            price=prices.get(name),
        )
        for name, each in manifests().items()
        if name in on or row.plan.all_plugins or name in row.plan.plugins or name in prices
    )


def _addon_prices(period: str) -> Mapping[str, int]:
    rows = Price.objects.filter(addon__in=Addon.objects.filter(is_offered=True), period=period, active=True)
    return {price.addon.plugin: price.amount for price in rows.select_related("addon") if price.addon is not None}
