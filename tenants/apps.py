"""The app of the shared schema."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    name = "tenants"
    label = "tenants"
    default_auto_field = "django.db.models.BigAutoField"
