"""Invitations to members and requests for admission by strangers."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kezhou.records.link import Link


class Invitation(models.Model):
    """A letter, text message or bare link by which a member gets an account (TEN-06), or somebody of a customer or partner,
    whose account is there already, sets its first password (POR-22). Its token is kept hashed."""

    class Channel(models.TextChoices):
        """How the link reaches the member."""

        EMAIL = "email", _("邮件")
        SMS = "sms", _("短信")
        LINK = "link", _("链接")

    member = Link("access.Member", null=True)
    account = Link("access.Account", null=True)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    address = models.CharField(max_length=254, blank=True)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = Link("access.Member", null=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.channel} {self.address}"


class AdmissionRequest(models.Model):
    """Somebody at the public site says they belong to this company and asks to be let in."""

    name = models.CharField(_("姓名"), max_length=40)
    address = models.CharField(_("手机号或邮箱"), max_length=254)
    message = models.CharField(_("附言"), max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    handled_at = models.DateTimeField(null=True)
    handled_by = Link("access.Member", null=True)
    accepted = models.BooleanField(null=True)

    def __str__(self) -> str:
        return f"{self.name} {self.address}"
