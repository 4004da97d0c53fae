"""Settling: from what is known of a subscription to the company's plan, limits and state, as often as one likes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from billing.lifecycle import Facts, Stage, stage
from billing.models import Plan, Price, Subscription
from billing.plans import subscription_of, write_limits
from billing.telling import tell_administrators
from billing.terms import REMIND_DAYS, days, terms
from tenants import directory
from tenants.context import Current, control_plane
from tenants.states import EFFECTS, Need
from tenants.tasks import task


def facts_of(row: Subscription, *, free_after: bool) -> Facts:
    """What the life of a subscription depends on."""
    return Facts(
        hold=row.hold,
        trial_until=row.trial_until,
        paid_until=row.paid_until,
        extended_until=row.extended_until,
        ending=row.ending,
        free_after=free_after,
    )


def free_plan() -> Plan | None:
    """The default plan when it costs nothing: it takes over after a trial. In the control plane."""
    plan = Plan.objects.get(is_default=True)
    return None if Price.objects.filter(plan=plan, active=True).exists() else plan


def stage_of(row: Subscription, now: datetime | None = None) -> Stage:
    """Where a company stands, in the control plane."""
    return stage(facts_of(row, free_after=free_plan() is not None), days(terms()), now or timezone.now())


def settle(tenant_pk: int, *, now: datetime | None = None, why: str = "", by: str = "") -> Stage:
    """Bring plan, limits and state of a company in line with what is known. Outside a transaction of a tenant."""
    now = now or timezone.now()
    with control_plane(), transaction.atomic():
        row = subscription_of(tenant_pk, lock=True)
        found = stage_of(row, now)
        if found.falls_back:
            _fall_back(row)
            found = stage_of(row, now)
        write_limits(row)
        before = directory.set_state(tenant_pk, found.state, why=why or _why(found), by=by, held=found.held)
    if before:
        _tell_state(tenant_pk, found, before)
    return found


def _fall_back(row: Subscription) -> None:
    """The free plan takes the place of a trial that is over or of a subscription that was cancelled."""
    plan = free_plan()
    assert plan is not None, "falls_back is said only when there is a free plan"
    row.plan, row.since, row.source = plan, timezone.now(), Subscription.Source.MANUAL
    row.trial_until = row.paid_until = row.extended_until = row.seats = None
    row.addons, row.ending, row.period = [], False, ""
    row.save()


def _why(found: Stage) -> str:
    day = f"{timezone.localtime(found.end):%Y-%m-%d}" if found.end else ""
    return {
        "trial": _("试用到 %(day)s。") % {"day": day},
        "active": _("已付到 %(day)s。") % {"day": day} if day else _("套餐没有到期日。"),
        "overdue": _("%(day)s 到期后没有续费。") % {"day": day},
        "suspended": _("%(day)s 到期后一直没有续费。") % {"day": day},
    }.get(found.state, "")


def _tell_state(tenant_pk: int, found: Stage, before: str) -> None:
    """The administrators learn of a new state; of the good ones only after a bad one, by what they can do again."""
    place = directory.find_by_pk(tenant_pk)
    if place is None or (_is_good(before) and _is_good(found.state)):
        return
    with translation.override(place.language):
        again = (_("公司可以正常使用"), _("套餐和席位见“套餐与账单”。"))
        told = {
            "overdue": (_("套餐已到期，公司现在只能看、能导出"), _("付款后立即恢复，数据都在。")),
            "suspended": (
                (_("公司已由运营方暂停使用"), _("数据完整保留。付款不会自动恢复，请联系运营方。"))
                if found.held
                else (_("公司已暂停使用"), _("数据完整保留；管理员登录后付款，当场恢复。"))
            ),
            "trial": again,
            "active": again,
        }.get(found.state)
        if told is not None:
            tell_administrators(place, *told)


def _is_good(state: str) -> bool:
    return state in EFFECTS and EFFECTS[state].allows(Need.WRITE)


# -- the calendar ------------------------------------------------------------------------------------------------------------


@task(control=True, name="billing.settle_all")
def settle_all() -> int:
    """Once an hour: whoever's day has come changes state, and administrators are told that an end is near."""
    now = timezone.now()
    places = [each for each in directory.tenants(states=EFFECTS) if not each.is_reserved]
    due, near = _due(places, now)
    for place in places:
        if place.pk in due:
            settle(place.pk, now=now)
        if place.pk in near:
            remind(place, now)
    return len(due)


def _due(places: Iterable[Current], now: datetime) -> tuple[set[int], set[int]]:
    """Those whose state is another one than it should be, and those to be reminded: found in memory from one read."""
    states = {place.pk: place.state for place in places}
    with control_plane():
        free, lasting = free_plan() is not None, days(terms())
        rows = list(Subscription.objects.filter(tenant_id__in=states))
    stages = [(row, stage(facts_of(row, free_after=free), lasting, now)) for row in rows]
    due = {row.tenant_id for row, found in stages if found.falls_back or found.state != states[row.tenant_id]}
    return due, {row.tenant_id for row, found in stages if _mark(row, found, now) not in {"", row.reminded}}


def remind(place: Current, now: datetime) -> str:
    """Tell the administrators 30, 7 and 1 days before the end, once each; says which reminder it was (BIL-02)."""
    with control_plane(), transaction.atomic():
        row = subscription_of(place.pk, lock=True)
        found = stage_of(row, now)
        mark = _mark(row, found, now)
        if not mark or row.reminded == mark:
            return ""
        row.reminded = mark
        row.save(update_fields=["reminded"])
        left = _days_left(found, now)
    with translation.override(place.language):
        what = _("试用还有 %(days)d 天") if found.state == "trial" else _("套餐还有 %(days)d 天到期")
        tell_administrators(place, what % {"days": left}, _("在“设置 › 套餐与账单”里续费，不会中断。"))
    return mark


def _mark(row: Subscription, found: Stage, now: datetime) -> str:
    renews = row.source == Subscription.Source.STRIPE and not row.ending and found.state != "trial"
    if found.end is None or found.state not in {"trial", "active"} or found.in_grace or renews:
        return ""
    reached = [limit for limit in REMIND_DAYS if _days_left(found, now) <= limit]
    return f"{found.end:%Y-%m-%d}:{min(reached)}" if reached else ""


def _days_left(found: Stage, now: datetime) -> int:
    assert found.end is not None
    return max(0, math.ceil((found.end - now) / timedelta(days=1)))
