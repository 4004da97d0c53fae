"""Tables of the portal. None is a record: people of customers and partners are contacts, and these rows say what they may do here."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kezhou.records.link import Link

CUSTOMER = "customer"
ANY_CATEGORY = ""


class PortalUser(models.Model):
    """Somebody of a customer or partner who may come in: the account, the contact behind it, and the one record whose partner it is.

    `kind` is the class of partner (L-PARTNER). Contact and partner are (type key, pk): what partners are, plugins declare.
    """

    account = Link("access.Account", unique=True)
    contact_type = models.CharField(max_length=80)
    contact = models.BigIntegerField()
    partner_type = models.CharField(max_length=80)
    partner = models.BigIntegerField()
    kind = models.CharField(max_length=40, default=CUSTOMER)
    enabled = models.BooleanField(default=True)
    created_by = Link("access.Member", null=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact_type", "contact"], name="portal_user_contact")]
        indexes = [models.Index(fields=["partner_type", "partner"], name="portal_user_partner")]

    def __str__(self) -> str:
        return f"{self.kind} {self.partner_type}:{self.partner}"


class BlockedPartner(models.Model):
    """A partner none of whose people may come in at present."""

    type = models.CharField(max_length=80)
    partner = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)
    by_name = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["type", "partner"], name="portal_blocked_once")]

    def __str__(self) -> str:
        return f"{self.type}:{self.partner}"


class Look(models.Model):
    """How the portal presents itself: one row, or none for how it does by itself."""

    name = models.CharField(_("门户名称"), max_length=40, blank=True)
    welcome = models.TextField(_("欢迎语"), max_length=500, blank=True)
    colour = models.CharField(_("颜色"), max_length=7, blank=True)

    def __str__(self) -> str:
        return self.name


class Group(models.Model):
    """Whom the rights below it are for: a class of partner, and of these the customers of one class, or of any ("")."""

    kind = models.CharField(max_length=40)
    category = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "category"], name="portal_group_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.category}".strip()


class Grant(models.Model):
    """A type of record that a group reaches: by which link it is a partner's, which operations, only of which classes, in which
    place of the menu."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="grants")
    type = models.CharField(max_length=80)
    link = models.CharField(max_length=80, blank=True)
    operations = models.JSONField(default=list)
    classes = models.JSONField(default=list)
    position = models.IntegerField(default=100)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "type"], name="portal_grant_once")]

    def __str__(self) -> str:
        return self.type


class GrantedField(models.Model):
    """A field that a group is shown (read) or fills in (edit); what is not listed is hidden."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="fields")
    type = models.CharField(max_length=80)
    field = models.CharField(max_length=80)
    level = models.CharField(max_length=10)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "type", "field"], name="portal_field_once")]

    def __str__(self) -> str:
        return f"{self.type}.{self.field}: {self.level}"


class Code(models.Model):
    """A one-time code on its way to an account; kept by its hash, good for ten minutes and five tries."""

    account = Link("access.Account", unique=True)
    digest = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    tries = models.IntegerField(default=0)

    def __str__(self) -> str:
        return str(self.sent_at)


class Act(models.Model):
    """Something that somebody did in the portal or that was done with an account: signing in, a new password, an export (POR-22)."""

    at = models.DateTimeField(default=timezone.now)
    user = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=30)
    name = models.CharField(max_length=120, blank=True)
    told = models.CharField(max_length=300, blank=True)
    address = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "-id"], name="portal_act_user"),
            models.Index(fields=["at"], name="portal_act_at"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
