"""The portal as a Django app; its tables lie in the schema of each company that has it on."""

from __future__ import annotations

from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    """Accounts of customers and partners, and what they are given."""

    name = "portal"
    label = "portal"
    verbose_name = _("门户")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare the pages, the entrance with them, and the duty of forgetting old codes and acts."""
        from kezhou.access.confidential import also_hidden
        from kezhou.demo import also_login
        from portal import demo, hiding, keeping
        from portal.pages import urls as _urls  # noqa: F401  # declares them; models are there now
        from tenants.tasks import periodic

        also_hidden(hiding.hidden)
        also_login(demo.login)
        periodic(keeping.forget_old, every=timedelta(days=1), needed=lambda place: self.name in place.plugins)
