"""Fields of a record class: asked for and shown in records of that class only, and readable after a move (FLD-05)."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from kezhou import records
from kezhou.records import custom, dictionaries
from kezhou.records.custom import CustomFieldError
from kezhou.records.layouts import layout_for
from kezhou.records.models import Layout, ListPreference
from kezhou.testing.access import Person
from tests.layouts.conftest import CUSTOMERS


@pytest.fixture
def card(boss: Person) -> str:
    """A required own field that only VIP customers have."""
    return custom.add_field(boss.actor, CUSTOMERS, label="会员卡号", kind="text", required=True, classes=["vip"]).key


def save(person: Person, **values: object) -> records.SaveResult:
    return records.save(person.actor, CUSTOMERS, [values])


@pytest.mark.req("FLD-05", part="a form shows those of its category")
def test_the_form_shows_the_fields_of_the_chosen_class(card: str, admin: Client) -> None:
    ordinary = admin.get(f"/r/{CUSTOMERS}/new?category=ordinary").content.decode()
    vip = admin.get(f"/r/{CUSTOMERS}/new?category=vip").content.decode()

    assert f'name="{card}"' not in ordinary
    assert f'name="{card}"' in vip


def test_another_class_draws_the_form_anew_and_keeps_what_was_typed(card: str, admin: Client) -> None:
    typed = {"name": "川西能源", "phone": "号码", "category": "ordinary", card: "A-7", "relaid": "1"}

    other = admin.post(f"/r/{CUSTOMERS}/new", typed)
    back = admin.post(
        f"/r/{CUSTOMERS}/new", {"name": "川西能源", "category": "vip", f"kept__{card}": "A-7", "relaid": "1"}
    )

    assert other.status_code == 200
    page = other.content.decode()
    assert 'value="川西能源"' in page
    assert 'value="号码"' in page
    assert f'type="hidden" name="kept__{card}" value="A-7"' in page
    assert "请填写" not in page
    assert f'name="{card}" value="A-7"' in back.content.decode()


def test_required_only_in_its_class(card: str, boss: Person) -> None:
    assert save(boss, name="普通的", category="ordinary").ok
    refused = save(boss, name="贵宾", category="vip")
    assert [(p.field, p.sentence) for p in refused.problems] == [(card, "请填写会员卡号。")]
    assert save(boss, name="普通二", category="ordinary", **{card: ""}).ok


def test_a_value_for_another_class_is_refused_in_a_sentence(card: str, boss: Person) -> None:
    refused = save(boss, name="普通的", category="ordinary", **{card: "A-7"})

    assert [p.sentence for p in refused.problems] == ["“会员卡号”只在客户分类是VIP客户时填写，请清空它或改客户分类。"]


@pytest.mark.req("FLD-05", part="moving keeps the old values readable")
def test_after_a_move_the_old_values_can_be_read(card: str, boss: Person, admin: Client) -> None:
    pk = save(boss, name="川西能源", category="vip", **{card: "A-7"}).pk

    moved = save(boss, pk=pk, category="ordinary")
    page = admin.get(f"/r/{CUSTOMERS}/{pk}").content.decode()
    form = admin.get(f"/r/{CUSTOMERS}/{pk}/edit").content.decode()

    assert moved.ok
    assert "其他分类的资料" in page
    assert "A-7" in page
    assert "A-7" not in form
    assert records.get(boss.actor, CUSTOMERS, pk).values[card] == "A-7"
    assert save(boss, pk=pk, remark="还能保存", **{card: "A-7"}).ok


def test_a_default_is_not_for_other_classes(boss: Person) -> None:
    key = custom.add_field(
        boss.actor, CUSTOMERS, label="折扣", kind="number", rules={"default": "9"}, classes=["vip"]
    ).key

    ordinary = save(boss, name="普通的", category="ordinary").pk
    vip = save(boss, name="贵宾", category="vip").pk

    values = records.get_many(boss.actor, CUSTOMERS, [ordinary, vip])
    assert (values[ordinary].values[key], values[vip].values[key]) == (None, 9)


def test_only_known_classes_of_types_that_have_any(boss: Person) -> None:
    with pytest.raises(CustomFieldError, match="没有类别“nothing”"):
        custom.add_field(boss.actor, CUSTOMERS, label="某字段", kind="text", classes=["nothing"])
    with pytest.raises(CustomFieldError, match="“联系人”不分类别"):
        custom.add_field(boss.actor, "customers.contact", label="某字段", kind="text", classes=["vip"])


def test_a_field_of_a_class_is_in_no_layout_of_another(card: str, boss: Person) -> None:
    layout = layout_for(boss.actor, CUSTOMERS, "ordinary")

    assert card not in {key for kind in ("form", "detail") for part in layout.sections(kind) for key in part.keys}
    assert layout.elsewhere == (card,)
    assert card in {key for part in layout_for(boss.actor, CUSTOMERS, "vip").sections("form") for key in part.keys}


def test_the_drawer_asks_for_what_turns_out_to_be_needed(card: str, admin: Client) -> None:
    answer = admin.post(f"/quick/{CUSTOMERS}", {"name": "贵宾", "category": "vip"})

    assert answer.status_code == 422
    assert f'name="{card}"' in answer.content.decode()


def test_the_settings_of_a_field_say_which_classes_have_it(admin: Client, boss: Person) -> None:
    where = f"/settings/fields/{CUSTOMERS}"

    admin.post(where, {"field": "new", "label": "会员卡号", "type": "text", "classes": ["vip"], "do": "save"})
    (own,) = custom.fields(boss.actor, CUSTOMERS)
    shown = admin.get(f"{where}?field={own.spec.key}").content.decode()
    admin.post(where, {"field": own.spec.key, "label": "会员卡号", "do": "save"})

    assert own.spec.classes == ("vip",)
    assert 'name="classes" value="vip" checked' in shown
    assert custom.fields(boss.actor, CUSTOMERS)[0].spec.classes == ()


@pytest.mark.req("FLD-05", part="categories in a tree: what a category has, those below it have")
def test_a_class_has_the_fields_of_those_above_it(card: str, boss: Person, admin: Client) -> None:
    dictionaries.add(boss.actor, "customers.category", "钻石客户", parent="vip")
    key = next(v.key for v in dictionaries.values(boss.actor, "customers.category") if v.label == "钻石客户")

    below = admin.get(f"/r/{CUSTOMERS}/new?category={key}").content.decode()
    refused = save(boss, name="钻石", category=key)
    saved = save(boss, name="钻石", category=key, **{card: "A-7"})

    assert f'name="{card}"' in below
    assert [(p.field, p.sentence) for p in refused.problems] == [(card, "请填写会员卡号。")]
    assert records.get(boss.actor, CUSTOMERS, saved.pk).values[card] == "A-7"
    page = admin.get(f"/r/{CUSTOMERS}/{saved.pk}").content.decode()
    assert "其他分类的资料" not in page
    assert "A-7" in page


def test_columns_that_a_role_had_before_layouts_become_its_layout(boss: Person) -> None:
    row = ListPreference.objects.create(
        role="sales", type=CUSTOMERS, settings={"columns": ["phone", "name"], "size": 20, "sort": []}
    )
    ListPreference.objects.create(role="finance", type=CUSTOMERS, settings={"sort": ["name"]})

    import_module("kezhou.records.migrations.0011_role_columns").move(apps, connection.schema_editor())

    (layout,) = Layout.objects.filter(type=CUSTOMERS, kind="columns", current=True)
    assert (layout.role, layout.content) == ("sales", {"fields": ["phone", "name"], "hidden": []})
    row.refresh_from_db()
    assert row.settings == {"size": 20, "sort": []}
