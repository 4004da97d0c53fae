"""The app of assignments."""

from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssignmentsConfig(AppConfig):
    """Who is to do what with which record."""

    name = "kezhou.assignments"
    label = "assignments"
    verbose_name = _("指派")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from kezhou.assignments import reminding
        from tenants.tasks import periodic

        periodic(reminding.remind, every=timedelta(hours=1))
        periodic(reminding.delete_with_records, every=timedelta(hours=1))
