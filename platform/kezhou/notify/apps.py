"""The app of notices."""

from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotifyConfig(AppConfig):
    """What members are told."""

    name = "kezhou.notify"
    label = "notify"
    verbose_name = _("通知")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from kezhou.notify import inbox
        from tenants.tasks import periodic

        periodic(inbox.forget, every=timedelta(hours=24))
