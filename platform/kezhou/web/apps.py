"""The Django app of the pages."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages, their templates and what a member prefers to see."""

    name = "kezhou.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"
