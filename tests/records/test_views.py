"""Saved views: whose they are, what they hold, and what becomes of them when a field goes."""

from __future__ import annotations

import pytest

from kezhou import records
from kezhou.records import custom, views
from kezhou.records.spec import FilterError, NotAllowed, RecordNotFound
from kezhou.records.views.writing import ViewConflict
from kezhou.testing.access import MemberFactory, Person
from tests.web.conftest import CUSTOMERS

VIP = ["category", "in", ["vip"]]


@pytest.fixture
def boss(in_alpha: object, plugins_on: object, member_factory: MemberFactory) -> Person:
    plugins_on("customers", "sales")  # type: ignore[operator]  # the fixture is a function
    return member_factory("admin", name="周敏")


def titles(person: Person) -> list[str]:
    return [view.title for view in views.visible(person.actor, CUSTOMERS) if view.pk is not None]


@pytest.mark.req("QRY-08")
def test_view_is_for_whom_it_was_made(boss: Person, member_factory: MemberFactory) -> None:
    seller, reader = member_factory("sales", name="李思源"), member_factory("reader", name="何雨桐")
    views.save(seller.actor, CUSTOMERS, title="我的重点", state={"filter": ["city", "eq", "成都"]})
    shared = views.save(
        boss.actor,
        CUSTOMERS,
        title="销售都看",
        state={"filter": ["city", "eq", "成都"]},
        audience="roles",
        roles=["sales"],
    )

    assert titles(seller) == ["我的重点", "销售都看"]
    assert titles(reader) == []
    assert titles(boss) == ["销售都看"]
    assert views.tree_of(seller.actor, shared) == records.filters.parse(["city", "eq", "成都"])
    with pytest.raises(RecordNotFound):
        views.tree_of(reader.actor, shared)


def test_only_maker_or_administrator_changes_a_view(boss: Person, member_factory: MemberFactory) -> None:
    seller = member_factory("sales")
    pk = views.save(boss.actor, CUSTOMERS, title="全公司", state={}, audience="all")

    with pytest.raises(NotAllowed, match="另存一份"):
        views.save(seller.actor, CUSTOMERS, pk=pk, title="改名", state={})
    with pytest.raises(NotAllowed, match="另存一份"):
        views.delete(seller.actor, CUSTOMERS, pk)
    with pytest.raises(NotAllowed, match="只有管理员"):
        views.save(seller.actor, CUSTOMERS, title="给大家", state={}, audience="all")

    assert views.delete(boss.actor, CUSTOMERS, pk) == "全公司"


def test_second_save_of_a_view_that_was_changed_meanwhile_is_refused(boss: Person) -> None:
    pk = views.save(boss.actor, CUSTOMERS, title="重点", state={})
    views.save(boss.actor, CUSTOMERS, pk=pk, version=1, title="重点客户", state={})

    with pytest.raises(ViewConflict, match="重点客户"):
        views.save(boss.actor, CUSTOMERS, pk=pk, version=1, title="别的", state={})


def test_view_over_a_removed_field_names_it_and_keeps_the_rest(boss: Person) -> None:
    field = custom.add_field(boss.actor, CUSTOMERS, kind="text", label="结算周期")
    tree = ["and", [[field.key, "eq", "月结"], ["city", "eq", "成都"]]]
    pk = views.save(boss.actor, CUSTOMERS, title="月结", state={"filter": tree, "columns": ["name", field.key]})
    custom.hide_field(boss.actor, CUSTOMERS, field.key)
    spec = records.type_of(boss.actor, CUSTOMERS)

    mended = views.mended(boss.actor, spec, views.find(boss.actor, spec, str(pk)).state)

    assert mended.lost == ("结算周期",)
    assert mended.state.filter == ["and", [["city", "eq", "成都"]]]
    assert mended.state.columns == ("name",)
    with pytest.raises(FilterError, match="结算周期"):
        views.tree_of(boss.actor, pk)


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ({"nonsense": 1}, "没有“nonsense”这一项"),
        ({"filter": ["nonsense", "eq", 1]}, "没有可以筛选的字段"),
        ({"columns": ["nonsense"]}, "没有可以显示的列"),
        ({"size": 33}, "不能是“33”"),
        ({"display": "map"}, "不能是“map”"),
        ({"widths": {"name": "wide"}}, "像素"),
        ({"sort": ["name", "city", "phone", "email"]}, "最多 3 项"),
    ],
)
def test_what_cannot_be_a_view_is_refused(boss: Person, state: dict[str, object], sentence: str) -> None:
    with pytest.raises(FilterError, match=sentence):
        views.save(boss.actor, CUSTOMERS, title="怪", state=state)


@pytest.mark.parametrize(
    ("title", "sentence"), [("", "起个名字"), ("\u202e\u200b", "起个名字"), ("长" * 61, "最多 60 个字")]
)
def test_title_is_needed_and_short(boss: Person, title: str, sentence: str) -> None:
    with pytest.raises(FilterError, match=sentence):
        views.save(boss.actor, CUSTOMERS, title=title, state={})
