"""Positions become values of a dictionary (CFG-05); what was typed so far stays, as a value of its own where the list lacks it."""

from django.db import migrations

import kezhou.records.fields.columns
from kezhou.access.standard_dictionaries import POSITION, STANDARD_DICTIONARIES


def keep_what_was_typed(apps, schema_editor):
    alias = schema_editor.connection.alias
    members = apps.get_model("access", "Member").objects.using(alias)
    texts = sorted(set(members.exclude(position="").values_list("position", flat=True)))
    if not texts:
        return
    seed = next(item for item in STANDARD_DICTIONARIES if item.key == POSITION)
    known = {option.label: option.key for option in seed.options}
    keys = known | {text: f"v{n}" for n, text in enumerate((t for t in texts if t not in known), 1)}
    dictionary, _made = apps.get_model("records", "Dictionary").objects.using(alias).get_or_create(
        key=POSITION, defaults={"title": seed.title, "plugin": "core"}
    )
    values = apps.get_model("records", "DictionaryValue")
    values.objects.using(alias).bulk_create(
        values(dictionary=dictionary, key=key, label=text, position=(place + 1) * 10, aliases=[])
        for place, (text, key) in enumerate(keys.items())
    )
    for text, key in keys.items():
        members.filter(position=text).update(position=key)


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial"), ("records", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="member",
            name="position",
            field=kezhou.records.fields.columns.ChoiceField(
                blank=True, dictionary="core.position", max_length=64, verbose_name="职务"
            ),
        ),
        migrations.RunPython(keep_what_was_typed, migrations.RunPython.noop),
    ]
