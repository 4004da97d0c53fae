"""The Django app of plans and subscriptions, in the shared schema."""

from __future__ import annotations

from datetime import timedelta

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
        from billing import events, publishing, refreshing, seats, settling
        from billing import pages as _pages  # noqa: F401  # declares them; models are there now
        from billing.console import health
        from billing.console import pages as _console  # noqa: F401
        from billing.plans import note_first_plan
        from tenants.provisioning import register_step
        from tenants.tasks import periodic

        register_step("plan", lambda request: note_first_plan(request.is_reserved), order=20)
        periodic(settling.settle_all, every=timedelta(hours=1))
        periodic(refreshing.refresh_due, every=timedelta(minutes=1))
        periodic(seats.follow_seats, every=timedelta(minutes=5))
        periodic(publishing.publish, every=timedelta(hours=1))
        periodic(events.forget_old, every=timedelta(days=1))
        periodic(health.beat, every=timedelta(minutes=1))
