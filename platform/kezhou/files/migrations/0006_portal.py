"""What people of customers and partners upload is theirs, and a file on a record can be released to them."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Who gave a file, where it was no member; which files are released."""

    dependencies: ClassVar = [("files", "0005_held_index")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="file",
            name="giver",
            field=models.CharField(
                blank=True, db_default="", default="", help_text="the actor's key, where it was no member", max_length=80
            ),
        ),
        migrations.AddField(
            model_name="attachment",
            name="released",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="customers and partners who see the record may open it",
            ),
        ),
    ]
