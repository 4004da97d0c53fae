"""Own fields can be marked as personal data."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0011_role_columns")]

    operations = [
        migrations.AddField(
            model_name="customfield", name="personal", field=models.BooleanField(db_default=False, default=False)
        )
    ]
