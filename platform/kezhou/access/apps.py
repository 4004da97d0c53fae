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

    def ready(self) -> None:
        """A new company gets its roles, its root department and its administrator."""
        from kezhou.access.administrator import first_rows  # its models are there now
        from tenants.provisioning import register_step

        register_step("administrator", first_rows, order=30)
