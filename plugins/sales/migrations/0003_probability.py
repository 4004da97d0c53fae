"""The chance of success is a percentage: it says so on pages, in files and to the API, and has room for 33.3 %."""

from __future__ import annotations

from typing import ClassVar

import django.core.validators
from django.db import migrations

import kezhou.records.fields.columns


class Migration(migrations.Migration):
    """A percentage instead of a whole number."""

    dependencies: ClassVar = [("sales", "0002_partner")]

    operations: ClassVar = [
        migrations.AlterField(
            model_name="opportunity",
            name="probability",
            field=kezhou.records.fields.columns.PercentField(
                blank=True,
                decimal_places=2,
                max_digits=5,
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(100),
                ],
                verbose_name="成交概率",
            ),
        ),
    ]
