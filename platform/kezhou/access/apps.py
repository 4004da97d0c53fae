"""The Django app of accounts, members and roles."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccessConfig(AppConfig):
    """Tables of a tenant: who signs in, who works here, who may do what."""

    name = "kezhou.access"
    label = "access"
    verbose_name = _("成员与权限")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """A new company gets its roles, root department and administrator; codes go out as letters; jobs are known."""
        from kezhou.access import handing_over, letters, tasks  # noqa: F401  # its models are there now
        from kezhou.access.administrator import first_rows
        from tenants.provisioning import register_step
        from tenants.signups import register_sender
        from tenants.tasks import periodic

        register_step("administrator", first_rows, order=30)
        for channel in letters.channels():
            register_sender(channel, partial(letters.send_code, channel))
        periodic(tasks.forget_old, every=timedelta(days=1))
