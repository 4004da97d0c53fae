"""The Django app of the record engine: hooks are loaded and the registry is compiled when all models are there."""

from __future__ import annotations

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """`kezhou.records`."""

    name = "kezhou.records"
    label = "records"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load the plugins' hooks (a misspelt one stops the start) and freeze the registry."""
        from kezhou.plugins import load  # needs every app's models
        from kezhou.records import checks, registry, tasks

        load()
        registry.fill()
        registry.freeze()
        checks.register_all()
        tasks.put_on_schedule()
