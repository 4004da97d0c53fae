"""Opportunities name the partner with whom they are worked on (CUS-43), who may be given them in the portal."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

import kezhou.records.link


class Migration(migrations.Migration):
    """The partner of an opportunity."""

    dependencies: ClassVar = [("sales", "0001_initial"), ("customers", "0001_initial")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="opportunity",
            name="partner",
            field=kezhou.records.link.Link(
                blank=True, null=True, on_delete="clear", to="customers.customer", verbose_name="合作伙伴"
            ),
        ),
    ]
