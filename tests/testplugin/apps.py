"""The plugin as a Django app."""

from django.apps import AppConfig


class TestPluginConfig(AppConfig):
    name = "tests.testplugin"
    label = "testplugin"
