"""The app of stored files."""

from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FilesConfig(AppConfig):
    """Files of a tenant."""

    name = "kezhou.files"
    label = "files"
    verbose_name = _("文件")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from kezhou.files import expiry
        from kezhou.files.texts import keeping
        from tenants.tasks import periodic

        periodic(expiry.delete_expired, every=timedelta(hours=1))
        periodic(expiry.delete_attachments, every=timedelta(hours=6))
        periodic(keeping.read_texts, every=timedelta(minutes=1), needed=lambda _place: keeping.waiting())
