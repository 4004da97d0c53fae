"""The shared schema: which companies there are, where they live, and what waits to be told about their records.

No personal data stands here for longer than a sign-up takes; the outbox holds ids only.
"""

from typing import Any, NoReturn

from django.db import models
from django.db.models.functions import Cast, Now
from django.utils.translation import gettext_lazy as _
from django_tenants.models import DomainMixin, TenantMixin

from tenants.context import Current


class Tenant(TenantMixin):  # type: ignore[misc]  # django-tenants has no types
    """One company. Its schema is made by `tenants.provisioning`, never by saving a row."""

    auto_create_schema = False
    auto_drop_schema = False

    class Status(models.TextChoices):
        PREPARING = "preparing", _("准备中")
        PENDING = "pending", _("待确认")
        TRIAL = "trial", _("试用")
        ACTIVE = "active", _("正式")
        OVERDUE = "overdue", _("欠费只读")
        SUSPENDED = "suspended", _("停用")
        CLOSED = "closed", _("已注销")
        FAILED = "failed", _("开通失败")

    slug = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    name_key = models.CharField(max_length=120, db_index=True, help_text="the name as companies are compared by it")
    seal = models.CharField(max_length=2, blank=True, help_text="one or two characters that stand for the company")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.PREPARING)
    held = models.BooleanField(
        default=False, db_default=False, help_text="its state is an operator's word; paying changes nothing"
    )
    is_demo = models.BooleanField(default=False)
    is_reserved = models.BooleanField(default=False, help_text="the operator's own tenant")
    industry = models.CharField(max_length=40, blank=True)
    size = models.CharField(max_length=40, blank=True)
    region = models.CharField(max_length=40, blank=True)
    timezone = models.CharField(max_length=40, default="Asia/Shanghai")
    language = models.CharField(max_length=10, default="zh-hans")
    title = models.CharField(
        max_length=40,
        blank=True,
        db_default="",
        default="",
        help_text="what the company calls the system; empty: its name",
    )
    colour = models.CharField(
        max_length=7, blank=True, db_default="", default="", help_text="its colour as #rrggbb; empty: the product's"
    )
    logo = models.CharField(
        max_length=80, blank=True, db_default="", default="", help_text="the place of its logo below the tenant's files"
    )
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    def as_current(self) -> Current:
        from tenants.directory import current_of  # the directory reads this model

        return current_of(self)

    def __enter__(self) -> NoReturn:
        raise TypeError("Enter a tenant by `with tenants.context.tenant(t):`.")

    def __exit__(self, *args: Any) -> None:
        raise TypeError("Enter a tenant by `with tenants.context.tenant(t):`.")


class Domain(DomainMixin):  # type: ignore[misc]  # django-tenants has no types
    """A host name that leads to a tenant; `until` is set on the names it had before, which lead on for a while."""

    until = models.DateTimeField(null=True)


class TenantPlugin(models.Model):
    """A plugin that a tenant has ever switched on: from then on it has the plugin's tables."""

    class State(models.TextChoices):
        INSTALLING = "installing", _("正在启用")
        ON = "on", _("已启用")
        OFF = "off", _("已停用")
        FAILED = "failed", _("启用失败")

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="plugins")
    name = models.CharField(max_length=60)
    state = models.CharField(max_length=12, choices=State.choices)
    has_tables = models.BooleanField(default=False)
    error = models.TextField(blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="tenants_plugin_once")]

    def __str__(self) -> str:
        return f"{self.name}: {self.state}"


class TenantStateChange(models.Model):
    """A company went from one state to another: when, why, and by whose hand (empty: by the calendar or a payment)."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    old = models.CharField(max_length=12)
    new = models.CharField(max_length=12)
    why = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=80, blank=True, help_text="the operator's name")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["tenant", "-at"], name="tenants_state_history")]

    def __str__(self) -> str:
        return f"{self.old} → {self.new}"


class TenantLimit(models.Model):
    """What a tenant's plan allows of one thing; NULL means without limit. ``billing`` writes it."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="limits")
    key = models.CharField(max_length=60)
    limit = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="tenants_limit_once")]

    def __str__(self) -> str:
        return f"{self.key}: {self.limit}"


class Snapshot(models.Model):
    """The SQL that makes the core's tables in an empty schema, for one state of the core's migrations."""

    key = models.CharField(max_length=64, primary_key=True)
    sql = models.TextField()
    migrations = models.JSONField(help_text="the (app, name) pairs that the snapshot stands for")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.key


def transaction_id() -> models.Expression:
    """The running transaction's id as a number that never wraps."""
    xid = models.Func(function="pg_current_xact_id", output_field=models.TextField())
    return Cast(Cast(xid, models.TextField()), models.BigIntegerField())


class OutboxEvent(models.Model):
    """A change of one record, for those who act on changes after the commit. Ids only (`tenants.outbox`)."""

    id = models.BigAutoField(primary_key=True)
    xid = models.BigIntegerField(db_default=transaction_id())
    lane = models.SmallIntegerField()
    schema = models.CharField(max_length=63)
    type = models.CharField(max_length=100)
    record = models.BigIntegerField()
    kind = models.CharField(max_length=12)
    action = models.CharField(max_length=40, blank=True)
    moment = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["lane", "xid", "id"], name="tenants_outbox_order"),
            models.Index(fields=["schema", "type", "record", "id"], name="tenants_outbox_record"),
        ]

    def __str__(self) -> str:
        return f"{self.schema} {self.type} {self.record} {self.kind}"


class OutboxCursor(models.Model):
    """How far one consumer has come in one lane: everything up to (xid, event) has been handled."""

    consumer = models.CharField(max_length=60)
    lane = models.SmallIntegerField()
    xid = models.BigIntegerField(default=-1)
    event = models.BigIntegerField(default=0)
    problem = models.TextField(blank=True)
    failures = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["consumer", "lane"], name="tenants_cursor_once")]

    def __str__(self) -> str:
        return f"{self.consumer} {self.lane}"


class UpgradeEntry(models.Model):
    """One tenant in one upgrade: what has been done survives a stop, what failed is told and tried again."""

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    target = models.CharField(max_length=64, help_text="hash of the migrations that the upgrade leads to")
    state = models.CharField(max_length=8, choices=State.choices)
    applied = models.JSONField(default=list)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "target"], name="tenants_upgrade_once")]

    def __str__(self) -> str:
        return f"{self.target[:8]}: {self.state}"


class PendingSignup(models.Model):
    """A sign-up under way: deleted when it is complete, or after 24 hours (TEN-01)."""

    token_hash = models.CharField(max_length=64, primary_key=True)
    channel = models.CharField(max_length=8)
    address = models.CharField(max_length=254)
    code_hash = models.CharField(max_length=64)
    code_sent_at = models.DateTimeField()
    codes_sent = models.PositiveSmallIntegerField(default=1)
    tries = models.PositiveSmallIntegerField(default=0)
    verified_at = models.DateTimeField(null=True)
    answers = models.JSONField(default=dict)
    origin = models.CharField(max_length=64, blank=True, help_text="keyed hash of the visitor's network address")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["address", "created_at"], name="tenants_signup_address"),
            models.Index(fields=["origin", "created_at"], name="tenants_signup_origin"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.created_at}"


class Consent(models.Model):
    """A company lets operators look at its data, read only, until a moment or until it takes that back (TEN-05)."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=200)
    given_by = models.CharField(max_length=120)
    given_at = models.DateTimeField(db_default=Now())
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant"], condition=models.Q(ended_at__isnull=True), name="tenants_consent_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.tenant_id} until {self.until}"


class Handover(models.Model):
    """A one-time token that carries a sign-in from the public site to a tenant's host name."""

    token_hash = models.CharField(max_length=64, primary_key=True)
    schema = models.CharField(max_length=63)
    account = models.BigIntegerField()
    next = models.CharField(max_length=500)
    consent = models.ForeignKey(Consent, null=True, on_delete=models.CASCADE, related_name="+")
    visitor = models.CharField(max_length=120, blank=True, default="", db_default="", help_text="the operator's name")
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.schema} {self.expires_at}"
