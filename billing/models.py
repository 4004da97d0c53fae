"""Plans, what they cost, who is on which, and what was billed and paid: all in the shared schema, amounts in fen.

Limits that a running tenant is measured by are copied to `tenants.TenantLimit` by `billing.plans`; the state of a company is a column
of the registry that `billing.settling` writes.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

TENANT = "tenants.Tenant"


class Period(models.TextChoices):
    """How long one payment lasts."""

    MONTH = "month", _("按月")
    YEAR = "year", _("按年")


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
    is_offered = models.BooleanField(default=True, help_text="companies may choose it themselves")
    version = models.PositiveIntegerField(default=1)
    published = models.PositiveIntegerField(default=0, help_text="the version that Stripe knows")
    stripe_product = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="billing_plan_one_default"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Addon(models.Model):
    """A plugin that is sold on its own, beside any plan that does not include it."""

    plugin = models.CharField(max_length=60, unique=True)
    is_offered = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    published = models.PositiveIntegerField(default=0)
    stripe_product = models.CharField(max_length=80, blank=True)

    def __str__(self) -> str:
        return self.plugin


class Price(models.Model):
    """What a plan costs per seat, or a plugin per company, for one period. Never changed: another amount is another price."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, null=True, related_name="prices")
    addon = models.ForeignKey(Addon, on_delete=models.CASCADE, null=True, related_name="prices")
    period = models.CharField(max_length=8, choices=Period.choices)
    amount = models.PositiveBigIntegerField(help_text="fen")
    active = models.BooleanField(default=True)
    stripe_price = models.CharField(max_length=80, blank=True)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(plan__isnull=False, addon__isnull=True)
                | models.Q(plan__isnull=True, addon__isnull=False),
                name="billing_price_of_one",
            ),
            models.UniqueConstraint(
                fields=["plan", "period"], condition=models.Q(active=True), name="billing_price_plan_now"
            ),
            models.UniqueConstraint(
                fields=["addon", "period"], condition=models.Q(active=True), name="billing_price_addon_now"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} / {self.period}"


class Terms(models.Model):
    """How this installation does business; one row."""

    installation = models.UUIDField(default=uuid.uuid4, editable=False)
    trial_days = models.PositiveIntegerField(default=0)
    trial_plan = models.ForeignKey(Plan, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    confirm_signups = models.BooleanField(default=False)
    grace_days = models.PositiveIntegerField(default=15)
    read_only_days = models.PositiveIntegerField(default=75)
    kept_days = models.PositiveIntegerField(default=365)
    currency = models.CharField(max_length=3, default="cny")
    contact = models.CharField(max_length=200, blank=True)
    payee = models.CharField(max_length=120, blank=True)
    bank = models.CharField(max_length=120, blank=True)
    account = models.CharField(max_length=60, blank=True)
    number = models.PositiveBigIntegerField(default=0, help_text="the last bill's serial")
    beat_at = models.DateTimeField(null=True, help_text="when a worker last did its part of the schedule")

    def __str__(self) -> str:
        return str(self.installation)


class Subscription(models.Model):
    """One company is on one plan since a moment, paid in one way until a moment."""

    class Source(models.TextChoices):
        MANUAL = "manual", _("对公转账或线下")
        STRIPE = "stripe", "Stripe"

    class Hold(models.TextChoices):
        NONE = "", _("无")
        PENDING = "pending", _("待确认")
        SUSPENDED = "suspended", _("停用")
        CLOSED = "closed", _("已注销")

    tenant = models.OneToOneField(TENANT, on_delete=models.CASCADE, related_name="+")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(db_default=Now())
    source = models.CharField(max_length=8, choices=Source.choices, db_default=Source.MANUAL, default=Source.MANUAL)
    period = models.CharField(max_length=8, choices=Period.choices, blank=True, db_default="", default="")
    seats = models.PositiveIntegerField(null=True, help_text="bought; empty: as many as the plan allows")
    addons = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    trial_until = models.DateTimeField(null=True)
    paid_until = models.DateTimeField(null=True, help_text="empty: without end")
    extended_until = models.DateTimeField(null=True, help_text="the operator's word")
    ending = models.BooleanField(default=False, db_default=False, help_text="not renewed at the end")
    hold = models.CharField(max_length=12, choices=Hold.choices, blank=True, db_default="", default="")
    hold_why = models.CharField(max_length=300, blank=True, db_default="", default="")
    reminded = models.CharField(max_length=40, blank=True, db_default="", default="")
    stripe_customer = models.CharField(max_length=80, blank=True, db_default="", default="")
    stripe_subscription = models.CharField(max_length=80, blank=True, db_default="", default="")
    stripe_item = models.CharField(max_length=80, blank=True, db_default="", default="")
    stripe_status = models.CharField(max_length=24, blank=True, db_default="", default="")
    pushed_seats = models.PositiveIntegerField(null=True)
    wanted = models.PositiveBigIntegerField(
        default=0, db_default=0, help_text="rises when Stripe's side may have changed"
    )
    fetched = models.PositiveBigIntegerField(default=0, db_default=0, help_text="up to where it was looked at")
    claim = models.UUIDField(null=True)
    claimed_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0, db_default=0)
    problem = models.CharField(max_length=500, blank=True, db_default="", default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["stripe_customer"], condition=~models.Q(stripe_customer=""), name="billing_customer_once"
            )
        ]
        indexes = [
            models.Index(fields=["tenant"], name="billing_due", condition=models.Q(wanted__gt=models.F("fetched"))),
        ]

    def __str__(self) -> str:
        return f"{self.tenant_id}: {self.plan_id}"


class StripeEvent(models.Model):
    """An event that Stripe sent, so that it counts once however often it comes. Deleted after 90 days."""

    key = models.CharField(max_length=80, primary_key=True)
    type = models.CharField(max_length=80)
    customer = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField(db_default=Now(), db_index=True)

    def __str__(self) -> str:
        return f"{self.type} {self.key}"


class InvoiceProfile(models.Model):
    """What a company wants on its 发票."""

    class Kind(models.TextChoices):
        ORDINARY = "ordinary", _("数电普票")
        SPECIAL = "special", _("数电专票")

    tenant = models.OneToOneField(TENANT, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.ORDINARY)
    title = models.CharField(max_length=120)
    tax_number = models.CharField(max_length=20)
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    bank = models.CharField(max_length=120, blank=True)
    account = models.CharField(max_length=40, blank=True)
    email = models.CharField(max_length=254, blank=True)

    def __str__(self) -> str:
        return self.title


class Bill(models.Model):
    """What a company owes or has paid for one thing, from Stripe or for a bank transfer (BIL-05)."""

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        OPEN = "open", _("待付")
        PAID = "paid", _("已付")
        VOID = "void", _("已作废")
        UNCOLLECTIBLE = "uncollectible", _("收不回")

    class Fapiao(models.TextChoices):
        NONE = "", _("未申请")
        REQUESTED = "requested", _("待开")
        ISSUED = "issued", _("已开")

    tenant = models.ForeignKey(TENANT, on_delete=models.CASCADE, related_name="+")
    number = models.CharField(max_length=80)
    source = models.CharField(max_length=8, choices=Subscription.Source.choices)
    stripe_invoice = models.CharField(max_length=80, null=True, unique=True)
    state = models.CharField(max_length=14, choices=State.choices)
    title = models.CharField(max_length=300)
    lines = models.JSONField(default=list, help_text="rows of title and amount in fen")
    order = models.JSONField(default=dict, help_text="what a payment by transfer brings: plan, period, seats, addons")
    currency = models.CharField(max_length=3, default="cny")
    amount = models.BigIntegerField(help_text="fen")
    made_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    page_url = models.CharField(max_length=1000, blank=True)
    pdf_url = models.CharField(max_length=1000, blank=True)
    fapiao = models.CharField(max_length=10, choices=Fapiao.choices, blank=True, default="")
    fapiao_number = models.CharField(max_length=40, blank=True)
    fapiao_on = models.DateField(null=True)
    fapiao_data = models.JSONField(default=dict, help_text="the invoice data as they were when it was asked for")

    class Meta:
        indexes = [models.Index(fields=["tenant", "-made_at"], name="billing_bills")]
        constraints = [
            models.UniqueConstraint(fields=["source", "number"], name="billing_number_once"),
            models.UniqueConstraint(
                fields=["fapiao_number"], condition=~models.Q(fapiao_number=""), name="billing_fapiao_once"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Payment(models.Model):
    """A transfer that arrived, as the operator recorded it."""

    bill = models.OneToOneField(Bill, on_delete=models.PROTECT, related_name="payment")
    amount = models.BigIntegerField(help_text="fen")
    received_on = models.DateField()
    payer = models.CharField(max_length=120, blank=True)
    reference = models.CharField(max_length=80, unique=True, help_text="the bank's serial number")
    note = models.CharField(max_length=200, blank=True)
    by = models.CharField(max_length=80)
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.reference
