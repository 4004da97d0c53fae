"""After any change of rights or records the very next answer is right, before the index knows of it; counts and suggestions too."""

from __future__ import annotations

import pytest

from kezhou import records
from kezhou.access import roles
from kezhou.access.actor import MemberActor
from kezhou.finding import SearchRequest, find
from kezhou.web.finding import suggestions
from search import keeping
from search.engines import engine
from tests.search import staff
from tests.search.staff import CUSTOMER, SYSTEM

pytestmark = pytest.mark.usefixtures("company")


def _told(actor: MemberActor) -> set[str]:
    """The names of what a search finds; what it counts, narrows by and suggests must be those very records."""
    actor = staff.again(actor)
    found = find(actor, SearchRequest("川西"))
    names = {hit.title for hit in found.hits}
    counts = {len(names), found.total, sum(group.count for group in found.groups), sum(f.count for f in found.owners)}
    assert len(counts) == 1, counts
    assert {offer.title for offer in suggestions.suggested(actor, "川西").names} == names
    return names


@pytest.mark.req("SRH-06")  # with the parts: classes, field permission, role, files, suggestions (docs/readings.md)
def test_every_change_acts_on_the_next_answer() -> None:
    north, south = staff.department("北区"), staff.department("南区")
    boss, me = staff.member("罗欣", "admin"), staff.member("周敏", department=north)
    role = roles.add_role("区域专员")
    roles.set_cells(role, {CUSTOMER: {"read": "department"}, "core.member": {"read": "all"}})
    roles.set_roles(me.member_pk, [role])
    first, _second = (
        staff.saved(CUSTOMER, name=f"川西{name}", department=place, owner=boss.member_pk)
        for name, place in (("能源", north), ("航空", south))
    )
    keeping.rebuild(engine())
    assert _told(me) == {"川西能源"}

    records.save(SYSTEM, "core.member", [{"pk": me.member_pk, "department": south}], source="system").demand()
    assert _told(me) == {"川西航空"}
    for scope, seen in (
        ("all", {"川西能源", "川西航空"}),
        ("none", set()),
        ("own", set()),
        ("all", {"川西能源", "川西航空"}),
    ):
        roles.set_cells(role, {CUSTOMER: {"read": scope}})
        assert _told(me) == seen, scope
    records.delete(SYSTEM, CUSTOMER, [first], source="system")
    assert {hit.title for hit in find(staff.again(me), SearchRequest("川西")).hits} == {"川西航空"}
