"""The fields page (FLD-01, FLD-07) and dictionaries (PLT-10)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client

from kezhou import records, switching
from kezhou.access.entitlements import UPGRADE_URL
from kezhou.records import custom, dictionaries, shape, types, views
from kezhou.records.layouts import storing
from kezhou.records.rules import keeping
from kezhou.records.rules.declared import require
from kezhou.testing.access import MemberFactory, Person
from tenants import directory
from tenants.context import Current, Scope, tenant, within

PAGE = "/settings/fields/customers.customer"
NEW = {"field": "new", "do": "save", "label": "常住酒店", "type": "text"}


def own_fields(place: Current, person: Person) -> list[tuple[str, str, bool]]:
    with tenant(place):
        found = custom.fields(person.actor, "customers.customer", hidden=True)
        return [(str(own.spec.label), own.spec.type, own.hidden) for own in found]


def test_the_page_leads_to_the_first_type(admin: Client, customers_on: None) -> None:
    assert admin.get("/settings/fields")["Location"] == PAGE


def test_all_fields_of_a_type_are_listed(admin: Client, customers_on: None) -> None:
    text = admin.get(PAGE).content.decode()

    assert "客户的字段" in text
    assert text.count('<span class="kz-code kz-ell kz-wide-only">credit_code</span>') == 1
    assert admin.get("/settings/fields/no.such").status_code == 404


@pytest.mark.req("FLD-07", part="usable at once")
def test_a_new_field_is_in_the_form_at_once(
    admin: Client, seller: Client, alpha: Current, administrator: Person, customers_on: None
) -> None:
    assert "常住酒店" not in seller.get("/r/customers.customer/new").content.decode()

    answer = admin.post(PAGE, NEW | {"searchable": "1", "listed": "1", "max_length": "20"})

    assert answer["Location"] == PAGE
    assert own_fields(alpha, administrator) == [("常住酒店", "text", False)]
    with tenant(alpha):
        spec = custom.fields(administrator.actor, "customers.customer")[0].spec
        assert (spec.searchable, spec.listed, spec.required, spec.max_length) == (True, True, False, 20)
    assert "常住酒店" in seller.get("/r/customers.customer/new").content.decode()


LOCKS = """
SELECT n.nspname, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE l.pid = pg_backend_pid() AND c.relkind = 'r' AND n.nspname LIKE 't\\_%'
  AND (l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
       OR (n.nspname = 't_beta' AND l.mode <> 'AccessShareLock'))
"""


@pytest.mark.req("FLD-07")
def test_a_field_of_one_company_touches_no_other_is_usable_at_once_and_counts_against_the_plan(
    admin: Client,
    alpha: Current,
    administrator: Person,
    beta: Current,
    customers_on: None,
    member_factory: MemberFactory,
) -> None:
    with tenant(alpha):
        records.save(administrator.actor, "customers.customer", [{"name": "成都锦江酒店有限公司"}])
    with tenant(beta):
        other = member_factory(role="admin")
        switching.switch_on(other.actor, ["customers"])
        before = (shape.version(), types(other.actor)["customers.customer"])
        rows = types(other.actor)["customers.customer"].table
    directory.set_limits(alpha.pk, {"fields": 1, "seats": None})
    locks_before = _locks()

    admin.post(PAGE, NEW | {"listed": "1"})
    refused = admin.post(PAGE, NEW | {"label": "第二个"})

    assert "常住酒店" in admin.get("/r/customers.customer/new").content.decode()
    assert "常住酒店" in admin.get("/r/customers.customer/").content.decode()
    assert "可加 1 个自己的字段，已有 1 个" in refused.content.decode()
    assert _locks() == locks_before
    with tenant(beta):
        assert (shape.version(), types(other.actor)["customers.customer"]) == before
        assert types(other.actor)["customers.customer"].table == rows
        assert custom.CustomField.objects.count() == 0


def _locks() -> list[tuple[str, str]]:
    """Locks of this test's transaction that would hold up somebody's reading or writing, and any on the other company's tables."""
    with connection.cursor() as cursor, within(Scope("pg_catalog", None)):
        cursor.execute(LOCKS)
        return sorted(cursor.fetchall())


def test_a_choice_gets_its_options_with_colours(
    admin: Client, alpha: Current, administrator: Person, customers_on: None
) -> None:
    typed = NEW | {
        "label": "价值等级",
        "type": "choice",
        "option_key": ["", "", ""],
        "option_label": ["A 核心", "B 成长", ""],
        "option_hue": ["violet", "blue", "grey"],
        "option_enabled": ["1", "1", "1"],
    }

    admin.post(PAGE, typed)

    with tenant(alpha):
        own = custom.fields(administrator.actor, "customers.customer")[0]
        assert [(option.label, option.hue) for option in own.spec.options] == [("A 核心", "violet"), ("B 成长", "blue")]
        changed = typed | {
            "field": own.spec.key,
            "option_key": [own.spec.options[0].key, own.spec.options[1].key, ""],
            "option_label": ["A 关键", "B 成长", "C 普通"],
            "option_enabled": ["1", "", "1"],
        }
        key = own.spec.dictionary
    admin.post(PAGE, changed)
    with tenant(alpha):
        values = dictionaries.values(administrator.actor, str(key))
        assert [(value.label, value.enabled) for value in values] == [
            ("A 关键", True),
            ("B 成长", False),
            ("C 普通", True),
        ]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"label": ""}, "字段名称要有 1 到 60 个字。"),
        ({"label": "客户名称"}, "“客户”已有名为“客户名称”的字段。"),
        ({"type": "choice"}, "请至少填写一个选项。"),
        ({"max_length": "many"}, "“many”不是"),
        ({"min_length": "9", "max_length": "3"}, "规则的下限 9 大于上限 3"),
    ],
)
def test_a_refused_field_says_why_and_keeps_what_was_typed(
    admin: Client, alpha: Current, administrator: Person, customers_on: None, change: dict[str, str], sentence: str
) -> None:
    typed = NEW | {"help": "出差时常住的酒店"} | change

    answer = admin.post(PAGE, typed)

    text = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in text
    assert 'value="出差时常住的酒店"' in text
    assert f'value="{typed["label"]}"' in text
    assert own_fields(alpha, administrator) == []


@pytest.mark.req("FLD-07", part="limit of the plan")
def test_the_plans_limit_refuses_with_the_way_to_upgrade(
    admin: Client, alpha: Current, administrator: Person, customers_on: None
) -> None:
    directory.set_limits(alpha.pk, {"fields": 1, "seats": None})
    admin.post(PAGE, NEW)

    refused = admin.post(PAGE, NEW | {"label": "第二个"})

    text = refused.content.decode()
    assert refused.status_code == 422
    assert "可加 1 个自己的字段，已有 1 个" in text
    assert f'href="{UPGRADE_URL}"' in text
    assert 'value="第二个"' in text
    assert own_fields(alpha, administrator) == [("常住酒店", "text", False)]


def test_a_hidden_field_leaves_the_form_and_comes_back(
    admin: Client, seller: Client, alpha: Current, administrator: Person, customers_on: None
) -> None:
    admin.post(PAGE, NEW)
    with tenant(alpha):
        key = custom.fields(administrator.actor, "customers.customer")[0].spec.key

    admin.post(PAGE, NEW | {"field": key, "do": "hide"})
    hidden = "常住酒店" in seller.get("/r/customers.customer/new").content.decode()
    admin.post(PAGE, NEW | {"field": key, "do": "show"})

    assert hidden is False
    assert "常住酒店" in seller.get("/r/customers.customer/new").content.decode()


def test_a_dictionary_value_is_added_renamed_moved_and_switched_off(
    admin: Client, alpha: Current, administrator: Person, customers_on: None
) -> None:
    with tenant(alpha):
        key = next(entry.key for entry in dictionaries.all(administrator.actor) if entry.key == "customers.category")
        before = [value.label for value in dictionaries.values(administrator.actor, key)]
    page = f"/settings/dictionaries/{key}"

    admin.post(page, {"value": "new", "do": "save", "label": "试用客户", "hue": "pink", "aliases": "试用、体验"})

    with tenant(alpha):
        values = dictionaries.values(administrator.actor, key)
        fresh = values[-1]
        assert [value.label for value in values] == [*before, "试用客户"]
        assert (fresh.hue, fresh.aliases) == ("pink", ("试用", "体验"))
    admin.post(page, {"value": fresh.key, "do": "up"})
    admin.post(page, {"value": fresh.key, "do": "disable"})
    with tenant(alpha):
        values = dictionaries.values(administrator.actor, key)
        assert [value.label for value in values] == [*before[:-1], "试用客户", before[-1]]
        assert values[-2].enabled is False
    assert "停用 1 个" in admin.get(page).content.decode()


def test_a_doubled_dictionary_value_is_refused_and_kept_in_the_form(admin: Client, customers_on: None) -> None:
    page = "/settings/dictionaries/customers.category"
    admin.post(page, {"value": "new", "do": "save", "label": "试用客户", "hue": "pink"})

    answer = admin.post(page, {"value": "new", "do": "save", "label": "试用客户", "hue": "teal"})

    assert answer.status_code == 422
    assert "已有名为“试用客户”的值。" in answer.content.decode()
    assert 'value="试用客户"' in answer.content.decode()


@pytest.mark.req("FLD-06")
def test_type_uniqueness_and_purging_on_the_page(
    admin: Client, alpha: Current, administrator: Person, customers_on: None
) -> None:
    admin.post(PAGE, NEW | {"type": "number", "label": "系数"})
    with tenant(alpha):
        key = custom.fields(administrator.actor, "customers.customer")[0].spec.key
        rows = [{"name": f"客户{n}", key: 7} for n in range(2)]
        records.save(administrator.actor, "customers.customer", rows).demand()
    form = {"field": key, "do": "save", "label": "系数", "type": "number"}

    shown = admin.get(f"{PAGE}?field={key}").content.decode()
    unique = admin.post(PAGE, form | {"unique": "1"})
    wrong = admin.post(PAGE, form | {"type": "date"})
    right = admin.post(PAGE, form | {"type": "money"})

    assert "已有 2 个值，能换成金额、百分比，不能换成别的。" in shown
    assert unique.status_code == 422
    assert "“系数”已有 1 个重复的值，例如“7”2 次。" in unique.content.decode()
    assert "“系数”已有 2 个值，不能从数字换成日期。" in wrong.content.decode()
    assert right.status_code == 302
    assert own_fields(alpha, administrator) == [("系数", "money", False)]
    admin.post(PAGE, form | {"do": "hide"})
    hidden = admin.get(f"{PAGE}?field={key}").content.decode()
    assert "清除会从 2 条记录和它们的历史里删掉这个字段的值" in hidden
    assert "请先勾选“确定清除”" in admin.post(PAGE, form | {"do": "purge"}).content.decode()
    assert admin.post(PAGE, form | {"do": "purge", "sure": "2"}).status_code == 302


def made(place: Current, person: Person, **fields: str) -> list[str]:
    """Own fields of customers by label and type; their keys."""
    with tenant(place):
        return [
            custom.add_field(person.actor, "customers.customer", label=label, kind=kind).key
            for label, kind in fields.items()
        ]


def test_own_fields_are_put_in_order_by_keys_and_by_dragging(
    admin: Client, alpha: Current, administrator: Person, customers_on: None
) -> None:
    first, second, third = made(alpha, administrator, 甲="text", 乙="number", 丙="date")

    admin.post(PAGE, {"field": third, "do": "up"})
    after_up = [label for label, _kind, _hidden in own_fields(alpha, administrator)]
    admin.post(PAGE, {"field": first, "do": "up"})
    admin.post(PAGE, {"do": "order", "order": [second, "name", first, "no.such", third]})
    form = admin.get("/r/customers.customer/new").content.decode()

    assert after_up == ["甲", "丙", "乙"]
    assert [label for label, _kind, _hidden in own_fields(alpha, administrator)] == ["乙", "甲", "丙"]
    assert form.index(f'name="{second}"') < form.index(f'name="{first}"') < form.index(f'name="{third}"')
    page = admin.get(PAGE).content.decode()
    assert page.count("data-grip") == 3
    assert "data-grip" not in admin.get(f"{PAGE}?q=甲").content.decode(), "part of a list has no order"


@pytest.mark.req("FLD-01", part="default value")
def test_new_records_start_with_the_option_that_is_chosen(
    admin: Client, alpha: Current, administrator: Person, customers_on: None
) -> None:
    choice = NEW | {"label": "房型", "type": "choice", "option_key": ["", ""], "option_label": ["大床", "双床"],
                    "option_hue": ["blue", "red"], "option_enabled": ["1", "1"]}  # fmt: skip

    refused = admin.post(PAGE, choice | {"chosen": "三床"})
    taken = admin.post(PAGE, choice | {"chosen": "双床"})
    asked = admin.post(PAGE, NEW | {"label": "含早", "type": "yes_no", "default": "是"})

    assert (refused.status_code, taken.status_code, asked.status_code) == (422, 302, 302)
    assert "默认选的“三床”不在启用的选项里，可选：大床、双床。" in refused.content.decode()
    with tenant(alpha):
        room, breakfast = custom.fields(administrator.actor, "customers.customer")
        pk = records.save(administrator.actor, "customers.customer", [{"name": "甲公司"}]).demand().pk
        values = records.get(administrator.actor, "customers.customer", pk).values
        assert (values[room.spec.key], values[breakfast.spec.key]) == ("v2", True)
    panel = admin.get(f"{PAGE}?field={room.spec.key}").content.decode()
    assert 'name="chosen" value="双床"' in panel
    rows = {"option_key": ["v1", "v2"], "option_label": ["大床", "双床"], "option_hue": ["blue", "red"], "option_enabled": ["1", "1"]}  # fmt: skip
    admin.post(PAGE, {"field": room.spec.key, "do": "save", "label": "房型", "type": "choice", "chosen": "", **rows})
    with tenant(alpha):
        pk = records.save(administrator.actor, "customers.customer", [{"name": "乙公司"}]).demand().pk
        assert records.get(administrator.actor, "customers.customer", pk).values[room.spec.key] is None


def test_a_field_tells_where_it_is_used(
    admin: Client, alpha: Current, administrator: Person, customers_on: None
) -> None:
    used, unused = made(alpha, administrator, 房晚="number", 备用="text")
    with tenant(alpha):
        boss = administrator.actor
        place = storing.slot(boss, "customers.customer", "columns", role="sales")
        storing.put(boss, place, {"fields": ["name", used]}, version=0)
        state = views.ViewState.of({"filter": f'["{used}","gt",3]'})
        views.save(boss, "customers.customer", title="常客", state=state.json)
        keeping.keep(boss, "customers.customer", title="大客户", when=[used, "gt", 9], effects=(require("phone"),))
        rules = {"formula": f"{{{used}}} * 2", "result": "number"}
        custom.add_field(boss, "customers.customer", label="两倍", kind="formula", rules=rules)

    page = admin.get(f"{PAGE}?field={used}").content.decode()
    other = admin.get(f"{PAGE}?field={unused}").content.decode()

    lines = page.partition("用在哪里")[2].partition("</section>")[0]
    for title in ("列表列 · 销售", ">常客<", ">大客户<", ">两倍<"):
        assert title in lines
    assert "还没有布局、视图、规则、计算字段或编号用到它。" in other
