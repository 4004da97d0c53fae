"""Files in fields are found by their record: their texts go into the search index with it."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """An index over the files that records hold."""

    dependencies: ClassVar = [("files", "0004_texts")]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="file",
            index=models.Index(
                fields=["held_type", "held_record"], name="files_held", condition=models.Q(held_record__isnull=False)
            ),
        ),
    ]
