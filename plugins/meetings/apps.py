"""The plugin as a Django app."""

from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "plugins.meetings"
    label = "meetings"
