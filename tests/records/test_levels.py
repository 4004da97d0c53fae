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
from kezhou.testing import contract
from kezhou.testing.access import MemberFactory

PROJECT, NOTE = "testplugin.project", "testplugin.note"
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


@pytest.mark.parametrize("few", [False, True], ids=["titles after", "titles beside"])
def test_linked_titles_are_shown_as_far_as_the_linked_records_may_be_seen(
    system: System, projects: None, member_factory: MemberFactory, *, few: bool
) -> None:
    seed(
        [
            RoleSeed("half", "半看", [Grant(NOTE, "read", "all"), Grant(PROJECT, "read delete", "own")]),
            RoleSeed("coy", "遮名", [Grant(NOTE, "read", "all"), Grant(PROJECT, "read", "all", masked=("name",))]),
            RoleSeed("blind", "不看", [Grant(NOTE, "read", "all", hidden=("project",)), Grant(PROJECT, "read", "all")]),
        ]
    )
    half, coy, blind = (member_factory(role).actor for role in ("half", "coy", "blind"))
    rows = [{"name": name, "owner": half.member_pk} for name in ("自己的", "删掉的")] + [{"name": "别人的"}]
    pks = records.save(system, PROJECT, rows).demand().pks
    number = records.get(system, PROJECT, pks[2]).values["number"]
    notes = [contract.make(system, NOTE, project=pk)[0] for pk in pks]
    records.delete(half, PROJECT, [pks[1]])

    def shown(actor: Any) -> list[str]:
        found = records.get_many(actor, NOTE, notes, few=few)
        return [found[note].text("project") for note in notes]

    kept = "删掉的" if records.get(system, NOTE, notes[1]).values["project"] else ""
    assert shown(half) == ["自己的", kept, "无权限"]
    assert shown(coy)[2] == number
    assert shown(blind) == ["", "", ""]


def test_two_links_to_one_type_keep_their_titles_apart(
    system: System, projects: None, member_factory: MemberFactory
) -> None:
    one, two = member_factory(name="周敏").actor, member_factory(name="李思源").actor
    rows = [{"name": "甲", "owner": one.member_pk, "helper": two.member_pk}, {"name": "乙", "owner": two.member_pk}]
    pks = records.save(system, PROJECT, rows).demand().pks

    found = records.get_many(system, PROJECT, pks, few=True)

    assert [(e.text("owner"), e.text("helper")) for e in found.values()] == [("周敏", "李思源"), ("李思源", "")]
