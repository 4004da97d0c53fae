"""Which arrangement is in force for whom, and what no arrangement can lose or show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kezhou import records
from kezhou.access.actor import System
from kezhou.access.models import Role, RoleField
from kezhou.records import custom, dictionaries, shape
from kezhou.records.catalogue import shaped
from kezhou.records.layouts import LayoutSpec, layout_for, storing
from kezhou.records.layouts.content import LayoutError
from kezhou.records.layouts.resolving import arrange as arrange_
from kezhou.records.layouts.resolving import in_force
from kezhou.records.layouts.spec import Kind
from kezhou.records.registry import registered
from kezhou.records.rules.declared import Rule, require
from kezhou.testing import contract
from kezhou.testing.access import MemberFactory, Person
from tenants.context import Current, tenant
from tests.layouts.conftest import CUSTOMERS, Arrange


def page(*keys: str, title: str = "要紧的", hidden: tuple[str, ...] = (), **section: Any) -> dict[str, Any]:
    """A content with one section."""
    fields = [{"key": key, "wide": None} for key in keys]
    return {
        "tabs": [{"title": "", "sections": [{"title": title, "fields": fields, **section}]}],
        "hidden": list(hidden),
    }


def first(layout: LayoutSpec, kind: str = "form") -> tuple[str, tuple[str, ...]]:
    """Title and fields of the first section."""
    section = next(iter(layout.sections(kind)))
    return str(section.title), section.keys


def test_without_any_arrangement_it_is_what_the_type_declares(boss: Person) -> None:
    layout = layout_for(boss.actor, CUSTOMERS)

    declared = [str(panel.title) for panel in registered()[CUSTOMERS].form]
    assert [str(section.title) for section in layout.sections("form")] == declared
    assert layout.columns[:3] == ("name", "category", "assessment")
    assert layout.quick == ("name", "category", "phone", "region")
    assert [panel.key for panel in layout.related] == [
        "customers.contact:customer",
        "sales.opportunity:customer",
        "sales.opportunity:partner",
    ]


@pytest.mark.req("FLD-03", part="per role or record class")
def test_role_and_class_go_before_role_before_class_before_everybody(
    boss: Person, seller: Person, arrange: Arrange
) -> None:
    arrange("form", page("name", title="所有人"))
    arrange("form", page("name", title="大客户的"), record_class="vip")
    arrange("form", page("name", title="销售的"), role="sales")
    arrange("form", page("name", title="销售看大客户"), role="sales", record_class="vip")

    def shown(person: Person, record_class: str = "") -> str:
        return first(layout_for(person.actor, CUSTOMERS, record_class))[0]

    assert (shown(boss), shown(boss, "vip")) == ("所有人", "大客户的")
    assert (shown(seller), shown(seller, "vip"), shown(seller, "ordinary")) == ("销售的", "销售看大客户", "销售的")


@pytest.mark.req("FLD-03", part="what is arranged for a class holds for the classes below it")
def test_a_class_has_the_arrangement_of_the_nearest_class_above_it(boss: Person, arrange: Arrange) -> None:
    for label, above in (("钻石客户", "vip"), ("黑钻客户", "钻石客户")):
        known = {value.label: value.key for value in dictionaries.values(boss.actor, "customers.category")}
        dictionaries.add(boss.actor, "customers.category", label, parent=known.get(above, above))
    keys = {value.label: value.key for value in dictionaries.values(boss.actor, "customers.category")}
    arrange("form", page("name", title="所有人"))
    arrange("form", page("name", title="大客户的"), record_class="vip")

    def shown(label: str) -> str:
        return first(layout_for(boss.actor, CUSTOMERS, keys[label]))[0]

    assert [shown(label) for label in ("普通客户", "钻石客户", "黑钻客户")] == ["所有人", "大客户的", "大客户的"]
    arrange("form", page("name", title="钻石的"), record_class=keys["钻石客户"])
    assert [shown(label) for label in ("VIP客户", "钻石客户", "黑钻客户")] == ["大客户的", "钻石的", "钻石的"]


def test_of_several_roles_the_first_by_key_counts(
    shop: Current, arrange: Arrange, member_factory: MemberFactory
) -> None:
    both = member_factory(["sales", "manager"], name="两个角色")
    arrange("form", page("name", title="销售的"), role="sales")
    arrange("form", page("name", title="经理的"), role="manager")

    assert first(layout_for(both.actor, CUSTOMERS))[0] == "经理的"


@pytest.mark.parametrize("kind", [Kind.FORM, Kind.DETAIL])
def test_what_no_section_names_comes_last_by_itself(kind: Kind, boss: Person, arrange: Arrange) -> None:
    arrange(kind, page("phone", "name", hidden=("fax",)))
    own = custom.add_field(boss.actor, CUSTOMERS, label="后来加的", kind="text").key

    layout = layout_for(boss.actor, CUSTOMERS)
    purpose = "write" if kind is Kind.FORM else "read"
    placed = [key for section in layout.sections(kind) for key in section.keys]

    assert first(layout, kind) == ("要紧的", ("phone", "name"))
    assert own in placed
    assert "fax" not in placed
    assert sorted(placed) == sorted({f.key for f in records.fields_for(CUSTOMERS, boss.actor, purpose)} - {"fax"})


def test_a_required_field_taken_off_the_form_is_there_all_the_same(boss: Person, arrange: Arrange) -> None:
    needed = custom.add_field(boss.actor, CUSTOMERS, label="必填的", kind="text", required=True).key
    arrange("form", page("phone", hidden=("name", needed, "fax")))

    keys = [key for section in layout_for(boss.actor, CUSTOMERS).sections("form") for key in section.keys]

    assert {"name", needed} <= set(keys)
    assert "fax" not in keys


def test_a_closed_group_with_a_required_field_is_open_in_the_form(boss: Person, arrange: Arrange) -> None:
    arrange("form", page("name", lazy=True))
    assert next(iter(layout_for(boss.actor, CUSTOMERS).sections("form"))).lazy is False
    arrange("form", page("phone", lazy=True))
    assert next(iter(layout_for(boss.actor, CUSTOMERS).sections("form"))).lazy is True


def test_what_a_rule_may_demand_is_never_off_the_form_nor_closed(boss: Person, arrange: Arrange) -> None:
    spec = records.type_of(boss.actor, CUSTOMERS)
    ruled = replace(spec, rules=(Rule("大客户要有电话", ["category", "eq", "vip"], (require("phone"),)),))
    arrange("form", page("fax", "phone", title="收起的", hidden=("phone",), lazy=True))
    given = in_force(shaped(boss.actor), spec, (), "")

    assert next(arrange_(boss.actor, spec, given, "").sections("form")).lazy is True
    assert next(arrange_(boss.actor, ruled, given, "").sections("form")).lazy is False


def test_what_somebody_may_not_see_leaves_no_hole(boss: Person, seller: Person, arrange: Arrange) -> None:
    arrange("detail", {"tabs": [{"title": "一", "sections": [{"title": "电话", "fields": [{"key": "phone"}]}]},
                                {"title": "二", "sections": [{"title": "名称", "fields": [{"key": "name"}]}]}]})  # fmt: skip
    RoleField.objects.create(role=Role.objects.get(key="sales"), type=CUSTOMERS, field="phone", level="hide")
    shape.bump()

    assert [str(tab.title) for tab in layout_for(boss.actor, CUSTOMERS).detail] == ["一", "二"]
    assert [str(tab.title) for tab in layout_for(seller.actor, CUSTOMERS).detail] == ["二"]


def test_a_removed_field_leaves_no_hole_and_comes_back_to_its_place(boss: Person, arrange: Arrange) -> None:
    own = custom.add_field(boss.actor, CUSTOMERS, label="会员等级", kind="text").key
    arrange("form", page("name", own, "phone"))

    custom.hide_field(boss.actor, CUSTOMERS, own)
    assert first(layout_for(boss.actor, CUSTOMERS))[1] == ("name", "phone")
    arrange("form", page("name", own, "phone", title="仍可保存"))
    custom.show_field(boss.actor, CUSTOMERS, own)

    assert first(layout_for(boss.actor, CUSTOMERS)) == ("仍可保存", ("name", own, "phone"))


def test_arranged_columns_take_own_fields_that_were_marked_later(boss: Person, arrange: Arrange) -> None:
    early = custom.add_field(boss.actor, CUSTOMERS, label="早", kind="text", listed=True).key
    arrange("columns", {"fields": ["phone", "name"]})
    late = custom.add_field(boss.actor, CUSTOMERS, label="晚", kind="text", listed=True).key

    assert layout_for(boss.actor, CUSTOMERS).columns == ("phone", "name", late)
    assert early not in [column.key for column in records.page(boss.actor, CUSTOMERS, records.ListRequest()).columns]


def test_related_lists_are_ordered_cut_and_keep_the_unplaced(boss: Person, arrange: Arrange) -> None:
    contacts = {"type": "customers.contact", "link": "customer", "columns": ["mobile", "gone"]}
    deals = {"type": "sales.opportunity", "link": "customer", "columns": []}

    arrange("related", {"lists": [deals, contacts]})
    ordered = layout_for(boss.actor, CUSTOMERS).related
    arrange("related", {"lists": [contacts], "hidden": [deals]})
    cut = layout_for(boss.actor, CUSTOMERS).related

    assert [(p.key, p.columns) for p in ordered] == [
        ("sales.opportunity:customer", ()),
        ("customers.contact:customer", ("mobile",)),
        ("sales.opportunity:partner", ()),
    ]
    assert [panel.key for panel in cut] == ["customers.contact:customer", "sales.opportunity:partner"]


@pytest.mark.req("FLD-03", part="a layout can be restored to default")
def test_put_back_it_is_as_declared_and_the_history_keeps_every_state(boss: Person, arrange: Arrange) -> None:
    before = layout_for(boss.actor, CUSTOMERS)
    arrange("form", page("name", title="甲"))
    arrange("form", page("name", title="乙"))
    place = storing.slot(boss.actor, CUSTOMERS, "form")

    storing.reset(boss.actor, place, version=storing.state(place).version)

    assert layout_for(boss.actor, CUSTOMERS) == before
    states = [(s.name, s.content and s.content["tabs"][0]["sections"][0]["title"]) for s in storing.history(place)]
    assert states == [("周敏", None), ("周敏", "乙"), ("周敏", "甲")]


def test_a_cached_layout_costs_no_statement(boss: Person, arrange: Arrange) -> None:
    arrange("form", page("name"))
    actor = boss.actor
    layout_for(actor, CUSTOMERS, "vip")

    assert contract.statements(lambda: layout_for(actor, CUSTOMERS, "vip")) == 0


@pytest.mark.req("PLT-10", part="layouts")
def test_another_company_has_its_own(alpha: Current, beta: Current) -> None:
    system = System("the layouts of two companies")
    with tenant(alpha):
        place = storing.slot(system, "core.member", "form")
        storing.put(system, place, page("name", title="只属于甲公司"), version=0)
        assert first(layout_for(system, "core.member"))[0] == "只属于甲公司"

    with tenant(beta):
        assert first(layout_for(system, "core.member"))[0] != "只属于甲公司"
        assert storing.filled(system, "core.member") == frozenset()
        assert storing.history(place) == ()


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ("列表", "应是一个对象"),
        ({"tabs": []}, "1 到 12 个标签页，现在有 0 个"),
        ({"tabs": [{"sections": "x"}]}, "“sections”应是一个列表"),
        (
            {"tabs": [{"title": "", "sections": []}, {"title": "二", "sections": []}]},
            "标题要有 1 到 40 个字，现在是 0 个",
        ),
        (page("name", title="长" * 41), "现在是 41 个"),
        (page("name", columns=4), "1 到 3 列"),
        (page("name", columns=True), "1 到 3 列"),
        (page("name", "name"), "字段“客户名称”放了两次"),
        (page("nonsense"), "“客户”没有字段“nonsense”"),
        (page("name", title="\u202e\u0000"), "现在是 0 个"),
        ({"tabs": [{"title": "", "sections": [None]}]}, "不是对象"),
        ({"tabs": [{"title": "", "sections": [{"title": "段", "fields": []}] * 61}]}, "最多 60 段，现在有 61 段"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(raw: object, sentence: str, boss: Person) -> None:
    place = storing.slot(boss.actor, CUSTOMERS, "form")

    with pytest.raises(LayoutError, match=sentence):
        storing.put(boss.actor, place, raw, version=0)

    assert storing.history(place) == ()


def test_two_administrators_the_second_is_told_what_stands_now(boss: Person, member_factory: MemberFactory) -> None:
    other = member_factory("admin", name="陈嘉禾")
    place = storing.slot(boss.actor, CUSTOMERS, "form")
    storing.put(other.actor, place, page("name", title="陈的"), version=0)

    with pytest.raises(storing.LayoutConflict, match="陈嘉禾 保存了自己的改动。你的改动还在这里") as caught:
        storing.put(boss.actor, place, page("name", title="周的"), version=0)

    assert caught.value.theirs.content == storing.state(place).content
    saved = storing.put(boss.actor, place, page("name", title="周的"), version=caught.value.theirs.version)
    assert first(layout_for(boss.actor, CUSTOMERS))[0] == "周的"
    assert saved.name == "周敏"
