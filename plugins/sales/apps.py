"""The plugin as a Django app."""

from django.apps import AppConfig


class SalesConfig(AppConfig):
    name = "plugins.sales"
    label = "sales"
