"""Space for files: what the standard plans give, and the limit of the companies that are on a plan already."""

from django.db import migrations, models

STANDARD = {"free": 2_048, "team": 51_200, "company": None}


def give(apps, schema_editor):
    plan = apps.get_model("billing", "Plan")
    for key, megabytes in STANDARD.items():
        plan.objects.filter(key=key).update(storage=megabytes)
    limit = apps.get_model("tenants", "TenantLimit")
    limit.objects.bulk_create(
        [
            limit(tenant_id=row.tenant_id, key="storage", limit=row.plan.storage)
            for row in apps.get_model("billing", "Subscription").objects.select_related("plan")
        ],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [("billing", "0002_standard_plans"), ("tenants", "0001_initial")]
    operations = [
        migrations.AddField("plan", "storage", models.PositiveIntegerField(null=True, blank=True)),
        migrations.RunPython(give, migrations.RunPython.noop),
    ]
