"""Import and export as a Django app; its tables live in every tenant."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "kezhou.exchange"
    label = "exchange"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        if find_spec("kezhou.exchange.tasks"):
            import_module("kezhou.exchange.tasks")  # registers the kinds of jobs
