"""What a plan allows, and the sentence when it does not (BIL-06)."""

import pytest

from billing.plans import plans, present_plan, subscribe
from kezhou.access.actor import System
from kezhou.access.entitlements import NotEntitled, demand, entitled, used
from kezhou.access.staff import enrol
from tenants.context import current, tenant
from tenants.directory import find_by_slug, refresh_current


def limited(**facts):
    """Put the entered company on a plan of its own."""
    from billing.models import Plan
    from tenants.context import control_plane

    pk = current().pk
    with control_plane():
        Plan.objects.create(key="own", name="专用版", **facts)
    subscribe(pk, "own")
    refresh_current()


def test_every_company_begins_on_the_default_plan(in_alpha):
    assert (present_plan().key, [plan.key for plan in plans()]) == ("free", ["free", "team", "company"])
    assert dict(current().entitlements) == {
        "seats": 10,
        "fields": 20,
        "own_types": 5,
        "storage": 2048,
        "plugin:*": None,
    }


def test_seats_are_counted_before_a_member_is_made(in_alpha, admin):
    limited(seats=1)

    with pytest.raises(NotEntitled, match="含 1 个席位，已用 1 个") as caught:
        enrol(System("a test"), name="多一个", username="onemore", password="kezhou-2026")

    assert caught.value.entitlement.upgrade_url == "/settings/plan"
    assert used("seats") == 1


@pytest.mark.parametrize(
    ("facts", "key", "allowed"),
    [
        ({"fields": 0}, "fields:customers.customer", False),
        ({"fields": 1}, "fields:customers.customer", True),
        ({"fields": None}, "fields:customers.customer", True),
        ({"all_plugins": False, "plugins": ["customers"]}, "plugin:customers", True),
        ({"all_plugins": False, "plugins": ["customers"]}, "plugin:sales", False),
        ({"all_plugins": True}, "plugin:sales", True),
    ],
)
def test_fields_and_plugins_follow_the_plan(in_alpha, facts, key, allowed):
    limited(**facts)

    answer = entitled(key)

    assert answer.allowed is allowed
    assert bool(answer.sentence) is not allowed


def test_a_plan_without_limits_refuses_nothing(in_alpha):
    subscribe(current().pk, "company")
    refresh_current()

    demand("seats", 100_000)

    assert entitled("seats").limit is None


def test_a_change_of_plan_is_one_companys_own(in_alpha):
    subscribe(current().pk, "company")

    beta = find_by_slug("beta")
    assert beta is not None
    assert beta.entitlements["seats"] == 10


def test_a_key_that_nothing_counts_is_a_mistake(in_alpha):
    with pytest.raises(ValueError, match="Nothing counts the use of “cars”"):
        used("cars")


def test_the_plan_page_shows_use_against_limits(alpha, admin_client):
    html = admin_client.get("/settings/plan").content.decode()

    assert "<h1>免费版" in html
    assert "1 / 10" in html
    assert "0 / 20" in html
    with tenant(alpha):
        assert used("seats") == 1
