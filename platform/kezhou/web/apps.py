"""The Django app of the pages."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages, their templates and what a member prefers to see."""

    name = "kezhou.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Jobs and tasks of pages are known in every process; a new company's modules are switched on after its commit."""
        from kezhou.switching import seed_missing
        from kezhou.web import tasks  # noqa: F401  # its models are there now
        from kezhou.web.settings.jobs import preselected
        from tenants.provisioning import register_step
        from tenants.upgrade import register_follow_up

        register_step("plugins", preselected, order=90)
        register_follow_up("dictionaries", seed_missing)
