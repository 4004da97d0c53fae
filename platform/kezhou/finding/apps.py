"""The app of searching: a company's own words, and what was searched for."""

from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FindingConfig(AppConfig):
    """Own words and the record of searches."""

    name = "kezhou.finding"
    label = "finding"
    verbose_name = _("搜索")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from kezhou.finding import measuring, ranking  # noqa: F401  # declares parameters
        from tenants.tasks import periodic

        periodic(measuring.forget, every=timedelta(hours=12))
