"""Django's ``dumpdata`` prints an empty list where no app belongs; outside every tenant that would look like success."""

from typing import Any

from django.core.management.commands import dumpdata

from tenants.context import NoTenant, scope


class Command(dumpdata.Command):
    """The same inside a tenant or the control plane, refused elsewhere."""

    def handle(self, *app_labels: str, **options: Any) -> None:
        if scope() is None:
            raise NoTenant("dumpdata needs a place: use --tenant NAME or --control.")
        super().handle(*app_labels, **options)
