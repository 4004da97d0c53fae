"""The plans there are, and putting a company on one."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.db import connection, transaction

from billing.models import Plan, Subscription
from tenants.context import control_plane, current
from tenants.directory import set_limits

ANY_PLUGIN = "plugin:*"


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

    def limits(self) -> dict[str, int | None]:
        """As `tenants` keeps them: seats, fields, own record types, megabytes of storage, and 0 or nothing for plugins."""
        listed: dict[str, int | None] = {f"plugin:{name}": None for name in self.plugins}
        everything = None if self.all_plugins else 0
        counted = {name: getattr(self, name) for name in ("seats", "fields", "own_types", "storage")}
        return {**counted, ANY_PLUGIN: everything, **listed}


def plans() -> tuple[PlanView, ...]:
    """Every plan in order."""
    with control_plane():
        return tuple(_view(plan) for plan in Plan.objects.order_by("order", "pk"))


def present_plan() -> PlanView:
    """The plan of the entered company; one that was never subscribed is on the default plan."""
    pk = current().pk
    with control_plane():
        row = Subscription.objects.select_related("plan").filter(tenant_id=pk).first()
        return _view(row.plan if row is not None else Plan.objects.get(is_default=True))


def subscribe(tenant_pk: int, plan_key: str) -> None:
    """Put a company on a plan and let its limits act at once. Raises Plan.DoesNotExist."""
    with control_plane(), transaction.atomic():
        plan = Plan.objects.get(key=plan_key)
        Subscription.objects.update_or_create(tenant_id=tenant_pk, defaults={"plan": plan})
        set_limits(tenant_pk, _view(plan).limits())


def _view(plan: Plan) -> PlanView:
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
    )


def note_default_plan(is_reserved: bool) -> None:
    """Subscribe the tenant that is being made, in its own transaction: hence qualified names instead of the control plane."""
    if is_reserved:
        return
    schema = current().schema
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO public.billing_subscription (tenant_id, plan_id) "
            "SELECT t.id, p.id FROM public.tenants_tenant t, public.billing_plan p "
            "WHERE t.schema_name = %s AND p.is_default",
            [schema],
        )
        cursor.execute(
            "SELECT p.key, p.name, p.summary, p.seats, p.fields, p.own_types, p.storage, p.all_plugins, p.plugins "
            "FROM public.billing_plan p WHERE p.is_default"
        )
        key, name, summary, seats, fields, own_types, storage, all_plugins, plugins = cursor.fetchone()
        view = PlanView(
            key=key,
            name=name,
            summary=summary,
            seats=seats,
            fields=fields,
            own_types=own_types,
            storage=storage,
            all_plugins=all_plugins,
            plugins=tuple(json.loads(plugins) if isinstance(plugins, str) else plugins),
        )
        cursor.executemany(
            'INSERT INTO public.tenants_tenantlimit (tenant_id, key, "limit") '
            "SELECT id, %s, %s FROM public.tenants_tenant WHERE schema_name = %s",
            [(limit_key, limit, schema) for limit_key, limit in view.limits().items()],
        )
