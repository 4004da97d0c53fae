"""Arrangements of pages, and own fields that belong to record classes."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0002_derived_and_rules"),
    ]

    operations = [
        migrations.AddField(
            model_name="customfield",
            name="classes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60), default=list, size=None
            ),
        ),
        migrations.CreateModel(
            name="Layout",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("type", models.CharField(max_length=80)),
                ("kind", models.CharField(max_length=10)),
                ("role", models.CharField(blank=True, max_length=60)),
                ("record_class", models.CharField(blank=True, max_length=60)),
                ("content", models.JSONField(null=True)),
                ("current", models.BooleanField(default=True)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("member", models.BigIntegerField(null=True)),
                ("name", models.CharField(max_length=120)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("current", True)),
                        fields=("type", "kind", "role", "record_class"),
                        name="layout_current",
                    )
                ],
            },
        ),
    ]
