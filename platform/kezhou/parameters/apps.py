"""The Django app of parameters."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ParametersConfig(AppConfig):
    """What each company set, and when."""

    name = "kezhou.parameters"
    label = "parameters"
    verbose_name = _("参数")
    default_auto_field = "django.db.models.BigAutoField"
