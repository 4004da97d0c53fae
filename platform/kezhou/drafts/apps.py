"""The app of drafts."""

from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DraftsConfig(AppConfig):
    """What was typed and not saved."""

    name = "kezhou.drafts"
    label = "drafts"
    verbose_name = _("草稿")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from kezhou.drafts import expiry
        from tenants.tasks import periodic

        periodic(expiry.delete_expired, every=timedelta(hours=6))
