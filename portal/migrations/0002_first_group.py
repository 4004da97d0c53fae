"""What customers are given at first: their own record and contacts; everything else is the administrator's to say."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations

FIRST = (
    ("customers.customer", "", ["read", "update"], 10),
    ("customers.contact", "customer", ["create", "read", "update"], 20),
)


def give(apps: Any, schema_editor: Any) -> None:
    """One group for all customers."""
    group = apps.get_model("portal", "Group").objects.create(kind="customer", category="")
    grant = apps.get_model("portal", "Grant")
    for key, link, operations, position in FIRST:
        grant.objects.create(group=group, type=key, link=link, operations=operations, position=position)


class Migration(migrations.Migration):
    """The first group."""

    dependencies: ClassVar = [("portal", "0001_initial")]

    operations: ClassVar = [migrations.RunPython(give, migrations.RunPython.noop)]
