"""The plugin as a Django app; its label is the name in the manifest."""

from django.apps import AppConfig


class VisasConfig(AppConfig):
    name = "kezhou_visas"
    label = "visas"
