"""Rows of billing from one end to the other, through the pages: what a plan is, what it refuses, what a company has of its bills."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from billing import ordering
from billing.models import Bill, Plan, Subscription, Terms
from billing.plans import subscribe
from kezhou import records
from kezhou.access.entitlements import used
from kezhou.testing.access import MemberFactory, Person, SignIn
from tenants import directory
from tenants.context import Current, control_plane, tenant
from tests.billing.test_transfers import received
from tests.matrix.world import TYPE

UPGRADE = 'href="/settings/plan"'
BANK = {"payee": "成都客舟科技有限公司", "bank": "招商银行成都分行", "account": "128900000000001"}


@pytest.fixture
def console(operator: Person, sign_in: SignIn, cache: None) -> Client:
    with control_plane():
        Terms.objects.update_or_create(pk=1, defaults=BANK)
    return sign_in(Client(), operator)


@pytest.fixture
def admin(boss: Person, sign_in: SignIn, cache: None) -> Client:
    return sign_in(Client(), boss)


def allowed(slug: str = "alpha") -> dict[str, int | None]:
    found = directory.find_by_slug(slug)
    assert found is not None
    return dict(found.entitlements)


@pytest.mark.req("BIL-01")
def test_a_plan_has_prices_seats_storage_fields_and_plugins_and_a_plugin_its_own_price(
    alpha: Current, console: Client, admin: Client
) -> None:
    plan = {"key": "agency", "name": "商旅版", "month": "88", "year": "880", "seats": "30", "storage": "500", "fields": "7",
            "own_types": "2", "plugins": ["customers"], "is_offered": "1"}  # fmt: skip
    console.post("/ops/plans/new", plan)
    console.post("/ops/plans", {"do": "addon", "plugin": "sales", "month": "100", "year": "1200"})
    offered = admin.get("/settings/plan").content.decode()
    wanted = {"plan": "agency", "period": "year", "seats": "5", "addon": ["sales"]}
    asked = admin.get("/settings/plan/transfer", wanted).content.decode()
    admin.post("/settings/plan/transfer", wanted)
    with control_plane():
        bill = Bill.objects.get()
    ordering.receive(bill.pk, received(bill), by="知秋")

    for words in ("商旅版", "¥ 88 ", "¥ 880 ", "30 个席位", "500 MB 文件空间", "每种记录 7 个自己的字段", "1 个模块"):
        assert words in offered, words
    assert all(words in asked for words in ("4,400.00", "1,200.00", "5,600.00"))
    assert [amount for _title, amount in bill.lines] == [440_000, 120_000]
    assert allowed() == {
        "seats": 5, "storage": 500, "fields": 7, "own_types": 2, "plugin:*": 0, "plugin:customers": None, "plugin:sales": None,
    }  # fmt: skip


@pytest.mark.req("BIL-06")
def test_every_limit_is_refused_where_it_is_met_with_the_way_to_upgrade(
    alpha: Current, admin: Client, boss: Person, plugins_on: Callable[..., None]
) -> None:
    with tenant(alpha):
        plugins_on("customers")
        record = records.save(boss.actor, TYPE, [{"name": "川西能源集团有限公司"}]).demand().pk
    limits = {"seats": 1, "storage": 0, "fields": 0, "own_types": 0, "all_plugins": False, "plugins": ["customers"]}
    with control_plane():
        Plan.objects.create(key="least", name="最小版", **limits)
    subscribe(alpha.pk, "least")

    def file() -> SimpleUploadedFile:
        return SimpleUploadedFile("合同.txt", b"x" * 100)

    member = admin.post("/settings/members/invite", {"name": "孙", "channel": "email", "address": "sun@example.com"})
    module = admin.post("/settings/plugins/sales", {"to": "on", "sure": "1"}, follow=True)
    field = admin.post(f"/settings/fields/{TYPE}", {"label": "品牌", "type": "text"})
    kind = admin.post("/settings/own", {"title": "合同台账", "grants": "nobody"})
    attached = admin.post(f"/r/{TYPE}/{record}/files/add", {"file": file()}, follow=True)
    held = admin.post("/files/upload", {"file": file()})

    said: dict[str, Any] = {
        "含 1 个席位，已用 1 个": member,
        "不含这个模块": module,
        "可加 0 个自己的字段": field,
        "可以有 0 种自定义对象": kind,
    }
    for sentence, answer in said.items():
        text = answer.content.decode()
        assert sentence in text, sentence
        assert "套餐" in text, sentence
        assert UPGRADE in text, sentence
    assert "含 0 MB 文件空间" in attached.content.decode()
    assert (held.status_code, "或在“套餐”里升级" in held.json()["error"]) == (422, True)
    with tenant(directory.find_by_slug("alpha")) as here:  # type: ignore[arg-type]
        assert [used(key) for key in ("seats", "storage", f"fields:{TYPE}", "own_types")] == [1, 0, 0, 0]
        assert "sales" not in here.plugins


@pytest.mark.req("BIL-05")
def test_a_company_has_its_own_bills_with_payment_print_invoice_and_history(
    alpha: Current,
    beta: Current,
    prices: None,
    console: Client,
    admin: Client,
    member_factory: MemberFactory,
    sign_in: SignIn,
) -> None:
    with tenant(beta):
        other = sign_in(Client(), member_factory("admin", username="other"))
    profile = {"kind": "ordinary", "title": "甲方旅行社有限公司", "tax_number": "91310115591693856A"}
    admin.post("/settings/plan/invoice", profile)
    for number in (1, 2):
        wanted = {"plan": "team", "period": "month", "seats": str(number + 1)}
        ordered = admin.post("/settings/plan/transfer", wanted)
        with control_plane():
            bill = Bill.objects.latest("pk")
        facts = {"do": "receive", "amount": f"{bill.amount / 100:.2f}", "received_on": timezone.localdate().isoformat()}
        console.post(f"/ops/bills/{bill.pk}", {**facts, "reference": f"CMB20261128-{number}"})
        admin.post(ordered["Location"])
    console.post(
        f"/ops/bills/{bill.pk}",
        {"do": "fapiao", "number": "26512000000012345678", "issued_on": timezone.localdate().isoformat()},
    )

    page = admin.get(ordered["Location"]).content.decode()
    history = admin.get("/settings/plan/bills").content.decode()
    with control_plane():
        bills = list(Bill.objects.order_by("pk"))
    for words in (
        "data-print",
        "kz-printhead",
        "CMB20261128-2",
        "甲方旅行社有限公司",
        "91310115591693856A",
        "26512000000012345678",
    ):
        assert words in page, words
    assert [f"/settings/plan/bills/{bill.pk}" in history for bill in bills] == [True, True]
    assert [other.get(f"/settings/plan/bills/{bill.pk}").status_code for bill in bills] == [404, 404]
    assert "还没有账单" in other.get("/settings/plan/bills").content.decode()


def test_a_bill_paid_late_gives_its_whole_period_and_takes_off_what_was_used_meanwhile(
    alpha: Current, prices: None, console: Client
) -> None:
    first = ordering.order(alpha.pk, ordering.Wanted(plan="team", period="month", seats=2))
    late(first, days=20)
    ordering.receive(first.pk, received(first), by="知秋")
    whole = period()
    second = ordering.order(alpha.pk, ordering.Wanted(plan="team", period="month", seats=4))
    with control_plane():
        Subscription.objects.update(paid_until=timezone.now() - timedelta(days=1))
    ordering.receive(second.pk, received(second, "CMB2026112800018"), by="知秋")
    short = period()

    # The second cost twice the first; the first, taken off whole, was used up before the second was paid.
    assert whole > 27.9
    assert short == pytest.approx(whole / 2, abs=0.6)


def late(bill: Bill, *, days: int) -> None:
    """The bill as it would be if it had been ordered so many days ago."""
    with control_plane():
        order = {key: bill.order[key] for key in ("plan", "period", "seats", "addons")}
        begins = timezone.now() - timedelta(days=days)
        order |= {"begins": begins.isoformat(), "ends": (begins + timedelta(days=30)).isoformat()}
        Bill.objects.filter(pk=bill.pk).update(order=order)


def period() -> float:
    """How many days the company has paid for, from now."""
    with control_plane():
        until = Subscription.objects.get(tenant__slug="alpha").paid_until
    assert until is not None
    return (until - timezone.now()).total_seconds() / 86_400


def test_what_the_operator_replaced_is_taken_off_no_later_bill(alpha: Current, prices: None, console: Client) -> None:
    bill = ordering.order(alpha.pk, ordering.Wanted(plan="team", period="year", seats=2))
    ordering.receive(bill.pk, received(bill), by="知秋")
    subscribe(alpha.pk, "company", until=timezone.now() + timedelta(days=400))

    after = ordering.order(alpha.pk, ordering.Wanted(plan="company", period="month", seats=2))

    assert [amount for _title, amount in after.lines] == [19_200]


@pytest.mark.req("TEN-04", part="suspended by the operator")
def test_who_was_suspended_by_the_operator_is_not_told_to_pay(
    alpha: Current, prices: None, console: Client, admin: Client, run_jobs: Any
) -> None:
    with control_plane():
        Terms.objects.update(contact="400-820-6688")
    console.post(f"/ops/companies/{alpha.pk}", {"do": "suspend", "why": "发垃圾短信"})
    stopped = admin.get("/")
    page = admin.get("/settings/plan").content.decode()
    bill = ordering.order(alpha.pk, ordering.Wanted(plan="team", period="month", seats=2))
    ordering.receive(bill.pk, received(bill), by="知秋")
    still = admin.get("/").status_code
    console.post(f"/ops/companies/{alpha.pk}", {"do": "reopen"})

    text = stopped.content.decode()
    assert (stopped.status_code, still, admin.get("/").status_code) == (402, 402, 200)
    assert ("付款不会自动恢复" in text, "当场恢复" in text, 'href="/settings/plan"' in text) == (True, False, False)
    assert "运营方停用了公司：发垃圾短信" in page
    assert "请联系运营方 400-820-6688" in page
