"""What something costs by bank transfer: full periods, with what is left of the present payment taken off (BIL-02).

Stripe reckons by itself; these are the same rules for those who pay by transfer: the rest of a running payment counts by days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.models import Bill, Period, Price, Subscription
from kezhou.plugins import manifests

MOST_PERIODS = 120
"""What is left of earlier payments buys no more at once: ten years by month, and no date beyond the calendar."""
STEP = {Period.MONTH: relativedelta(months=1), Period.YEAR: relativedelta(years=1)}


class CannotQuote(Exception):
    """There is no price for this; `str()` is the sentence to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody wants to pay for by transfer."""

    plan: str
    period: str
    seats: int
    addons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What it costs: lines of title and fen, the whole, from when to when."""

    lines: tuple[tuple[str, int], ...]
    total: int
    begins: datetime
    ends: datetime


def quote(row: Subscription, wanted: Wanted, now: datetime | None = None) -> Quote:
    """What a company would pay now. In the control plane. Raises CannotQuote."""
    now = now or timezone.now()
    price = _price(wanted)
    plan = price.plan
    assert plan is not None, "found by its plan"
    if wanted.seats < 1 or (plan.seats is not None and wanted.seats > plan.seats):
        most = _("最多 %(most)d 个") % {"most": plan.seats} if plan.seats else _("至少 1 个")
        raise CannotQuote(_("“%(plan)s”的席位数要在范围内：%(most)s。") % {"plan": plan.name, "most": most})
    begins = _begins(row, wanted, now)
    words = {"plan": plan.name, "seats": wanted.seats, "period": Period(wanted.period).label}
    lines = [(_("%(plan)s %(seats)d 个席位，%(period)s") % words, price.amount * wanted.seats)]
    lines += [_addon_line(name, wanted.period) for name in wanted.addons]
    cost = sum(amount for _title, amount in lines)
    if begins == now:
        lines += credits(row, now)
    total = max(0, sum(amount for _title, amount in lines))
    brings = total + taken_off(lines)
    if brings > MOST_PERIODS * cost:
        raise CannotQuote(
            _("没用完的钱够这样付 %(most)d 期以上，请选贵一点的套餐或更长的周期。") % {"most": MOST_PERIODS}
        )
    return Quote(
        lines=tuple(lines), total=total, begins=begins, ends=_ends(begins, wanted.period, brings=brings, cost=cost)
    )


def taken_off(lines: Iterable[Sequence[Any]]) -> int:
    """What was left of earlier payments, as the lines of a quote or bill say."""
    return -sum(int(amount) for _title, amount in lines if amount < 0)


def _ends(begins: datetime, period: str, *, brings: int, cost: int) -> datetime:
    """A period lasts as long as what is brought pays for it: what is left of earlier payments may be more than one period costs."""
    whole = begins + STEP[Period(period)]
    return whole if brings == cost else begins + (whole - begins) * brings / cost


def _price(wanted: Wanted) -> Price:
    found = (
        Price.objects.select_related("plan")
        .filter(plan__key=wanted.plan, plan__is_offered=True, period=wanted.period, active=True)
        .first()
    )
    if found is None:
        raise CannotQuote(_("这个套餐没有这种付款周期的价格，请换一个。"))
    return found


def _addon_line(name: str, period: str) -> tuple[str, int]:
    found = Price.objects.filter(addon__plugin=name, addon__is_offered=True, period=period, active=True).first()
    if found is None:
        raise CannotQuote(_("模块“%(name)s”没有这种付款周期的价格。") % {"name": name})
    title = str(manifests()[name].title) if name in manifests() else name
    return _("模块 %(title)s") % {"title": title}, found.amount


def _begins(row: Subscription, wanted: Wanted, now: datetime) -> datetime:
    """The same again begins when the present one ends; anything else begins now."""
    same = (row.plan.key, row.period, row.seats, tuple(row.addons)) == (
        wanted.plan, wanted.period, wanted.seats, tuple(sorted(wanted.addons)),
    )  # fmt: skip
    return row.paid_until if same and row.paid_until is not None and row.paid_until > now else now


def period_paid(row: Subscription, bill: Bill, now: datetime) -> dict[str, str | int]:
    """From when to when a bill lasts that is paid now: from the end of the same that runs, else from now, for the whole period.

    What was taken off the bill when it was ordered and has been used up since then is taken from the end.
    """
    order = bill.order
    wanted = Wanted(
        plan=order["plan"], period=order["period"], seats=order["seats"], addons=tuple(order.get("addons", ()))
    )
    begins = _begins(row, wanted, now)
    left = taken_off(credits(row, now))
    brings = bill.amount + min(taken_off(bill.lines), left)
    ends = _ends(begins, wanted.period, brings=brings, cost=_cost(bill))
    return {"begins": begins.isoformat(), "ends": ends.isoformat(), "worth": brings}


def credits(row: Subscription, now: datetime) -> list[tuple[str, int]]:
    """What is left of transfers whose period still runs or has not begun."""
    if row.paid_until is None or row.paid_until <= now or row.source != Subscription.Source.MANUAL:
        return []
    found = []
    paid = Bill.objects.filter(tenant_id=row.tenant_id, source=Subscription.Source.MANUAL, state=Bill.State.PAID)
    for bill in paid.order_by("pk"):
        rest = remaining(worth(bill), bill.order, now)
        if rest:
            found.append((_("退回 %(number)s 没用完的部分") % {"number": bill.number}, -rest))
    return found


def _cost(bill: Bill) -> int:
    return sum(amount for _title, amount in bill.lines if amount > 0)


def worth(bill: Bill) -> int:
    """What was brought for a period, also where a part of it was what was left of the one before: that part is the company's as well."""
    return int(bill.order.get("worth", max(_cost(bill), taken_off(bill.lines))))


def remaining(amount: int, order: dict[str, Any], now: datetime) -> int:
    """What of a paid amount has not been used up, by seconds, rounded down to fen; an order that was replaced has no rest."""
    if order.get("replaced") or "begins" not in order:
        return 0
    begins, ends = datetime.fromisoformat(order["begins"]), datetime.fromisoformat(order["ends"])
    left = ends - max(now, begins)
    return int(amount * left / (ends - begins)) if left > timedelta(0) else 0


def articles(period: str) -> Sequence[Price]:
    """The prices of modules sold on their own, for one period. In the control plane."""
    rows = Price.objects.select_related("addon").filter(addon__is_offered=True, period=period, active=True)
    return tuple(rows.order_by("addon__plugin"))
