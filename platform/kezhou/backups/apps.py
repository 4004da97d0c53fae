"""The app of a company's backups."""

from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BackupsConfig(AppConfig):
    """What was backed up, when, and whether it can be read."""

    name = "kezhou.backups"
    label = "backups"
    verbose_name = _("备份")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from kezhou.backups import making, parameters, scheduling  # noqa: F401  # their kinds and parameters are known
        from tenants.tasks import periodic

        periodic(scheduling.begin, every=timedelta(hours=1), needed=lambda _place: scheduling.is_due())
