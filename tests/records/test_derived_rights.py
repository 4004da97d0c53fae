"""What was looked up, computed or summed from other records betrays none that the reader cannot see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kezhou import records
from kezhou.access.actor import System
from kezhou.records import ListRequest, custom, fields_for, shape
from kezhou.records.spec import FilterError, Purpose
from kezhou.sdk.hooks import Grant

PROJECT, TASK = "testplugin.project", "testplugin.task"
MemberWith = Callable[..., Any]


@pytest.fixture
def made(system: System, projects: None) -> dict[str, str]:
    """On tasks: the project's phone, a formula of it, the customer's phone two steps away, an open one; on projects: a sum."""

    def add(type_key: str, kind: str, **rules: Any) -> str:
        return custom.add_field(
            shape.unversioned(system), type_key, label=f"字段{len(keys)}", kind=kind, rules=rules
        ).key

    keys: dict[str, str] = {}
    keys["far"] = add(PROJECT, "lookup", link="customer", field="phone")
    keys["phone"] = add(TASK, "lookup", link="project", field="phone")
    keys["word"] = add(TASK, "formula", formula=f'"电话" & {{{keys["phone"]}}}', result="text")
    keys["beyond"] = add(TASK, "lookup", link="project", field=keys["far"])
    keys["open"] = add(TASK, "lookup", link="project", field="phone", open="1")
    keys["sum"] = add(PROJECT, "rollup", source=f"{TASK}:project", function="sum", field="amount")
    return keys


@pytest.fixture
def reader(made: dict[str, str], member_with: MemberWith) -> Any:
    """Sees every task, and of projects and customers only the own ones."""
    return member_with(
        Grant(TASK, "read update create export", "all"),
        Grant(PROJECT, "read update create", "own"),
        Grant("customers.customer", "read", "own"),
    )


@pytest.fixture
def tasks(system: System, reader: Any) -> tuple[int, int]:
    """A task of a project that the reader sees, and one of a project that it does not."""
    system = shape.unversioned(system)
    customer = records.save(
        system, "customers.customer", [{"name": "川西", "phone": "028-85330000"}], source="system"
    ).pk
    mine, other = (
        records.save(
            system,
            PROJECT,
            [
                {"name": "我的", "phone": "13800000000", "owner": reader.member_pk, "customer": customer},
                {"name": "别人的", "phone": "13900000000", "customer": customer},
            ],
        )
        .demand()
        .pks
    )
    rows = [{"name": "一", "project": mine, "amount": 5}, {"name": "二", "project": other, "amount": 7}]
    one, two = records.save(system, TASK, rows).demand().pks
    return one, two


def test_a_looked_up_value_is_shown_where_the_linked_record_may_be_seen(
    made: dict[str, str], reader: Any, tasks: tuple[int, int]
) -> None:
    one, two = (records.get(reader, TASK, pk) for pk in tasks)
    listed = records.page(
        reader, TASK, ListRequest(columns=(made["phone"], made["word"], made["open"]), sort=("name",))
    )

    assert [entry.values[made["phone"]] for entry in (one, two)] == ["13800000000", None]
    assert [entry.values[made["word"]] for entry in (one, two)] == ["电话13800000000", None]
    assert sorted(map(tuple, (row.values for row in listed)), key=str) == [
        ("13800000000", "电话13800000000", "13800000000"),
        (None, None, "13900000000"),
    ]


def test_it_is_neither_filtered_sorted_nor_searched_by_nor_told_by_the_past(
    made: dict[str, str], reader: Any, tasks: tuple[int, int]
) -> None:
    known = {purpose: {f.key for f in fields_for(TASK, reader, purpose)} for purpose in Purpose}

    assert {made["phone"], made["word"]} & (known[Purpose.FILTER] | known[Purpose.SEARCH]) == set()
    assert {made["phone"], made["word"]} <= known[Purpose.EXPORT]
    for request in (ListRequest(filter=[made["phone"], "eq", "13900000000"]), ListRequest(sort=(made["phone"],))):
        with pytest.raises(FilterError):
            records.page(reader, TASK, request)
    told = [field.field.key for change in records.history(reader, TASK, tasks[1]) for field in change.fields]
    assert not {made["phone"], made["word"]} & set(told)
    assert made["open"] in told


def test_what_lies_further_away_is_hidden_from_who_sees_only_some_of_it(
    made: dict[str, str], reader: Any, tasks: tuple[int, int], system: System
) -> None:
    one = records.get(reader, TASK, tasks[0])

    assert made["beyond"] not in one.values
    assert records.get(shape.unversioned(system), TASK, tasks[0]).values[made["beyond"]] == "028-85330000"


def test_a_sum_tells_of_its_records_as_a_whole_and_who_sees_everything_pays_nothing(
    made: dict[str, str], tasks: tuple[int, int], member_with: MemberWith, django_assert_num_queries: Any
) -> None:
    narrow = member_with(Grant(PROJECT, "read", "all"), Grant(TASK, "read", "own"), name="窄")
    wide = member_with(Grant(PROJECT, "read", "all"), Grant(TASK, "read", "all"), name="宽")
    pk = records.get(wide, TASK, tasks[1]).values["project"]

    assert records.get(narrow, PROJECT, pk).values[made["sum"]] == 7
    records.get(wide, TASK, tasks[0])
    with django_assert_num_queries(2):
        entry = records.get(wide, TASK, tasks[1])
    assert entry.values[made["phone"]] == "13900000000"
