"""The plans there are, and putting a company on one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.models import Bill, Plan, Subscription
from kezhou.plugins import manifests
from tenants.context import control_plane, current
from tenants.directory import set_limits

ANY_PLUGIN = "plugin:*"
RUNNING = frozenset({"trialing", "active", "past_due", "unpaid", "paused"})
"""What Stripe calls a subscription that goes on."""


class ByStripe(Exception):
    """The company pays by a subscription at Stripe; `str()` says how it can be changed by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """A plan for pages and sentences; None is without limit."""

    key: str
    name: str
    summary: str
    seats: int | None
    fields: int | None
    own_types: int | None
    storage: int | None
    all_plugins: bool
    plugins: tuple[str, ...]
    is_default: bool = False
    is_offered: bool = True

    def limits(self) -> dict[str, int | None]:
        """As `tenants` keeps them: seats, fields, own record types, megabytes of storage, and 0 or nothing for plugins."""
        listed: dict[str, int | None] = {f"plugin:{name}": None for name in self.plugins}
        everything = None if self.all_plugins else 0
        counted = {name: getattr(self, name) for name in ("seats", "fields", "own_types", "storage")}
        return {**counted, ANY_PLUGIN: everything, **listed}


def plans() -> tuple[PlanView, ...]:
    """Every plan in order."""
    with control_plane():
        return tuple(view_of(plan) for plan in Plan.objects.order_by("order", "pk"))


def present_plan() -> PlanView:
    """The plan of the entered company; one that was never subscribed is on the default plan."""
    pk = current().pk
    with control_plane():
        row = Subscription.objects.select_related("plan").filter(tenant_id=pk).first()
        return view_of(row.plan if row is not None else Plan.objects.get(is_default=True))


def subscribe(tenant_pk: int, plan_key: str, *, until: datetime | None = None) -> None:
    """Put a company on a plan by the operator's word, without end or until a moment. Raises Plan.DoesNotExist, ByStripe."""
    with control_plane(), transaction.atomic():
        plan = Plan.objects.get(key=plan_key)
        row = subscription_of(tenant_pk, lock=True)
        if row.source == Subscription.Source.STRIPE and row.stripe_status in RUNNING:
            raise ByStripe(_("这家公司用 Stripe 订阅付款，套餐跟着订阅走。请先在 Stripe 取消订阅，再改成对公转账。"))
        row.plan, row.since, row.source, row.paid_until = plan, timezone.now(), Subscription.Source.MANUAL, until
        row.trial_until, row.extended_until, row.ending, row.seats, row.addons = None, None, False, None, []
        row.save()
        without_rest(tenant_pk)
        write_limits(row)


def without_rest(tenant_pk: int, *, but: int | None = None) -> None:
    """What was paid before has been taken into account, or was replaced by the operator's word: it is taken off no later bill."""
    paid = Bill.objects.filter(tenant_id=tenant_pk, source=Subscription.Source.MANUAL, state=Bill.State.PAID)
    for bill in paid if but is None else paid.exclude(pk=but):
        Bill.objects.filter(pk=bill.pk).update(order={**bill.order, "replaced": True})


def subscription_of(tenant_pk: int, *, lock: bool = False) -> Subscription:
    """The subscription of a company, in the control plane; one that never had any begins on the default plan."""
    rows = Subscription.objects.select_related("plan")
    rows = rows.select_for_update(of=("self",)) if lock else rows
    found = rows.filter(tenant_id=tenant_pk).first()
    if found is not None:
        return found
    Subscription.objects.get_or_create(tenant_id=tenant_pk, defaults={"plan": Plan.objects.get(is_default=True)})
    return rows.get(tenant_id=tenant_pk)


def write_limits(row: Subscription) -> None:
    """Let the limits of a subscription act: those of its plan, cut to the seats that were bought, with the modules bought beside it."""
    limits = view_of(row.plan).limits()
    if row.seats is not None:
        limits["seats"] = row.seats if limits["seats"] is None else min(row.seats, limits["seats"])
    set_limits(row.tenant_id, limits | {f"plugin:{name}": None for name in row.addons})


def view_of(plan: Plan) -> PlanView:
    return PlanView(
        key=plan.key,
        name=plan.name,
        summary=plan.summary,
        seats=plan.seats,
        fields=plan.fields,
        own_types=plan.own_types,
        storage=plan.storage,
        all_plugins=plan.all_plugins,
        plugins=tuple(plan.plugins),
        is_default=plan.is_default,
        is_offered=plan.is_offered,
    )


def too_small(plan: Plan, members: int) -> str:
    """Why so many members cannot be on a plan; empty when they can."""
    if plan.seats is None or members <= plan.seats:
        return ""
    return _("现在有 %(members)d 个成员，这个套餐最多 %(seats)d 个") % {"members": members, "seats": plan.seats}


def title_of(plugin: str) -> str:
    """A module's title; its name where it is not installed any more."""
    return str(manifests()[plugin].title) if plugin in manifests() else plugin


# -- a new company ---------------------------------------------------------------------------------------------------------


FIRST_PLAN = """
    INSERT INTO public.billing_subscription (tenant_id, plan_id, trial_until, hold)
    SELECT t.id,
           CASE WHEN COALESCE(m.trial_days, 0) > 0 AND NOT t.is_demo THEN COALESCE(m.trial_plan_id, p.id) ELSE p.id END,
           CASE WHEN COALESCE(m.trial_days, 0) > 0 AND NOT t.is_demo THEN now() + make_interval(days => m.trial_days) END,
           CASE WHEN COALESCE(m.confirm_signups, false) AND NOT t.is_demo THEN 'pending' ELSE '' END
      FROM public.tenants_tenant t JOIN public.billing_plan p ON p.is_default
      LEFT JOIN public.billing_terms m ON true
     WHERE t.schema_name = %s
    RETURNING plan_id, CASE WHEN hold <> '' THEN hold WHEN trial_until IS NOT NULL THEN 'trial' ELSE 'active' END"""
PLAN_FACTS = (
    "key", "name", "summary", "seats", "fields", "own_types", "storage", "all_plugins", "plugins", "is_default",
    "is_offered",
)  # fmt: skip


def note_first_plan(is_reserved: bool) -> None:
    """Subscribe the tenant that is being made, in its own transaction: hence qualified names instead of the control plane.

    It begins on the default plan, or with a trial, or waits for the operator's confirmation, as the terms say.
    """
    if is_reserved:
        return
    schema = current().schema
    with connection.cursor() as cursor:
        cursor.execute(FIRST_PLAN, [schema])
        plan, state = cursor.fetchone()
        cursor.execute("UPDATE public.tenants_tenant SET status = %s WHERE schema_name = %s", [state, schema])
        cursor.execute(f"SELECT {', '.join(PLAN_FACTS)} FROM public.billing_plan WHERE id = %s", [plan])  # noqa: S608
        facts = dict(zip(PLAN_FACTS, cursor.fetchone(), strict=True))
        named = facts.pop("plugins")
        view = PlanView(plugins=tuple(json.loads(named) if isinstance(named, str) else named), **facts)
        cursor.executemany(
            'INSERT INTO public.tenants_tenantlimit (tenant_id, key, "limit") '
            "SELECT id, %s, %s FROM public.tenants_tenant WHERE schema_name = %s",
            [(limit_key, limit, schema) for limit_key, limit in view.limits().items()],
        )
