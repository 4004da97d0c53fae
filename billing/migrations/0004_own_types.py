"""Record types of a company's own: what the standard plans give, and the limit of the companies that are on a plan already."""

from django.db import migrations, models

STANDARD = {"free": 5, "team": 20, "company": None}


def give(apps, schema_editor):
    plan = apps.get_model("billing", "Plan")
    for key, number in STANDARD.items():
        plan.objects.filter(key=key).update(own_types=number)
    limit = apps.get_model("tenants", "TenantLimit")
    limit.objects.bulk_create(
        [
            limit(tenant_id=row.tenant_id, key="own_types", limit=row.plan.own_types)
            for row in apps.get_model("billing", "Subscription").objects.select_related("plan")
        ],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [("billing", "0003_storage"), ("tenants", "0001_initial")]
    operations = [
        migrations.AddField("plan", "own_types", models.PositiveIntegerField(null=True, blank=True)),
        migrations.RunPython(give, migrations.RunPython.noop),
    ]
