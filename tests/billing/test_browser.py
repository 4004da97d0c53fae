"""套餐与账单 as people see it, at every width."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from billing import invoices, ordering
from billing.models import Addon, Plan, Price, Subscription, Terms
from billing.pricing import Wanted
from billing.settling import settle_all
from kezhou.testing.access import MemberFactory, Person
from kezhou.testing.browser import PHONE, Screen
from tenants.context import Current, control_plane, tenant

pytestmark = [pytest.mark.browser, pytest.mark.committed]


@pytest.fixture
def busy(alpha: Current, prices: None, plugins_on: Callable[..., None], member_factory: MemberFactory) -> Person:
    """A company with members, modules, two paid bills and an open one."""
    with tenant(alpha):
        plugins_on("customers", "sales")
        boss = member_factory("admin", name="周敏", username="boss")
        for number in range(6):
            member_factory("sales", username=f"s{number}")
    with control_plane():
        facts = {"payee": "成都客舟科技有限公司", "bank": "招商银行成都高新支行", "account": "128 9000 0000 0001"}
        Terms.objects.update_or_create(pk=1, defaults=facts)
        Plan.objects.filter(key="free").update(all_plugins=False, plugins=["customers"])
        Price.objects.create(addon=Addon.objects.create(plugin="meetings"), period="year", amount=120_000)
    for number, seats in enumerate((7, 9)):
        bill = ordering.order(alpha.pk, Wanted(plan="team", period="year", seats=seats))
        came = ordering.Received(
            amount=bill.amount, received_on=timezone.localdate(), reference=f"CMB20261128000{number}", payer="甲方"
        )
        ordering.receive(bill.pk, came, by="知秋")
    data = invoices.InvoiceData(title="甲方旅行社有限公司", tax_number="91310115591693856A", email="cw@example.com")
    invoices.keep(alpha.pk, data)
    with control_plane():
        until = timezone.now() + timedelta(days=20)
        Subscription.objects.filter(tenant_id=alpha.pk).update(paid_until=until)
    ordering.order(alpha.pk, Wanted(plan="team", period="year", seats=9))
    return boss


def test_plan_and_bills_fit_every_width(screen: Screen, busy: Person) -> None:
    screen.sign_in(busy)
    with control_plane():
        bill = busy and ordering.Bill.objects.order_by("pk").first()
        last = ordering.Bill.objects.order_by("pk").last()
    assert bill is not None
    assert last is not None
    pages = {
        "plan": "/settings/plan",
        "plan-transfer": "/settings/plan/transfer?plan=company&period=month&seats=12",
        "plan-bill": f"/settings/plan/bills/{bill.pk}",
        "plan-bill-open": f"/settings/plan/bills/{last.pk}",
        "plan-invoice": "/settings/plan/invoice",
    }

    overflow, nameless = {}, {}
    for name, path in pages.items():
        screen.open(path).locator("#main").wait_for()
        nameless[name] = screen.nameless()
        screen.pictures(name)
        screen.size(*PHONE)
        overflow[name] = screen.too_wide()
        screen.size(1440, 900)

    assert {name: what for name, what in nameless.items() if what} == {}
    assert {name: wide for name, wide in overflow.items() if wide} == {}


def test_the_console_fits_every_width(screen: Screen, busy: Person, operator: Person) -> None:
    screen.sign_in(operator)
    with control_plane():
        Subscription.objects.filter(tenant__slug="beta").update(paid_until=timezone.now() - timedelta(days=20))
        bill = ordering.Bill.objects.order_by("-pk").first()
        alpha = Subscription.objects.get(tenant__slug="alpha").tenant_id
    settle_all()
    assert bill is not None
    pages = {
        "ops-companies": "/ops/companies",
        "ops-company": f"/ops/companies/{alpha}",
        "ops-health": "/ops/health",
        "ops-plans": "/ops/plans",
        "ops-plan": "/ops/plans/team",
        "ops-bill": f"/ops/bills/{bill.pk}",
    }

    overflow, nameless = {}, {}
    for name, path in pages.items():
        screen.open(path, "ops").locator("#main").wait_for()
        nameless[name] = screen.nameless()
        screen.pictures(name)
        screen.size(*PHONE)
        overflow[name] = screen.too_wide()
        screen.size(1440, 900)

    assert {name: what for name, what in nameless.items() if what} == {}
    assert {name: wide for name, wide in overflow.items() if wide} == {}
