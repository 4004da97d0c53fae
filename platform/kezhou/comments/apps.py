"""The app of comments."""

from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommentsConfig(AppConfig):
    """What people say about records."""

    name = "kezhou.comments"
    label = "comments"
    verbose_name = _("评论")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from kezhou.comments import leaving
        from tenants.tasks import periodic

        periodic(leaving.delete_with_records, every=timedelta(hours=1))
