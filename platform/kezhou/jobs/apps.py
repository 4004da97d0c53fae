"""The app of background jobs."""

from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    """Jobs of a tenant, and the Celery application of the process."""

    name = "kezhou.jobs"
    label = "jobs"
    verbose_name = _("后台任务")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from kezhou import celery  # noqa: F401  # tasks bind to our application in every process
        from kezhou.jobs import recovery
        from tenants.tasks import periodic

        periodic(recovery.recover, every=timedelta(seconds=30))
