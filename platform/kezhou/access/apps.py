"""The Django app of accounts, members and roles."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccessConfig(AppConfig):
    """Tables of a tenant: who signs in, who works here, who may do what."""

    name = "kezhou.access"
    label = "access"
    verbose_name = _("成员与权限")
    default_auto_field = "django.db.models.BigAutoField"
