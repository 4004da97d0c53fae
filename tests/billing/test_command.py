"""The operator's word on plans: `kezhou plan`."""

import argparse
from datetime import timedelta

import pytest
from django.utils import timezone

from billing import command
from billing.models import Subscription
from billing.plans import subscription_of
from billing.settling import settle
from kezhou.access.entitlements import entitled
from tenants.context import Current, control_plane, tenant
from tenants.directory import find_by_slug
from tenants.models import TenantStateChange


def call(*words: str) -> int:
    parser = argparse.ArgumentParser()
    command.arguments(parser)
    return command.run(parser.parse_args(words))


def test_a_company_begins_on_the_free_plan_and_gets_more_at_once(alpha: Current) -> None:
    with tenant(alpha):
        before = entitled("seats", 1).limit

    assert call("alpha", "team") == 0

    place = find_by_slug("alpha")
    assert place is not None
    with tenant(place):
        assert (before, entitled("seats", 1).limit) == (10, 50)


def test_a_company_at_a_standstill_is_listed_and_goes_on_at_once_with_another_plan(
    alpha: Current, capsys: pytest.CaptureFixture[str]
) -> None:
    with control_plane():
        row = subscription_of(alpha.pk)
        Subscription.objects.filter(pk=row.pk).update(paid_until=timezone.now() - timedelta(days=200))
    assert settle(alpha.pk).state == "suspended"

    assert (call(), call("alpha", "team")) == (0, 0)

    assert "  alpha                free" in capsys.readouterr().out.splitlines()
    place = find_by_slug("alpha")
    assert place is not None
    assert (place.state, place.entitlements["seats"]) == ("active", 50)
    with control_plane():
        last = TenantStateChange.objects.filter(tenant_id=alpha.pk).latest("pk")
    assert (last.new, last.why, last.by) == ("active", "换到“团队版”。", "kezhou plan")


def test_a_wrong_plan_or_company_is_told_and_changes_nothing(
    alpha: Current, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (call("alpha", "gold"), call("nobody", "team")) == (2, 2)

    assert capsys.readouterr().err.splitlines() == [
        "There is no plan 'gold'. There are: free, team, company.",
        "There is no company with the short name 'nobody'.",
    ]
    with tenant(alpha):
        assert entitled("seats", 1).limit == 10


def test_the_list_names_plans_and_companies(alpha: Current, capsys: pytest.CaptureFixture[str]) -> None:
    assert call() == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "free       免费版  10 seats, 20 fields per type, 5 own record types, 2048 MB of files"
    assert "  alpha                free" in lines
