"""Paying by bank transfer: an order is an open bill; when the operator records that the money came, it takes effect at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.invoices import data_of
from billing.models import Bill, Payment, Plan, Subscription, Terms
from billing.plans import RUNNING, ByStripe, subscription_of, without_rest
from billing.pricing import Quote, Wanted, period_paid, quote
from billing.settling import settle
from billing.terms import terms
from tenants.context import control_plane

OPEN_DAYS = 30


class BillProblem(Exception):
    """A bill cannot be made or paid like this; `str()` is the sentence, `field` the input it belongs to."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A transfer as the operator read it from the bank's statement."""

    amount: int
    received_on: date
    reference: str
    payer: str = ""
    note: str = ""


def order(tenant_pk: int, wanted: Wanted) -> Bill:
    """An open bill for what is wanted; the one of the same company that was open before is void. Raises CannotQuote, ByStripe.

    What is paid wholly by what is left of earlier payments is in force at once: no transfer will ever come for it.
    """
    with control_plane(), transaction.atomic():
        row = subscription_of(tenant_pk, lock=True)
        demand_no_stripe(row)
        found = quote(row, wanted)
        open_ones = Bill.objects.filter(tenant_id=tenant_pk, source=Subscription.Source.MANUAL, state=Bill.State.OPEN)
        open_ones.update(state=Bill.State.VOID)
        bill = _write(tenant_pk, wanted, found)
        if bill.amount == 0:
            _take_effect(row, bill)
    if bill.amount == 0:
        settle(tenant_pk, why=_("账单 %(number)s 已付。") % {"number": bill.number})
    return bill


def demand_no_stripe(row: Subscription) -> None:
    """Raise ByStripe while a subscription at Stripe is being paid."""
    if row.source == Subscription.Source.STRIPE and row.stripe_status in RUNNING:
        raise ByStripe(_("现在用在线订阅付款。要改成对公转账，请先在“管理订阅”里取消，到期后再转。"))


def _write(tenant_pk: int, wanted: Wanted, found: Quote) -> Bill:
    now = timezone.now()
    return Bill.objects.create(
        tenant_id=tenant_pk,
        number=_next_number(now),
        source=Subscription.Source.MANUAL,
        state=Bill.State.OPEN,
        title=found.lines[0][0],
        lines=[list(line) for line in found.lines],
        currency=terms().currency,
        amount=found.total,
        due_at=now + timedelta(days=OPEN_DAYS),
        order={
            "plan": wanted.plan,
            "period": wanted.period,
            "seats": wanted.seats,
            "addons": sorted(wanted.addons),
            "begins": found.begins.isoformat(),
            "ends": found.ends.isoformat(),
        },
    )


def _next_number(now: datetime) -> str:
    terms()
    Terms.objects.filter(pk=1).update(number=F("number") + 1)
    return f"KZ{timezone.localtime(now):%Y%m}-{Terms.objects.get(pk=1).number:05d}"


def receive(bill_pk: int, received: Received, *, by: str) -> Bill:
    """The money of an open bill has come: recorded once, and what was ordered is in force. Raises BillProblem, ByStripe."""
    _check(received)
    try:
        with control_plane(), transaction.atomic():
            bill = Bill.objects.select_for_update().filter(pk=bill_pk).first()
            if bill is None or bill.source != Subscription.Source.MANUAL or bill.state != Bill.State.OPEN:
                raise BillProblem(_("这张账单不在待付状态，没有记账。请刷新后再看。"))
            if received.amount != bill.amount:
                sentence = _("账单是 %(wanted)s 元，到账 %(got)s 元，对不上。请核对后再记，或作废这张另开一张。")
                raise BillProblem(
                    sentence % {"wanted": yuan(bill.amount), "got": yuan(received.amount)}, field="amount"
                )
            row = subscription_of(bill.tenant_id, lock=True)
            demand_no_stripe(row)
            Payment.objects.create(
                bill=bill, amount=received.amount, received_on=received.received_on, payer=received.payer[:120],
                reference=received.reference, note=received.note[:200], by=by[:80],
            )  # fmt: skip
            _take_effect(row, bill)
    except IntegrityError as error:
        sentence = _("流水号“%(reference)s”已经记过一次。请核对是不是同一笔。")
        raise BillProblem(sentence % {"reference": received.reference}, field="reference") from error
    settle(bill.tenant_id, why=_("账单 %(number)s 已付。") % {"number": bill.number}, by=by)
    return bill


def _check(received: Received) -> None:
    if not 4 <= len(received.reference) <= 80 or not received.reference.isprintable():
        raise BillProblem(_("请填银行流水号，4 到 80 个字符。"), field="reference")
    if received.received_on > timezone.localdate():
        raise BillProblem(
            _("到账日期 %(day)s 还没到。") % {"day": received.received_on.isoformat()}, field="received_on"
        )


def _take_effect(row: Subscription, bill: Bill) -> None:
    """What was ordered replaces or prolongs what is there. What was left of it has been taken off the price."""
    now = timezone.now()
    wanted = bill.order | period_paid(row, bill, now)
    begins, ends = datetime.fromisoformat(wanted["begins"]), datetime.fromisoformat(wanted["ends"])
    renews = row.paid_until is not None and begins == row.paid_until
    if not renews:
        without_rest(bill.tenant_id, but=bill.pk)
    row.plan = Plan.objects.get(key=wanted["plan"])
    row.period, row.seats, row.addons = wanted["period"], wanted["seats"], wanted["addons"]
    row.source, row.paid_until, row.trial_until, row.extended_until = Subscription.Source.MANUAL, ends, None, None
    row.ending, row.stripe_status, row.since = False, "", row.since if renews else now
    row.save()
    bill.state, bill.paid_at, bill.order = Bill.State.PAID, now, wanted
    bill.save(update_fields=["state", "paid_at", "order"])


def void(bill_pk: int) -> None:
    """Put an open bill of a transfer aside. Raises BillProblem."""
    with control_plane():
        changed = Bill.objects.filter(pk=bill_pk, source=Subscription.Source.MANUAL, state=Bill.State.OPEN).update(
            state=Bill.State.VOID
        )
    if not changed:
        raise BillProblem(_("这张账单不在待付状态，不能作废。"))


def request_fapiao(tenant_pk: int, bill_pk: int) -> None:
    """A company asks for the 发票 of a paid bill of its own; the invoice data are kept as they are now. Raises BillProblem."""
    data = data_of(tenant_pk)
    if data is None:
        raise BillProblem(_("请先填开票资料。"))
    with control_plane():
        mine = Bill.objects.filter(pk=bill_pk, tenant_id=tenant_pk, state=Bill.State.PAID, amount__gt=0)
        if not mine.filter(fapiao=Bill.Fapiao.NONE).update(fapiao=Bill.Fapiao.REQUESTED, fapiao_data=data):
            raise BillProblem(_("只有已付、还没申请过的账单能申请发票。"))


def issue_fapiao(bill_pk: int, *, number: str, issued_on: date) -> None:
    """The operator issued the 发票: its number and day. Raises BillProblem."""
    plain = "".join(number.split())
    if not (plain.isascii() and plain.isalnum() and 8 <= len(plain) <= 40):
        raise BillProblem(_("请填发票号码：8 到 40 位数字或字母，数电发票是 20 位。"), field="number")
    if issued_on > timezone.localdate():
        raise BillProblem(_("开票日期 %(day)s 还没到。") % {"day": issued_on.isoformat()}, field="issued_on")
    try:
        with control_plane(), transaction.atomic():
            asked = Bill.objects.filter(pk=bill_pk, fapiao=Bill.Fapiao.REQUESTED)
            if not asked.update(fapiao=Bill.Fapiao.ISSUED, fapiao_number=plain, fapiao_on=issued_on):
                raise BillProblem(_("这张账单没有在等发票。"))
    except IntegrityError as error:
        raise BillProblem(_("发票号码“%(number)s”已经用过。") % {"number": plain}, field="number") from error


def yuan(fen: int) -> str:
    """1234500 as 12,345.00; with the sign in front."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
