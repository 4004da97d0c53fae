"""Trees, validity periods, and what the database itself keeps: uniqueness and periods that do not overlap."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from kezhou import records
from kezhou.access.actor import System
from kezhou.records import hierarchy
from kezhou.records.listing import ListRequest
from kezhou.records.reading import context
from kezhou.records.validity import Force, force, tree_of

pytestmark = pytest.mark.usefixtures("projects")

AREA, TARIFF = "testplugin.area", "testplugin.tariff"


def area(actor: Any, name: str, parent: int | None = None) -> int:
    return records.save(actor, AREA, [{"name": name, "parent": parent}]).demand().pk


@pytest.fixture
def china(system: System) -> dict[str, int]:
    """中国 > 四川 > 成都 > 锦江, and 云南 beside 四川."""
    top = area(system, "中国")
    province, other = area(system, "四川", top), area(system, "云南", top)
    city = area(system, "成都", province)
    return {"中国": top, "四川": province, "云南": other, "成都": city, "锦江": area(system, "锦江", city)}


def test_a_record_never_stands_above_itself(system: System, china: dict[str, int]) -> None:
    itself = records.save(system, AREA, [{"pk": china["四川"], "parent": china["四川"]}])
    below = records.save(system, AREA, [{"pk": china["中国"], "parent": china["成都"]}])

    assert itself.errors() == {"parent": ("上级区域不能是它自己。",)}
    assert below.errors() == {"parent": ("上级区域不能是它自己的下级，那样会绕成一圈。",)}


def test_two_moves_of_one_batch_cannot_make_a_circle(system: System, china: dict[str, int]) -> None:
    result = records.save(
        system, AREA, [{"pk": china["四川"], "parent": china["云南"]}, {"pk": china["云南"], "parent": china["四川"]}]
    )

    assert [problem.code for problem in result.problems] == ["tree", "tree"]
    assert records.get(system, AREA, china["云南"]).values["parent"] == china["中国"]


def test_a_tree_has_a_depth(system: System, china: dict[str, int]) -> None:
    fifth = records.save(system, AREA, [{"name": "春熙路", "parent": china["锦江"]}])
    branch = records.save(system, AREA, [{"pk": china["四川"], "parent": china["云南"]}])

    assert fifth.errors() == {"parent": ("测试区域最多 4 层，这样会有 5 层。请接到更高的一层。",)}
    assert branch.errors() == {"parent": ("测试区域最多 4 层，这样会有 5 层。请接到更高的一层。",)}


def test_moving_a_branch_takes_what_is_below_along(system: System, china: dict[str, int]) -> None:
    records.save(system, AREA, [{"pk": china["成都"], "parent": china["云南"]}]).demand()

    spec = records.type_of(system, AREA)
    assert hierarchy.path(system, spec, china["锦江"]) == (china["中国"], china["云南"], china["成都"])


def test_a_filter_reaches_everything_below(system: System, china: dict[str, int]) -> None:
    for name in ("成都", "锦江", "云南"):
        records.save(system, TARIFF, [{"name": name, "area": china[name]}]).demand()

    def found(key: str, *condition: Any) -> set[str]:
        return {str(row.title) for row in records.page(system, key, ListRequest(filter=list(condition)))}

    assert found(TARIFF, "area", "within", china["四川"]) == {"成都", "锦江"}
    assert found(TARIFF, "area", "within", [china["锦江"], china["云南"]]) == {"锦江", "云南"}
    assert found(AREA, "parent", "within", china["四川"]) == {"成都", "锦江"}
    assert "within" not in records.type_of(system, TARIFF).by_key["owner"].kind.operators(
        records.type_of(system, TARIFF).by_key["owner"]
    )


TODAY = date(2026, 5, 20)


@pytest.mark.req("BAS-08")
@pytest.mark.parametrize(
    ("begins", "ends", "mark"),
    [
        (None, None, Force.IN_FORCE),
        (TODAY, TODAY, Force.IN_FORCE),
        (TODAY - timedelta(1), None, Force.IN_FORCE),
        (None, TODAY - timedelta(1), Force.HISTORICAL),
        (TODAY + timedelta(1), None, Force.FUTURE),
        (TODAY - timedelta(9), TODAY - timedelta(1), Force.HISTORICAL),
    ],
)
def test_the_mark_follows_the_day(system: System, begins: date | None, ends: date | None, mark: Force) -> None:
    spec = records.type_of(system, TARIFF)

    assert force(spec, {"valid_from": begins, "valid_until": ends}, TODAY) is mark


@pytest.mark.req("BAS-08")
def test_each_mark_finds_its_records_and_together_they_are_all(system: System) -> None:
    today = context().today
    day = timedelta(1)
    periods = {"旧": (None, today - day), "今": (today, today), "长": (None, None), "新": (today + day, None)}
    for name, (begins, ends) in periods.items():
        records.save(system, TARIFF, [{"name": name, "valid_from": begins, "valid_until": ends}]).demand()
    spec = records.type_of(system, TARIFF)

    found = {
        mark: {row.title for row in records.page(system, TARIFF, ListRequest(filter=tree_of(spec, mark)))}
        for mark in Force
    }

    assert found == {Force.IN_FORCE: {"今", "长"}, Force.FUTURE: {"新"}, Force.HISTORICAL: {"旧"}}


def test_a_period_does_not_end_before_it_begins(system: System) -> None:
    result = records.save(system, TARIFF, [{"name": "倒", "valid_from": "2026-05-02", "valid_until": "2026-05-01"}])

    assert result.errors() == {"valid_until": ("失效日期不能早于生效日期（2026-05-02）。",)}


def test_overlapping_periods_are_refused_by_the_database_in_the_declared_sentence(system: System) -> None:
    here, there = area(system, "成都"), area(system, "昆明")
    first = {"name": "春", "area": here, "valid_from": "2026-03-01", "valid_until": "2026-05-31"}
    pk = records.save(system, TARIFF, [first]).demand().pk

    overlapping = records.save(system, TARIFF, [{**first, "name": "重"}])
    adjoining = records.save(system, TARIFF, [{**first, "name": "夏", "valid_from": "2026-06-01", "valid_until": None}])
    elsewhere = records.save(system, TARIFF, [{**first, "name": "异地", "area": there}])

    assert overlapping.errors() == {"area": ("这个区域在这段时间已有价目，请换一段时间。",)}
    assert (adjoining.ok, elsewhere.ok) == (True, True)

    records.delete(system, TARIFF, [pk])
    assert records.save(system, TARIFF, [{**first, "name": "再来"}]).ok
    back = records.restore(system, TARIFF, [pk])
    assert [problem.sentence for problem in back.problems] == ["不能恢复：这个区域在这段时间已有价目，请换一段时间。"]


def test_a_unique_code_is_free_again_when_its_record_is_in_the_bin(system: System) -> None:
    pk = records.save(system, TARIFF, [{"name": "一", "code": "A1"}]).demand().pk

    taken = records.save(system, TARIFF, [{"name": "二", "code": "A1"}])
    records.delete(system, TARIFF, [pk])

    assert taken.errors() == {"code": ("已有价目代码相同的测试价目。",)}
    assert records.save(system, TARIFF, [{"name": "二", "code": "A1"}]).ok
