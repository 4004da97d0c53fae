"""Import and export as a Django app; its tables live in every tenant."""

from importlib import import_module

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "kezhou.exchange"
    label = "exchange"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("kezhou.exchange.tasks")  # registers the kinds of jobs
