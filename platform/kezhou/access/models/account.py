"""Accounts: what signs in. Not a record; nothing but the sign-in code reads them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from kezhou.records.link import Link


class AccountManager(BaseUserManager["Account"]):
    """Look-ups by the account's natural key, which allauth asks for."""

    def get_by_natural_key(self, username: str | None) -> Account:
        """By user name; names are stored in lower case."""
        return self.get(username=username)


class Account(AbstractBaseUser):
    """One way in: user name, mobile (E.164) and e-mail each open it; one is given, each is unique in the tenant.

    `session_version` ends every running login when it is raised (password changed, 全部退出). `member` is the person
    behind a staff account.
    """

    class Kind(models.TextChoices):
        """Which entrance the account may use."""

        STAFF = "staff", _("员工")
        PORTAL = "portal", _("门户")

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.STAFF)
    username = models.CharField(_("用户名"), max_length=40, null=True, blank=True, unique=True)
    email = models.EmailField(_("邮箱"), null=True, blank=True, unique=True)
    mobile = models.CharField(_("手机号"), max_length=20, null=True, blank=True, unique=True)
    member = Link("access.Member", null=True, blank=True, unique=True)
    is_active = models.BooleanField(default=True)
    session_version = models.IntegerField(default=1)
    password_changed_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = AccountManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(username__isnull=False)
                | models.Q(email__isnull=False)
                | models.Q(mobile__isnull=False),
                name="access_account_has_a_name",
            )
        ]

    def __str__(self) -> str:
        return self.username or self.email or self.mobile or str(self.pk)

    def get_session_auth_hash(self) -> str:
        """Changes with the password and with `session_version`, so that both end running logins."""
        state = f"{self.password}:{self.session_version}"
        return salted_hmac("kezhou.access.session", state, algorithm="sha256").hexdigest()

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Never: rights are policies of members (`kezhou.access.policy`), not Django permissions."""
        return False

    has_module_perms = has_perm


class SignInTries(models.Model):
    """Wrong passwords per typed name, kept by its hash and counted alike whether such an account exists or not."""

    key = models.CharField(max_length=64, primary_key=True)
    tries = models.IntegerField(default=0)
    last_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.key[:8]}: {self.tries}"
