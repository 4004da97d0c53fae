"""The Django app of plans and subscriptions, in the shared schema."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    """Plans, and which company is on which."""

    name = "billing"
    label = "billing"
    verbose_name = _("套餐")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """A new company begins on the default plan; the plan has a page among the settings."""
        from billing import pages  # noqa: F401  # declares it; models are there now
        from billing.plans import note_default_plan
        from tenants.provisioning import register_step

        register_step("plan", lambda request: note_default_plan(request.is_reserved), order=20)
