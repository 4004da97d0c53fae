"""Buying, paying late, changing and cancelling, through the real client against a Stripe that remembers."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client

from billing import checkout, ordering, publishing, refreshing, seats
from billing.models import Addon, Bill, Plan, Price, StripeEvent, Subscription, Terms
from billing.pricing import Wanted
from billing.settling import settle
from billing.stripe_client import client
from billing.stripe_transport import CalledInTransaction
from kezhou import notify
from kezhou.access.entitlements import entitled
from kezhou.testing.access import MemberFactory, Person, SignIn
from tenants.context import Current, control_plane, tenant
from tenants.directory import find_by_slug, refresh_current
from tests.billing.conftest import AGO, Deliver, post
from tests.billing.fake import FakeStripe
from tests.billing.test_transfers import received

URLS = {"back": "https://alpha.test/back", "cancelled": "https://alpha.test/no"}


def buy(place: Current, fake: FakeStripe, plan: str = "team", period: str = "month", addons: Iterable[str] = ()) -> str:
    """Somebody of the company pays on Stripe's page; answers the customer."""
    with tenant(place):
        url = checkout.begin(plan, period, list(addons), **URLS)
    fake.ledger.complete(url.rsplit("/", 1)[1])
    return row(place).stripe_customer


def row(place: Current) -> Subscription:
    with control_plane():
        return Subscription.objects.select_related("plan").get(tenant_id=place.pk)


def state(place: Current) -> str:
    found = find_by_slug(place.slug)
    assert found is not None
    return found.state


def picture(place: Current) -> tuple[object, ...]:
    """Everything that Stripe decides about a company."""
    found = row(place)
    with control_plane():
        bills = sorted(
            Bill.objects.filter(tenant_id=place.pk).values_list("stripe_invoice", "state", "amount", "paid_at")
        )
    facts = (found.plan.key, found.period, found.source, found.stripe_status, found.paid_until, found.trial_until)
    return (*facts, found.ending, tuple(found.addons), found.pushed_seats, state(place), tuple(bills))


@pytest.mark.req("BIL-01", part="synchronised prices")
def test_plans_and_prices_are_published_once_and_a_new_amount_is_a_new_price(published: FakeStripe) -> None:
    with control_plane():
        old = Price.objects.get(plan__key="company")
        Price.objects.filter(pk=old.pk).update(active=False)
        new = Price.objects.create(plan=old.plan, period="month", amount=9900)
        Plan.objects.filter(pk=old.plan_id).update(version=2, name="旗舰版")
    calls = len(published.calls)

    assert (publishing.publish_all(), publishing.publish_all()) == ({}, {})

    prices = published.ledger.rows["price"]
    with control_plane():
        new.refresh_from_db()
    product = next(key for key, each in published.ledger.rows["product"].items() if each["name"] == "旗舰版")
    assert sorted(published.calls[calls:]) == sorted(
        [f"POST products/{product}", f"POST prices/{old.stripe_price}", "POST prices"]
    )
    assert (prices[old.stripe_price]["active"], prices[new.stripe_price]["unit_amount"]) == ("false", 9900)


@pytest.mark.req("BIL-02", part="order, payment, Stripe")
def test_a_company_buys_and_has_the_plan_at_once(
    alpha: Current, boss: Person, published: FakeStripe, deliver: Deliver
) -> None:
    with control_plane():
        addon = Addon.objects.create(plugin="sales")
        Price.objects.create(addon=addon, period="month", amount=20000)
    assert publishing.publish_all() == {}
    published.ledger.advance(AGO.days)

    buy(alpha, published, addons=["sales"])
    assert set(deliver(published.ledger.events)) == {200}

    found = row(alpha)
    with tenant(alpha):
        refresh_current()
        seats_limit, module = entitled("seats", 1).limit, entitled("plugin:sales", 1).allowed
    assert (found.plan.key, found.period, found.source, found.addons, state(alpha)) == (
        "team", "month", "stripe", ["sales"], "active",
    )  # fmt: skip
    assert (seats_limit, module) == (50, True)
    assert found.paid_until is not None
    assert timedelta(days=27) < found.paid_until - datetime.now(UTC) < timedelta(days=32)
    with control_plane():
        bill = Bill.objects.get(tenant_id=alpha.pk)
    assert (bill.state, bill.amount, bill.source) == ("paid", 4800 + 20000, "stripe")


@pytest.mark.req("BIL-01", part="plugins priced separately")
def test_a_module_is_added_to_the_running_subscription(
    alpha: Current, boss: Person, published: FakeStripe, deliver: Deliver, sign_in: SignIn, cache: None
) -> None:
    with control_plane():
        Plan.objects.filter(key="team").update(all_plugins=False, plugins=["customers"])
        Price.objects.create(addon=Addon.objects.create(plugin="sales"), period="month", amount=20000)
    publishing.publish_all()
    published.ledger.advance(AGO.days)
    customer = buy(alpha, published)
    deliver(published.ledger.events)
    browser = sign_in(Client(), boss)
    offered = browser.get("/settings/plan").content.decode()

    first = browser.post("/settings/plan/module", {"plugin": "sales"}).status_code
    again = browser.post("/settings/plan/module", {"plugin": "sales"}).status_code

    with tenant(alpha):
        refresh_current()
        allowed = [entitled(f"plugin:{name}", 1).allowed for name in ("customers", "sales", "meetings")]
    items = published.ledger.running(customer)["items"]["data"]
    assert ('value="sales"' in offered, first, again, len(items)) == (True, 302, 422, 2)
    assert (row(alpha).addons, allowed) == (["sales"], [True, True, False])
    assert 'value="sales"' not in browser.get("/settings/plan").content.decode()


def test_buying_twice_is_refused_before_anything_is_sent(
    alpha: Current, boss: Person, published: FakeStripe, deliver: Deliver
) -> None:
    buy(alpha, published)
    deliver(published.ledger.events)
    calls = list(published.calls)

    with tenant(alpha), pytest.raises(checkout.PaymentProblem, match="已经有一个订阅在付款"):
        checkout.begin("team", "month", [], **URLS)

    assert published.calls == calls


def test_of_two_administrators_who_buy_at_once_one_pays(
    alpha: Current, boss: Person, published: FakeStripe, deliver: Deliver
) -> None:
    with tenant(alpha):
        pages = [checkout.begin("team", period, [], **URLS).rsplit("/", 1)[1] for period in ("year", "month")]
    published.ledger.complete(pages[1])
    with tenant(alpha), pytest.raises(checkout.PaymentProblem, match="已经有一个订阅在付款"):
        checkout.begin("team", "month", [], **URLS)  # no event has come yet

    sessions = published.ledger.rows["checkout.session"]
    assert [sessions[page]["status"] for page in pages] == ["expired", "complete"]
    assert len(published.ledger.rows["subscription"]) == 1
    assert (row(alpha).plan.key, row(alpha).problem) == ("team", "")


def test_who_paid_by_transfer_does_not_lose_the_rest_by_buying_online(
    alpha: Current, boss: Person, published: FakeStripe, sign_in: SignIn, cache: None
) -> None:
    with control_plane():
        Terms.objects.update_or_create(pk=1, defaults={"payee": "成都客舟科技有限公司", "account": "128900000000001"})
    bill = ordering.order(alpha.pk, Wanted(plan="team", period="month", seats=2))
    ordering.receive(bill.pk, received(bill), by="知秋")
    calls = list(published.calls)
    page = sign_in(Client(), boss).get("/settings/plan").content.decode()

    with tenant(alpha), pytest.raises(checkout.PaymentProblem, match="到期后再在线购买"):
        checkout.begin("company", "month", [], **URLS)
    assert published.calls == calls
    assert ("到期后再在线购买" in page, "/settings/plan/buy" in page, "/settings/plan/transfer" in page) == (
        True,
        False,
        True,
    )
    with control_plane():
        Subscription.objects.update(paid_until=datetime.now(UTC) - timedelta(minutes=1))
    with tenant(alpha):
        assert checkout.begin("company", "month", [], **URLS).startswith("https://stripe.test/pay/")


def test_a_second_subscription_made_at_stripe_is_told_to_the_operator(
    alpha: Current, boss: Person, published: FakeStripe, deliver: Deliver
) -> None:
    buy(alpha, published)
    (session,) = published.ledger.rows["checkout.session"].values()
    session["status"] = "open"
    published.ledger.complete(session["id"])

    deliver(published.ledger.events)

    assert row(alpha).problem.startswith("还有 1 个 Stripe 订阅也在扣款")


def test_a_plan_too_small_for_the_members_is_refused_before_anything_is_sent(
    alpha: Current, boss: Person, published: FakeStripe, member_factory: MemberFactory
) -> None:
    with tenant(alpha):
        member_factory("sales", username="second")
    with control_plane():
        Plan.objects.filter(key="team").update(seats=1)
    calls = list(published.calls)

    with tenant(alpha), pytest.raises(checkout.PaymentProblem, match="有 2 个成员，这个套餐最多 1 个"):
        checkout.begin("team", "month", [], **URLS)

    assert published.calls == calls


@pytest.mark.req("BIL-02", part="trial")
def test_a_trial_goes_on_at_stripe_and_is_paid_when_it_ends(
    alpha: Current, boss: Person, published: FakeStripe, deliver: Deliver
) -> None:
    published.ledger.advance(AGO.days)
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(days=10)
    with control_plane():
        Subscription.objects.filter(tenant_id=alpha.pk).update(trial_until=ends)

    customer = buy(alpha, published)
    deliver(published.ledger.events)
    trying = (row(alpha).stripe_status, row(alpha).trial_until, state(alpha))
    published.ledger.advance(11)
    deliver(published.ledger.events)

    assert trying == ("trialing", ends, "trial")
    assert (row(alpha).stripe_status, state(alpha)) == ("active", "active")
    assert [bill["total"] for bill in published.ledger.of_customer("invoice", customer)] == [4800, 0]


@pytest.mark.req("BIL-07", part="notice, grace, read-only, payment restores")
@pytest.mark.req("TEN-04", part="transitions by payment")
def test_an_unpaid_bill_leads_to_looking_only_and_payment_restores_at_once(
    alpha: Current, boss: Person, published: FakeStripe, deliver: Deliver
) -> None:
    with control_plane():
        Terms.objects.update_or_create(pk=1, defaults={"grace_days": 5})
    customer = buy(alpha, published)
    published.ledger.declining.add(customer)
    published.ledger.advance(33)
    deliver(published.ledger.events)
    late = (row(alpha).stripe_status, state(alpha))
    published.ledger.advance(AGO.days - 33)
    deliver(published.ledger.events)
    overdue = (row(alpha).stripe_status, state(alpha))

    published.ledger.pay(customer)
    deliver(published.ledger.events)

    assert (late[0], overdue, (row(alpha).stripe_status, state(alpha))) == (
        "past_due", ("past_due", "overdue"), ("active", "active"),
    )  # fmt: skip
    assert [bill["status"] for bill in published.ledger.of_customer("invoice", customer)] == ["paid", "paid"]


@pytest.mark.parametrize("gives_up", ["unpaid", "canceled"])
def test_when_stripe_gives_up_the_days_still_count_from_the_last_paid_one(
    alpha: Current, boss: Person, published: FakeStripe, deliver: Deliver, gives_up: str
) -> None:
    published.ledger.gives_up = gives_up
    customer = buy(alpha, published)
    deliver(published.ledger.events)
    published.ledger.declining.add(customer)
    end = row_end(published, customer)
    published.ledger.advance(60)

    deliver(published.ledger.events)

    assert (row(alpha).stripe_status, row(alpha).paid_until, row(alpha).ending) == (gives_up, end, False)


def row_end(fake: FakeStripe, customer: str) -> datetime:
    return datetime.fromtimestamp(fake.ledger.running(customer)["items"]["data"][0]["current_period_end"], UTC)


@pytest.mark.req("BIL-02", part="cancellation")
def test_who_cancels_keeps_what_was_paid_and_then_has_the_free_plan(
    alpha: Current, boss: Person, published: FakeStripe, deliver: Deliver
) -> None:
    published.ledger.advance(25)
    customer = buy(alpha, published)
    published.ledger.advance(10)
    published.ledger.cancel(customer)
    deliver(published.ledger.events)
    ending = row(alpha).ending
    published.ledger.advance(25)
    deliver(published.ledger.events)
    settle(alpha.pk, now=published.ledger.now)

    found = row(alpha)
    assert (ending, found.plan.key, found.source, found.paid_until, state(alpha)) == (
        True, "free", "manual", None, "active",
    )  # fmt: skip
    with tenant(alpha):
        assert refresh_current().entitlements["seats"] == 10


@pytest.mark.req("BIL-02", part="seats follow members, by days")
def test_seats_follow_members_and_are_settled_by_days(
    alpha: Current, boss: Person, published: FakeStripe, deliver: Deliver, member_factory: MemberFactory
) -> None:
    published.ledger.advance(AGO.days)
    customer = buy(alpha, published, "company")
    deliver(published.ledger.events)
    published.ledger.advance(15)
    with tenant(alpha):
        for number in range(3):
            member_factory("sales", username=f"new{number}")

    assert (seats.follow_seats(), seats.follow_seats()) == (1, 0)
    published.ledger.advance(20)

    subscription = published.ledger.running(customer)
    last = published.ledger.of_customer("invoice", customer)[0]
    assert subscription["items"]["data"][0]["quantity"] == 4
    assert [line["amount"] > 0 for line in last["lines"]["data"]] == [False, True, True]
    assert last["lines"]["data"][2]["amount"] == 4 * 9600
    assert last["lines"]["data"][1]["amount"] == pytest.approx(-4 * last["lines"]["data"][0]["amount"], abs=4)


def test_seats_of_a_price_made_elsewhere_are_left_alone_and_the_operator_is_told(
    alpha: Current, boss: Person, published: FakeStripe, deliver: Deliver, member_factory: MemberFactory
) -> None:
    customer = buy(alpha, published)
    with control_plane():
        Price.objects.filter(plan__key="team", period="month").update(stripe_price="price_of_ours")
    deliver(published.ledger.events)
    with tenant(alpha):
        member_factory("sales", username="second")
    calls = list(published.calls)

    assert seats.follow_seats() == 0

    assert published.calls == calls
    found = row(alpha)
    assert (found.stripe_customer, found.stripe_item, found.plan.key) == (customer, "", "free")
    assert "不是在这里建的" in found.problem


def test_another_plan_chosen_in_the_portal_is_in_force(
    alpha: Current, boss: Person, published: FakeStripe, deliver: Deliver
) -> None:
    customer = buy(alpha, published)
    deliver(published.ledger.events)
    subscription = published.ledger.running(customer)
    with control_plane():
        price = Price.objects.get(plan__key="company").stripe_price
    published.ledger.change(subscription, subscription["items"]["data"][0], price=price)

    deliver(published.ledger.events)

    with tenant(alpha):
        assert (row(alpha).plan.key, refresh_current().entitlements["seats"]) == ("company", None)


# -- events ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "status"),
    [({}, 200), ({"secret": "whsec_wrong"}, 400), ({"age": 3600}, 400)],
    ids=["right", "wrong", "old"],
)
def test_only_events_with_a_right_and_fresh_signature_are_noted(
    alpha: Current, boss: Person, published: FakeStripe, how: dict[str, object], status: int
) -> None:
    buy(alpha, published)
    event = published.ledger.events[-1]

    assert post(event, **how) == status
    with control_plane():
        assert StripeEvent.objects.count() == int(status == 200)


def test_a_body_that_is_no_event_is_refused(fake: FakeStripe, database: None) -> None:
    answer = Client(HTTP_HOST="localhost").post("/billing/stripe", b"\x00{", content_type="application/json")

    assert answer.status_code == 400


def test_an_event_of_a_customer_that_is_nobodys_here_is_taken_and_asks_for_nothing(
    alpha: Current, boss: Person, published: FakeStripe
) -> None:
    buy(alpha, published)
    event = copy.deepcopy(published.ledger.events[-1])
    event["data"]["object"]["customer"] = "cus_of_another_installation"
    with control_plane():
        before = list(Subscription.objects.order_by("pk").values())
    calls = list(published.calls)

    assert (post(event), refreshing.refresh_due()) == (200, 0)

    with control_plane():
        assert list(Subscription.objects.order_by("pk").values()) == before
    assert published.calls == calls


def test_an_event_that_comes_twice_asks_once(
    alpha: Current, boss: Person, published: FakeStripe, deliver: Deliver
) -> None:
    buy(alpha, published)
    deliver(published.ledger.events)
    calls, wanted = len(published.calls), row(alpha).wanted

    deliver(published.ledger.events * 3)

    assert (len(published.calls), row(alpha).wanted) == (calls, wanted)


def test_an_answer_that_comes_late_does_not_overwrite_a_newer_one(
    alpha: Current, boss: Person, published: FakeStripe
) -> None:
    published.ledger.advance(AGO.days)
    customer = buy(alpha, published)
    refreshing.note(customer)
    slow = refreshing._claim(alpha.pk)
    assert slow is not None
    old = refreshing._fetch(customer)
    published.ledger.cancel(customer)
    with control_plane():
        Subscription.objects.filter(tenant_id=alpha.pk).update(claimed_until=datetime.now(UTC) - timedelta(seconds=1))

    assert refreshing.refresh(alpha.pk)
    assert refreshing._store(alpha.pk, slow[0], slow[1], *old) is False
    assert row(alpha).ending is True


@pytest.mark.parametrize("failures", [0, 100])
def test_while_stripe_is_away_it_is_told_and_tried_again_later(
    alpha: Current, boss: Person, published: FakeStripe, deliver: Deliver, failures: int
) -> None:
    buy(alpha, published)
    with control_plane():
        Subscription.objects.filter(tenant_id=alpha.pk).update(failures=failures)
    published.down = True
    deliver(published.ledger.events)
    away = row(alpha)
    published.down = False
    with control_plane():
        Subscription.objects.filter(tenant_id=alpha.pk).update(claimed_until=None)

    assert refreshing.refresh_due() == 1

    assert (away.failures, away.problem, away.plan.key) == (failures + 1, "APIError: We are down.", "free")
    assert (row(alpha).failures, row(alpha).problem, row(alpha).plan.key) == (0, "", "team")


def test_nothing_is_called_inside_a_transaction(published: FakeStripe) -> None:
    calls = list(published.calls)

    with control_plane(), transaction.atomic(), pytest.raises(CalledInTransaction):
        client().v1.customers.create({"name": "no"})

    assert published.calls == calls


def test_administrators_are_told_when_the_company_becomes_read_only_and_when_it_is_over(
    alpha: Current, boss: Person, published: FakeStripe, deliver: Deliver
) -> None:
    with control_plane():
        Terms.objects.update_or_create(pk=1, defaults={"grace_days": 1})
    customer = buy(alpha, published)
    published.ledger.declining.add(customer)
    published.ledger.advance(AGO.days)
    deliver(published.ledger.events)
    published.ledger.pay(customer)
    deliver(published.ledger.events)

    with tenant(alpha):
        told = [notice.sentence for notice in notify.unread(boss.actor)]
    assert told == ["公司可以正常使用", "套餐已到期，公司现在只能看、能导出"]
