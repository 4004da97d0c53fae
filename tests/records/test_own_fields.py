"""A tenant's own fields: there at once, everywhere, and nowhere else."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kezhou import records
from kezhou.access.actor import System
from kezhou.access.entitlements import NotEntitled
from kezhou.records import custom, dictionaries, indexing, ordering, preferences, shape
from kezhou.records.custom import CustomFieldError
from kezhou.records.dictionary import uses
from kezhou.records.listing import ListRequest
from kezhou.records.models import CustomField
from kezhou.records.spec import FilterError, NotAllowed, Purpose
from kezhou.testing.access import MemberFactory
from tenants.context import Current, _scope, tenant

pytestmark = pytest.mark.usefixtures("projects")
PROJECT = "testplugin.project"


def add(actor: Any, label: str, kind: str, **how: Any) -> str:
    return custom.add_field(actor, PROJECT, label=label, kind=kind, **how).key


VALUES = [
    ("text", {}, "ＡＢ 酒店", "AB 酒店"),
    ("long_text", {}, "一\n二", "一\n二"),
    ("number", {"rules": {"decimals": 2}}, "1.50", Decimal("1.5")),
    ("money", {}, "1.2万", Decimal("12000")),
    ("date", {}, "2026年5月6日", date(2026, 5, 6)),
    ("yes_no", {}, "是", True),
    ("choice", {"options": [{"label": "甲级", "hue": "red"}, {"label": "乙级"}]}, "乙级", "v2"),
    ("multi_choice", {"options": [{"label": "空调"}, {"label": "早餐"}]}, "早餐、空调", ("v1", "v2")),
    ("email", {}, "a@example.com", "a@example.com"),
]


@pytest.mark.req("FLD-02", part="form values, list column, exact query, history, API")
@pytest.mark.parametrize(("kind", "how", "given", "stored"), VALUES, ids=[value[0] for value in VALUES])
def test_a_field_of_each_type_works_at_once(system: System, kind: str, how: Any, given: str, stored: Any) -> None:
    records.save(system, PROJECT, [{"name": "之前"}]).demand()
    key = add(system, "我的字段", kind, **how)

    pk = records.save(system, PROJECT, [{"name": "甲", key: given}]).pk
    entry = records.get(system, PROJECT, pk)
    page = records.page(system, PROJECT, ListRequest(columns=("name", key), filter=[key, "not_empty"]))
    (created,) = records.history(system, PROJECT, pk)

    assert entry.values[key] == stored
    assert [(row.pk, row.values[1]) for row in page] == [(pk, stored)]
    assert "甲" in page.rows[0].texts[0]
    assert next(change.new for change in created.fields if change.field.key == key) == stored
    for purpose in Purpose:
        assert (key in {f.key for f in records.fields_for(PROJECT, system, purpose)}) is (purpose is not Purpose.SEARCH)
    records.save(system, PROJECT, [{"pk": pk, key: ""}]).demand()
    row = records.query(system, PROJECT).get(pk=pk)
    assert row.custom == {}, "an empty value drops its key"


@pytest.mark.req("FLD-07")
def test_a_new_field_writes_no_row_and_touches_no_other_company(
    system: System, in_alpha: Current, beta: Current
) -> None:
    records.save(system, PROJECT, [{"name": f"项目{n}"} for n in range(20)]).demand()
    before = list(records.query(system, PROJECT).order_by("pk").values_list("version", "changed_at", "custom"))
    with CaptureQueriesContext(connection) as captured:
        key = add(system, "品牌等级", "choice", options=[{"label": "高"}])

    assert list(records.query(system, PROJECT).order_by("pk").values_list("version", "changed_at", "custom")) == before
    assert not [
        q for q in captured if "testplugin_project" in q["sql"] or "ALTER" in q["sql"] or "LOCK TABLE" in q["sql"]
    ]
    assert records.save(system, PROJECT, [{"name": "新", key: "高"}]).ok, "usable at once"
    token = _scope.set(None)
    try:
        with tenant(beta):
            assert CustomField.objects.count() == 0
            assert all(not field.custom for field in records.fields_for("core.member", system, Purpose.READ))
    finally:
        _scope.reset(token)


@pytest.mark.req("FLD-07", part="the plan's limit is enforced with a clear message")
def test_the_plans_limit_of_fields_is_kept(system: System, in_alpha: Current) -> None:
    limit = in_alpha.entitlements["fields"] or 0
    for number in range(limit):
        add(system, f"字段{number}", "text")

    with pytest.raises(NotEntitled) as refused:
        add(system, "多一个", "text")
    assert refused.value.entitlement.limit == limit
    assert "套餐" in str(refused.value)
    custom.hide_field(system, PROJECT, custom.fields(system, PROJECT)[0].spec.key)
    add(system, "又有位置了", "text")


@pytest.mark.parametrize(
    ("how", "field"),
    [
        ({"label": "", "kind": "text"}, "label"),
        ({"label": "项目名称", "kind": "text"}, "label"),
        ({"label": "新", "kind": "nonsense"}, "kind"),
        ({"label": "新", "kind": "choice"}, "options"),
        ({"label": "新", "kind": "link", "target": "nothing.here"}, "target"),
    ],
)
def test_a_wrong_definition_is_refused_at_its_input(system: System, how: dict[str, Any], field: str) -> None:
    with pytest.raises(CustomFieldError) as refused:
        custom.add_field(system, PROJECT, **how)

    assert refused.value.field == field
    assert CustomField.objects.count() == 0


def test_renaming_is_free_and_hiding_keeps_the_values(system: System) -> None:
    key = add(system, "旧名", "number", required=False)
    pk = records.save(system, PROJECT, [{"name": "甲", key: 5}]).pk

    assert str(custom.change_field(system, PROJECT, key, label="新名", required=True).label) == "新名"
    assert records.save(system, PROJECT, [{"name": "乙"}]).errors() == {key: ("请填写新名。",)}
    custom.hide_field(system, PROJECT, key)
    assert key not in records.get(system, PROJECT, pk).values
    with pytest.raises(FilterError):
        records.page(system, PROJECT, ListRequest(filter=[key, "eq", 5]))
    records.save(system, PROJECT, [{"pk": pk, "name": "丙"}]).demand()
    custom.show_field(system, PROJECT, key)
    assert records.get(system, PROJECT, pk).values[key] == 5
    assert custom.fill_rates(system, PROJECT)[key] == (1, 1)
    with pytest.raises(CustomFieldError):
        custom.change_field(system, PROJECT, key, kind="text")


def test_only_an_administrator_defines_fields(member_factory: MemberFactory) -> None:
    with pytest.raises(NotAllowed):
        add(member_factory("sales").actor, "我的", "text")


def test_own_numbers_and_dates_are_sorted_and_compared(system: System) -> None:
    number, day = add(system, "数量", "number"), add(system, "日期", "date")
    values = [(9, "2026-01-02"), (10, "2025-12-31"), (None, "2026-01-01"), (2.5, None)]
    pks = records.save(system, PROJECT, [{"name": f"项{n}", number: a, day: b} for n, (a, b) in enumerate(values)]).pks

    def found(**asked: Any) -> list[int]:
        return [pks.index(row.pk) for row in records.page(system, PROJECT, ListRequest(**asked))]

    assert found(sort=(number, "name")) == [3, 0, 1, 2]
    assert found(sort=(f"-{day}", "name")) == [0, 2, 1, 3]
    assert found(filter=[number, "gte", 9], sort=("name",)) == [0, 1]
    assert found(filter=[day, "between", ["2026-01-01", None]], sort=("name",)) == [0, 2]
    assert found(filter=[number, "is_empty"]) == [2]


def test_a_large_table_wants_an_index_for_ranges_and_order(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    key = add(system, "数量", "number")
    records.save(system, PROJECT, [{"name": "甲", key: 5}]).demand()
    monkeypatch.setattr(ordering, "UNINDEXED", -5)

    for asked in (ListRequest(sort=(key,)), ListRequest(filter=[key, "gt", 1])):
        with pytest.raises(ordering.NeedsIndex, match="常用筛选或排序") as refused:
            records.page(system, PROJECT, asked)
        assert refused.value.field == key
    assert records.count(system, PROJECT, ListRequest(filter=[key, "eq", 5])) == 1


@pytest.mark.req("QRY-05")
def test_each_member_keeps_columns_and_a_role_has_a_default(system: System, member_factory: MemberFactory) -> None:
    key = add(system, "我的列", "text", listed=True)
    boss, seller = member_factory("admin").actor, member_factory("sales")

    assert key in [column.key for column in records.page(seller.actor, PROJECT, ListRequest()).columns]
    assert preferences.settings_of(seller.actor, PROJECT).source == "default"
    preferences.remember(boss, PROJECT, columns=(key, "name"), role="sales")
    seen = [column.key for column in records.page(seller.actor, PROJECT, ListRequest()).columns]
    assert seen == [key, "name"], "the columns of a role are its layout"
    assert preferences.settings_of(seller.actor, PROJECT).columns == ()
    preferences.remember(seller.actor, PROJECT, columns=("budget", key), sort=("-budget",), size=20)
    mine = preferences.settings_of(seller.actor, PROJECT)
    assert (mine.columns, mine.sort, mine.size, mine.source) == (("budget", key), ("-budget",), 20, "member")
    page = records.page(seller.actor, PROJECT, ListRequest(columns=mine.columns))
    assert [column.key for column in page.columns] == ["budget", key]
    custom.hide_field(system, PROJECT, key)
    assert preferences.settings_of(seller.actor, PROJECT).columns == ("budget",)
    preferences.forget(seller.actor, PROJECT)
    assert preferences.settings_of(seller.actor, PROJECT).source == "role"
    with pytest.raises(NotAllowed):
        preferences.remember(seller.actor, PROJECT, columns=("name",), role="sales")
    with pytest.raises(FilterError):
        preferences.remember(seller.actor, PROJECT, columns=("nothing",))


@pytest.mark.req("PLT-10", part="dictionaries and fields")
def test_dictionaries_are_the_companys_own(system: System, in_alpha: Current, beta: Current) -> None:
    before = shape.version()
    dictionaries.change(system, "testplugin.kind", "big", label="超大项目", hue="violet")
    key = dictionaries.add(system, "testplugin.kind", "中项目")
    dictionaries.disable(system, "testplugin.kind", "small")
    dictionaries.reorder(system, "testplugin.kind", [key])

    assert [(v.key, v.label, v.enabled) for v in dictionaries.values(system, "testplugin.kind")] == [
        (key, "中项目", True),
        ("big", "超大项目", True),
        ("small", "小项目", False),
    ]
    assert shape.version() > before
    pk = records.save(system, PROJECT, [{"name": "甲", "kind": "超大项目"}]).pk
    assert records.get(system, PROJECT, pk).text("kind") == "超大项目"
    assert not records.save(system, PROJECT, [{"name": "乙", "kind": "small"}]).ok
    assert uses.use_counts(system, "testplugin.kind") == {"big": 1}
    with pytest.raises(dictionaries.DictionaryError):
        dictionaries.add(system, "testplugin.kind", "中项目")
    token = _scope.set(None)
    try:
        with tenant(beta):
            assert "testplugin.kind" not in {item.key for item in dictionaries.all(system)}
    finally:
        _scope.reset(token)


@pytest.mark.committed
def test_a_marked_field_gets_its_index_in_the_background(system: System) -> None:
    kinds: dict[str, dict[str, Any]] = {
        "number": {},
        "choice": {"options": [{"label": "甲"}, {"label": "乙"}]},
        "date": {},
    }
    keys = {kind: add(system, f"常用{kind}", kind, indexed=True, **how) for kind, how in kinds.items()}
    rows = [{"name": f"项{n}", keys["number"]: n, keys["choice"]: "v1", keys["date"]: "2026-05-06"} for n in range(50)]
    records.save(system, PROJECT, rows).demand()
    row = CustomField.objects.get(kind="number")
    assert (row.index_state, records.types(system)[PROJECT].by_key[keys["number"]].indexed) == ("waiting", False)

    def found() -> list[int]:
        asked = (["v1"], ["v2"])
        conditions: list[Any] = [
            [keys["number"], "eq", "7.0"],
            [keys["number"], "in", [1, 2, 99]],
            [keys["date"], "eq", "2026-5-6"],
        ]
        conditions += [[keys["choice"], "in", value] for value in asked]
        return [records.count(system, PROJECT, ListRequest(filter=condition)) for condition in conditions]

    before = found()
    assert indexing.build_all() == (3, 0)
    name = indexing.index_of(row).name
    assert indexing.is_valid(name)
    assert records.types(system)[PROJECT].by_key[keys["number"]].indexed is True
    assert found() == before == [1, 2, 50, 50, 0]
    custom.change_field(system, PROJECT, keys["number"], indexed=False)
    assert indexing.build_all() == (1, 0)
    assert not indexing.is_valid(name)
    assert indexing.build_all() == (0, 0)
