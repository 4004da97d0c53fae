"""The plugin as a Django app."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "plugins.customers"
    label = "customers"
