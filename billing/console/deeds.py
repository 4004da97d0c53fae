"""What an operator does to a company; each deed is noted in its history with the operator's name."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.models import Plan, Subscription
from billing.plans import RUNNING, ByStripe, subscribe, subscription_of
from billing.settling import settle
from tenants import directory
from tenants.context import control_plane
from tenants.models import Tenant

FARTHEST = timedelta(days=3 * 366)
LAST = timedelta(days=10 * 366)


class DeedRefused(Exception):
    """It cannot be done; `str()` is the sentence, `field` the input it belongs to."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


def suspend(pk: int, *, why: str, by: str) -> None:
    """Stop a company by hand. Its administrators still get in to read why and to pay; opening it again is an operator's deed."""
    with control_plane():
        if subscription_of(pk).hold:
            raise DeedRefused(_("这家公司已经停用、注销或还在等确认，不用再停用。"))
    _hold(pk, Subscription.Hold.SUSPENDED, why=_reason(why), by=by)


def reopen(pk: int, *, by: str) -> None:
    """Take back what was stopped, closed or not confirmed by hand; where the company then stands follows from what it paid."""
    with control_plane():
        held = subscription_of(pk).hold
    if not held:
        raise DeedRefused(_("这家公司没有被停用，不用恢复。到期的公司可以延长，或等它付款。"))
    _hold(pk, Subscription.Hold.NONE, why=_("由运营方恢复。"), by=by)


def confirm(pk: int, *, by: str) -> None:
    """Let a company that signed up in."""
    with control_plane():
        held = subscription_of(pk).hold
    if held != Subscription.Hold.PENDING:
        raise DeedRefused(_("这家公司不在待确认状态。"))
    _hold(pk, Subscription.Hold.NONE, why=_("由运营方确认开通。"), by=by)


def close(pk: int, *, slug: str, why: str, by: str) -> None:
    """End a company: nobody gets in any more, the data are kept. The address must be typed to be sure."""
    with control_plane():
        row, known = subscription_of(pk), Tenant.objects.get(pk=pk).slug
    if row.hold == Subscription.Hold.CLOSED:
        raise DeedRefused(_("这家公司已经注销了。"))
    if slug.strip().lower() != known:
        raise DeedRefused(_("请照写这家公司的网址短名“%(slug)s”。") % {"slug": known}, field="slug")
    if row.stripe_status in RUNNING:
        raise DeedRefused(_("这家公司还有 Stripe 订阅在扣款，请先在 Stripe 取消。"))
    _hold(pk, Subscription.Hold.CLOSED, why=_reason(why), by=by)


def _reason(why: str) -> str:
    plain = " ".join(why.replace("\0", "").split())
    if not 2 <= len(plain) <= 200:
        raise DeedRefused(_("请写明原因，2 到 200 个字；它会留在这家公司的记录里。"), field="why")
    return plain


def _hold(pk: int, hold: str, *, why: str, by: str) -> None:
    with control_plane(), transaction.atomic():
        row = subscription_of(pk, lock=True)
        row.hold, row.hold_why = hold, why if hold else ""
        row.save(update_fields=["hold", "hold_why"])
    settle(pk, why=why, by=by)


def extend(pk: int, *, until: date | None, by: str) -> None:
    """Let a company go on until the end of a day without a payment."""
    if until is None:
        raise DeedRefused(_("请选一个日期。"), field="until")
    today = timezone.localdate()
    if not today < until <= today + FARTHEST:
        raise DeedRefused(
            _("延长到的日期要在明天到三年之内，%(day)s 不行。") % {"day": until.isoformat()}, field="until"
        )
    with control_plane(), transaction.atomic():
        row = subscription_of(pk, lock=True)
        paid = max((moment for moment in (row.trial_until, row.paid_until) if moment is not None), default=None)
        if paid is None:
            raise DeedRefused(_("这家公司没有到期日，不用延长。"), field="until")
        row.extended_until = _end_of(until, pk)
        if row.extended_until <= paid:
            raise DeedRefused(_("已付的日期比 %(day)s 更晚，没有变化。") % {"day": until.isoformat()}, field="until")
        row.save(update_fields=["extended_until"])
    why = _("延长到 %(day)s。") % {"day": until.isoformat()}
    settle(pk, why=why, by=by)
    directory.note(pk, why=why, by=by)


def _end_of(day: date, pk: int) -> datetime:
    """The last moment of a day where the company is. In the control plane."""
    return datetime.combine(day, time.max, ZoneInfo(Tenant.objects.get(pk=pk).timezone))


def put_on(pk: int, *, plan: str, until: date | None, by: str) -> None:
    """Another plan by the operator's word, without end or until the end of a day."""
    today = timezone.localdate()
    if until is not None and not today < until <= today + LAST:
        raise DeedRefused(
            _("到期日要在明天到十年之内，%(day)s 不行。") % {"day": until.isoformat()}, field="plan_until"
        )
    with control_plane():
        end = _end_of(until, pk) if until is not None else None
    try:
        subscribe(pk, plan, until=end)
    except Plan.DoesNotExist as error:
        raise DeedRefused(_("没有这个套餐。"), field="plan") from error
    except ByStripe as error:
        raise DeedRefused(str(error), field="plan") from error
    with control_plane():
        name = Plan.objects.get(key=plan).name
    why = _("换到“%(plan)s”。") % {"plan": name}
    settle(pk, why=why, by=by)
    directory.note(pk, why=why, by=by)
