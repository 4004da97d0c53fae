"""The app of the shared schema."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    """Registry, outbox, snapshots and pending sign-ups."""

    name = "tenants"
    label = "tenants"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from tenants import housekeeping  # needs the models

        housekeeping.register()
