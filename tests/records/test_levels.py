"""Rights on single fields: hidden, masked, read only, in everything a reader can ask."""

from __future__ import annotations

from typing import Any

import pytest

from kezhou import records
from kezhou.access.actor import System
from kezhou.access.roles import seed
from kezhou.records.listing import ListRequest
from kezhou.records.spec import FilterError, Purpose
from kezhou.sdk.hooks import Grant, RoleSeed
from kezhou.testing.access import MemberFactory

PROJECT = "testplugin.project"
OPERATIONS = "read create update delete import export"


@pytest.fixture
def clerk(projects: None, member_factory: MemberFactory) -> Any:
    """Somebody who may do everything with projects but not see budgets, only half see telephone numbers, and not change codes."""
    grant = Grant(PROJECT, OPERATIONS, "all", hidden=("budget",), masked=("phone",), readonly=("code",))
    seed([RoleSeed("clerk", "文员", [grant])])
    return member_factory("clerk").actor


@pytest.fixture
def pk(clerk: Any, system: System) -> int:
    """A project with all three fields given."""
    return records.save(system, PROJECT, [{"name": "甲", "budget": 5, "phone": "13800001234", "code": "A1"}]).pk


@pytest.mark.parametrize(
    ("purpose", "shown"),
    [
        (Purpose.READ, {"phone", "code"}),
        (Purpose.LIST, {"phone", "code"}),
        (Purpose.EXPORT, {"phone", "code"}),
        (Purpose.WRITE, set()),
        (Purpose.IMPORT, set()),
        (Purpose.FILTER, {"code"}),
        (Purpose.SEARCH, {"code"}),
    ],
)
def test_each_purpose_is_shown_what_it_may(clerk: Any, purpose: Purpose, shown: set[str]) -> None:
    keys = {field.key for field in records.fields_for(PROJECT, clerk, purpose)}

    assert keys & {"budget", "phone", "code"} == shown


def test_values_are_hidden_and_masked_in_record_list_and_history(clerk: Any, pk: int, system: System) -> None:
    records.save(system, PROJECT, [{"pk": pk, "budget": 6, "phone": "13900005678"}]).demand()

    entry = records.get(clerk, PROJECT, pk)
    (row,) = records.page(clerk, PROJECT, ListRequest(columns=("name", "phone", "code")))
    change = records.history(clerk, PROJECT, pk)[0]

    assert "budget" not in entry.values
    assert (entry.values["phone"], entry.values["code"]) == ("139****5678", "A1")
    assert row.values == ("甲", "139****5678", "A1")
    assert row.rest["phone"] == row.texts[1] == str(row.cells[1]) == "139****5678"
    assert [(f.field.key, f.old_text, f.new_text) for f in change.fields] == [("phone", "138****1234", "139****5678")]


@pytest.mark.parametrize(
    "asked",
    [
        {"filter": ["budget", "eq", 5]},
        {"filter": ["phone", "contains", "1234"]},
        {"sort": ("budget",)},
        {"sort": ("phone",)},
        {"columns": ("name", "budget")},
    ],
)
def test_what_is_not_shown_cannot_be_found_out(clerk: Any, pk: int, asked: dict[str, Any]) -> None:
    with pytest.raises(FilterError):
        records.page(clerk, PROJECT, ListRequest(**asked))
    assert records.page(clerk, PROJECT, ListRequest(q="1234")).total == 0
    assert records.page(clerk, PROJECT, ListRequest()).sums == {}


@pytest.mark.parametrize("field", ["budget", "phone", "code"])
def test_what_may_not_be_written_is_refused_and_kept(clerk: Any, pk: int, system: System, field: str) -> None:
    before = records.get(system, PROJECT, pk).values[field]

    refused = records.save(clerk, PROJECT, [{"pk": pk, field: "7"}])
    records.save(clerk, PROJECT, [{"pk": pk, "name": "乙"}]).demand()

    assert [(p.field, p.code) for p in refused.problems] == [(field, "not_allowed")]
    assert records.get(system, PROJECT, pk).values[field] == before


def test_a_conflict_tells_nothing_of_hidden_fields(clerk: Any, pk: int, system: System) -> None:
    records.save(system, PROJECT, [{"pk": pk, "budget": 6, "name": "乙"}]).demand()

    (conflict,) = records.save(clerk, PROJECT, [{"pk": pk, "version": 1, "name": "丙"}]).conflicts

    assert [f.field for f in (*conflict.fields, *conflict.others)] == ["name"]
