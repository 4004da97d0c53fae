"""Paying by bank transfer, bills and 发票, through the company's pages and the operator's hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from billing import ordering
from billing.models import Bill, Payment, Price, Subscription, Terms
from billing.plans import ByStripe, subscription_of
from billing.pricing import Wanted, credits, quote, remaining
from billing.settling import remind, settle, settle_all
from kezhou import notify
from kezhou.testing.access import MemberFactory, Person, SignIn
from tenants.context import Current, control_plane, tenant
from tenants.directory import find_by_slug

GOOD_TAX = "91310115591693856A"
YEAR = Wanted(plan="team", period="year", seats=5)


@pytest.fixture
def admin(alpha: Current, boss: Person, sign_in: SignIn, prices: None, cache: None) -> Client:
    """alpha's administrator in a browser; the operator takes transfers."""
    with control_plane():
        facts = {"payee": "成都客舟科技有限公司", "bank": "招商银行成都分行", "account": "128900000000001"}
        Terms.objects.update_or_create(pk=1, defaults=facts)
    return sign_in(Client(), boss)


def received(bill: Bill, reference: str = "CMB2026112800017", **other: Any) -> ordering.Received:
    facts = {"amount": bill.amount, "received_on": timezone.localdate(), "payer": "甲方旅行社有限公司"}
    return ordering.Received(reference=reference, **{**facts, **other})


def only_bill() -> Bill:
    with control_plane():
        return Bill.objects.get()


@pytest.mark.req("BIL-02", part="order, payment recorded, renewal")
@pytest.mark.req("BIL-05", part="bills, payments, print, history")
def test_a_company_orders_transfers_and_has_what_it_paid_for(alpha: Current, admin: Client) -> None:
    shown = admin.get("/settings/plan/transfer", {"plan": "team", "period": "year", "seats": "5"}).content.decode()
    ordered = admin.post("/settings/plan/transfer", {"plan": "team", "period": "year", "seats": "5"})
    bill = only_bill()
    open_page = admin.get(ordered["Location"]).content.decode()

    paid = ordering.receive(bill.pk, received(bill), by="知秋")

    page = admin.get(ordered["Location"]).content.decode()
    plan = admin.get("/settings/plan").content.decode()
    with control_plane():
        row = Subscription.objects.select_related("plan").get(tenant_id=alpha.pk)
    assert ("2,400.00" in shown, "贰仟肆佰元整" in open_page, "128900000000001" in open_page) == (True, True, True)
    assert (bill.number, bill.amount, bill.state, paid.state) == (
        f"KZ{timezone.localdate():%Y%m}-00001", 240_000, "open", "paid",
    )  # fmt: skip
    assert ("CMB2026112800017" in page, "128900000000001" in page, "团队版，5 个席位" in plan) == (True, False, True)
    assert (row.plan.key, row.seats, row.source, row.period) == ("team", 5, "manual", "year")
    assert row.paid_until is not None
    assert timedelta(days=364) < row.paid_until - datetime.now(UTC) < timedelta(days=367)
    with tenant(find_by_slug("alpha")) as here:  # type: ignore[arg-type]
        assert here.entitlements["seats"] == 5


@pytest.mark.req("BIL-02", part="change with pro-rata calculation")
def test_what_is_left_of_a_payment_is_taken_off_the_next_and_counts_once(alpha: Current, admin: Client) -> None:
    first = ordering.order(alpha.pk, YEAR)
    ordering.receive(first.pk, received(first), by="知秋")
    now = timezone.now()
    with control_plane():
        half = now + (Subscription.objects.get(tenant_id=alpha.pk).paid_until - now) / 2  # type: ignore[operator]
        row = Subscription.objects.select_related("plan").get(tenant_id=alpha.pk)
        found = quote(row, Wanted(plan="company", period="month", seats=8), half)
        again = quote(row, YEAR, half)

    assert [amount for _title, amount in found.lines] == [76_800, pytest.approx(-120_000, abs=2)]
    assert (found.total, found.begins) == (0, half)
    assert (again.total, again.begins) == (240_000, row.paid_until)

    second = ordering.order(alpha.pk, Wanted(plan="team", period="year", seats=20))
    ordering.receive(second.pk, received(second, "CMB2026112800018"), by="知秋")
    with control_plane():
        row.refresh_from_db()
        third = quote(row, Wanted(plan="team", period="year", seats=25))
    assert second.amount == pytest.approx(960_000 - 240_000, abs=100)
    assert third.total == pytest.approx(1_200_000 - (first.amount + second.amount), abs=200)


@pytest.mark.req("BIL-02", part="change with pro-rata calculation")
def test_more_left_than_a_period_costs_makes_it_longer_and_needs_no_transfer(alpha: Current, admin: Client) -> None:
    first = ordering.order(alpha.pk, YEAR)
    ordering.receive(first.pk, received(first), by="知秋")
    wanted = {"plan": "company", "period": "month", "seats": "8"}

    shown = admin.get("/settings/plan/transfer", wanted).content.decode()
    answer = admin.post("/settings/plan/transfer", wanted)

    with control_plane():
        row = Subscription.objects.select_related("plan").get(tenant_id=alpha.pk)
        bill = Bill.objects.exclude(pk=first.pk).get()
        rest = sum(amount for _title, amount in credits(row, timezone.now()))
    assert row.paid_until is not None
    month = timezone.now() + relativedelta(months=1) - timezone.now()
    assert ("不用付款，现在就换" in shown, answer.status_code, row.plan.key, bill.state) == (
        True,
        302,
        "company",
        "paid",
    )
    assert (row.paid_until - timezone.now()) / month == pytest.approx(240_000 / 76_800, abs=0.01)
    assert rest == pytest.approx(-240_000, abs=100)


@pytest.mark.req("BIL-02", part="change with pro-rata calculation")
def test_what_is_left_does_not_buy_a_period_beyond_the_calendar(alpha: Current, admin: Client) -> None:
    first = ordering.order(alpha.pk, YEAR)
    ordering.receive(first.pk, received(first), by="知秋")
    with control_plane():
        Price.objects.filter(plan__key="company").update(amount=1)

    answer = admin.post("/settings/plan/transfer", {"plan": "company", "period": "month", "seats": "5"})

    assert (answer.status_code, "没用完的钱够这样付 120 期以上" in answer.content.decode()) == (422, True)


@pytest.mark.req("BIL-02", part="change with pro-rata calculation")
def test_a_renewal_that_has_not_begun_is_taken_off_whole(alpha: Current, admin: Client) -> None:
    for reference in ("CMB2026112800017", "CMB2026112800018"):
        bill = ordering.order(alpha.pk, YEAR)
        ordering.receive(bill.pk, received(bill, reference), by="知秋")
    with control_plane():
        row = Subscription.objects.select_related("plan").get(tenant_id=alpha.pk)

        found = quote(row, Wanted(plan="team", period="year", seats=20))

    assert [amount for _title, amount in found.lines] == [960_000, pytest.approx(-240_000, abs=100), -240_000]


@pytest.mark.parametrize(
    ("amount", "now", "rest"),
    [(1000, -5, 1000), (1000, 0, 1000), (1000, 5, 500), (1000, 10, 0), (1000, 20, 0), (1, 5, 0)],
)
def test_the_rest_of_a_payment(amount: int, now: int, rest: int) -> None:
    begin = datetime(2026, 1, 11, tzinfo=UTC)
    order = {"begins": begin.isoformat(), "ends": (begin + timedelta(days=10)).isoformat()}

    assert remaining(amount, order, begin + timedelta(days=now)) == rest
    assert remaining(amount, {**order, "replaced": True}, begin) == 0  # type: ignore[dict-item]


def test_the_same_transfer_is_recorded_once_and_a_wrong_one_not_at_all(alpha: Current, admin: Client) -> None:
    bill = ordering.order(alpha.pk, YEAR)
    tomorrow = timezone.localdate() + timedelta(days=1)
    refused = []
    for wrong in ({"amount": 1}, {"received_on": tomorrow}, {"reference": "x"}, {"reference": "坏\x00的流水号"}):
        with pytest.raises(ordering.BillProblem) as error:
            ordering.receive(bill.pk, received(bill, **{"reference": "CMB2026112800017", **wrong}), by="知秋")
        refused.append(error.value.field)
    ordering.receive(bill.pk, received(bill), by="知秋")
    other = ordering.order(alpha.pk, Wanted(plan="team", period="year", seats=9))

    with pytest.raises(ordering.BillProblem, match="不在待付状态"):
        ordering.receive(bill.pk, received(bill), by="另一位")
    with pytest.raises(ordering.BillProblem, match="已经记过一次"):
        ordering.receive(other.pk, received(other), by="另一位")

    assert refused == ["amount", "received_on", "reference", "reference"]
    with control_plane():
        assert [(payment.reference, payment.by) for payment in Payment.objects.all()] == [("CMB2026112800017", "知秋")]


def test_who_pays_at_stripe_cannot_pay_twice(alpha: Current, admin: Client) -> None:
    with control_plane():
        Subscription.objects.filter(tenant_id=alpha.pk).update(source="stripe", stripe_status="active")

    with pytest.raises(ByStripe):
        ordering.order(alpha.pk, YEAR)
    assert "请先在“管理订阅”里取消" in admin.get("/settings/plan/transfer").content.decode()
    assert "转账买" not in admin.get("/settings/plan").content.decode()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"plan": "gold"}, "没有这种付款周期的价格"),
        ({"plan": "company", "period": "year"}, "没有这种付款周期的价格"),
        ({"seats": "51"}, "最多 50 个"),
        ({"seats": "0"}, "席位不能少于这个数"),
        ({"period": "<script>"}, "没有这种付款周期的价格"),
    ],
)
def test_what_cannot_be_ordered_is_told_and_makes_no_bill(
    alpha: Current, admin: Client, given: dict[str, str], sentence: str
) -> None:
    answer = admin.post("/settings/plan/transfer", {"plan": "team", "period": "year", "seats": "5", **given})

    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    with control_plane():
        assert Bill.objects.count() == 0


@pytest.mark.req("BIL-05", part="invoice data")
def test_invoice_data_are_checked_and_kept_with_the_bill(alpha: Current, admin: Client) -> None:
    bill = ordering.order(alpha.pk, YEAR)
    ordering.receive(bill.pk, received(bill), by="知秋")
    path = f"/settings/plan/bills/{bill.pk}"
    without = admin.post(path)
    data = {
        "kind": "special",
        "title": "甲方旅行社有限公司",
        "tax_number": " ９１３１０１１５ 591693856a",
        "email": "财务@",
    }

    wrong = admin.post("/settings/plan/invoice", data)
    rest = {
        "address": "成都市高新区天府大道 1 号",
        "phone": "028-85126600",
        "bank": "建行",
        "account": "5100 1234",
        "email": "cw@a.cn",
    }
    kept = admin.post("/settings/plan/invoice", {**data, **rest})
    asked = admin.post(path)
    admin.post("/settings/plan/invoice", {**data, **rest, "title": "改过的名称"})
    ordering.issue_fapiao(bill.pk, number="2651 2000 0000 1234 5678", issued_on=timezone.localdate())

    text = wrong.content.decode()
    assert (without.status_code, wrong.status_code, kept.status_code, asked.status_code) == (422, 422, 302, 302)
    assert (text.count("开专票要填这一项"), "不像邮箱地址" in text, "甲方旅行社有限公司" in text) == (4, True, True)
    found = only_bill()
    assert (found.fapiao, found.fapiao_number, found.fapiao_data["title"]) == (
        "issued", "26512000000012345678", "甲方旅行社有限公司",
    )  # fmt: skip
    assert found.fapiao_data["tax_number"] == GOOD_TAX


@pytest.mark.req("BIL-05", part="own bills only")
def test_a_bill_of_another_company_is_not_there(
    alpha: Current, beta: Current, admin: Client, member_factory: MemberFactory, sign_in: SignIn
) -> None:
    bill = ordering.order(alpha.pk, YEAR)
    with tenant(beta):
        other = sign_in(Client(), member_factory("admin", username="other"))
        seller = member_factory("sales", username="seller")

    answers = [other.get(f"/settings/plan/bills/{bill.pk}"), other.post(f"/settings/plan/bills/{bill.pk}")]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert sign_in(Client(), seller).get("/settings/plan").status_code == 403


@pytest.mark.req("BIL-02", part="reminders 30, 7 and 1 days before the end")
def test_administrators_are_reminded_three_times_before_the_end(alpha: Current, boss: Person) -> None:
    end = timezone.now() + timedelta(days=40)
    with control_plane():
        Subscription.objects.filter(tenant_id=alpha.pk).update(paid_until=end)

    marks = [remind(alpha, end - timedelta(days=left)) for left in (40, 30, 29, 20, 7, 6.5, 2, 0.9, 0.5, -1)]

    with tenant(alpha):
        told = [notice.sentence for notice in notify.unread(boss.actor)]
    day = f"{end:%Y-%m-%d}"
    assert [mark for mark in marks if mark] == [f"{day}:30", f"{day}:7", f"{day}:1"]
    assert told == ["套餐还有 1 天到期", "套餐还有 7 天到期", "套餐还有 30 天到期"]


def test_the_hourly_look_reads_once_for_all_and_writes_only_where_a_day_has_come(
    alpha: Current, beta: Current, boss: Person
) -> None:
    with control_plane():
        for place in (alpha, beta):
            subscription_of(place.pk)
        Subscription.objects.filter(tenant_id=alpha.pk).update(paid_until=timezone.now() + timedelta(days=6))
    settle_all()

    with CaptureQueriesContext(connection) as quiet:
        settle_all()

    with tenant(alpha):
        assert [notice.sentence for notice in notify.unread(boss.actor)] == ["套餐还有 6 天到期"]
    assert [query["sql"] for query in quiet if "FOR UPDATE" in query["sql"]] == []


@pytest.mark.req("TEN-04", part="suspended: the administrator pays")
def test_the_administrator_of_a_suspended_company_gets_in_and_orders(
    alpha: Current, admin: Client, run_jobs: Callable[..., Any]
) -> None:
    with control_plane():
        Subscription.objects.filter(tenant_id=alpha.pk).update(paid_until=timezone.now() - timedelta(days=200))
    before = settle(alpha.pk).state
    home = admin.get("/").status_code
    ordered = admin.post("/settings/plan/transfer", {"plan": "team", "period": "month", "seats": "5"})
    bill = only_bill()
    ordering.receive(bill.pk, received(bill), by="知秋")

    assert (before, home, ordered.status_code, admin.get("/").status_code) == ("suspended", 402, 302, 200)
    assert find_by_slug("alpha").state == "active"  # type: ignore[union-attr]
