from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Preference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("member", models.BigIntegerField(null=True)),
                ("role", models.CharField(max_length=80, null=True)),
                ("key", models.CharField(max_length=120)),
                ("value", models.JSONField(default=dict)),
                ("changed_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("member", "key"), name="web_preference_member_key"),
                    models.UniqueConstraint(fields=("role", "key"), name="web_preference_role_key"),
                    models.CheckConstraint(
                        condition=models.Q(("member__isnull", True)) ^ models.Q(("role__isnull", True)),
                        name="web_preference_one_owner",
                    ),
                ],
            },
        ),
    ]
