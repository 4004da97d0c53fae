"""Plans and subscriptions. Limits that a running tenant is measured by are copied to `tenants.TenantLimit` by `billing.plans`."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Plan(models.Model):
    """What a company may use (BIL-01). `seats`, `fields`, `own_types` and `storage` (megabytes) None: without limit; `all_plugins` or the names in `plugins`."""

    key = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=40)
    summary = models.CharField(max_length=200, blank=True)
    seats = models.PositiveIntegerField(null=True, blank=True)
    fields = models.PositiveIntegerField(null=True, blank=True)
    own_types = models.PositiveIntegerField(null=True, blank=True)
    storage = models.PositiveIntegerField(null=True, blank=True)
    all_plugins = models.BooleanField(default=True)
    plugins = models.JSONField(default=list, blank=True)
    order = models.IntegerField(default=100)
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="billing_plan_one_default"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Subscription(models.Model):
    """One company is on one plan since a moment."""

    tenant = models.OneToOneField("tenants.Tenant", on_delete=models.CASCADE, related_name="+")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.tenant_id}: {self.plan_id}"
