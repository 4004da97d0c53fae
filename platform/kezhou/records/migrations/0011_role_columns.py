"""The default columns of a role move from list preferences to layouts, where they live from now on."""

from typing import Any

from django.db import migrations


def move(apps: Any, schema_editor: Any) -> None:
    alias = schema_editor.connection.alias
    preferences = apps.get_model("records", "ListPreference")
    layouts = apps.get_model("records", "Layout")
    for row in preferences.objects.using(alias).filter(member=None).exclude(role="").order_by("id"):
        columns = row.settings.pop("columns", None)
        place = {"type": row.type, "kind": "columns", "role": row.role, "record_class": ""}
        if columns and not layouts.objects.using(alias).filter(current=True, content__isnull=False, **place).exists():
            layouts.objects.using(alias).filter(current=True, **place).update(current=False)
            layouts.objects.using(alias).create(content={"fields": columns, "hidden": []}, name="", **place)
        row.save(update_fields=["settings"])


class Migration(migrations.Migration):
    dependencies = [("records", "0010_places")]

    operations = [migrations.RunPython(move, migrations.RunPython.noop)]
