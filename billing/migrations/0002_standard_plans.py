"""The plans that every installation begins with; the operator may change them afterwards."""

from django.db import migrations

STANDARD = (
    {"key": "free", "name": "免费版", "summary": "十个席位，全部模块，适合小团队先用起来", "seats": 10, "fields": 20, "is_default": True},
    {"key": "team", "name": "团队版", "summary": "五十个席位，每种记录六十个自己的字段", "seats": 50, "fields": 60},
    {"key": "company", "name": "企业版", "summary": "席位与字段不限", "seats": None, "fields": None},
)


def add(apps, schema_editor):
    plan = apps.get_model("billing", "Plan")
    for place, facts in enumerate(STANDARD):
        plan.objects.get_or_create(key=facts["key"], defaults={**facts, "order": (place + 1) * 10})


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
