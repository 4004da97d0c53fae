"""Records that wait for review: found by author and reviewers, by nobody else, in the index and without it (SRH-10)."""

from __future__ import annotations

import pytest

from kezhou import records
from kezhou.access.actor import Actor, MemberActor
from kezhou.access.roles import add_role, set_cells, set_roles
from kezhou.finding import SearchRequest, find
from kezhou.plugins import hooks
from kezhou.switching import switch_on
from search import freshness, keeping
from search.engines import engine
from tests.search import staff
from tests.search.staff import SYSTEM

pytestmark = pytest.mark.usefixtures("company")
ORDER = "testplugin.order"


def _clerk(name: str, **cells: str) -> MemberActor:
    role = add_role(name)
    set_cells(role, {ORDER: {"read": "all", "create": "all", **cells}, "customers.customer": {"read": "all"}})
    member = staff.member(name)
    set_roles(member.member_pk, [role])
    return staff.again(member)


def _finds(actor: Actor, text: str = "川西") -> set[str]:
    found = find(actor, SearchRequest(text))
    assert {group.type for group in found.groups} == {hit.type for hit in found.hits}
    assert found.total == len(found.hits)
    return {hit.type for hit in found.hits}


def _indexed() -> None:
    keeping.rebuild(engine())
    freshness.beat(engine(), 0.0)


@pytest.mark.req("SRH-10")
@pytest.mark.parametrize("indexed", [True, False], ids=["index", "database"])
def test_until_it_is_approved_a_record_is_found_by_author_and_reviewers_alone(indexed: bool) -> None:
    switch_on(SYSTEM, ["testplugin"])
    author, other = _clerk("录入人", update="own"), _clerk("同事", update="own")
    reviewer = _clerk("审核人", update="own", approve="all")
    row = {"name": "川西年会", "state": "sent", "items": [{"name": "川西大巴"}]}
    pk = records.save(author, ORDER, [row]).demand().pk
    if indexed:
        _indexed()

    for actor in (author, reviewer, SYSTEM):
        assert _finds(actor) == {ORDER}, actor
        assert _finds(actor, "大巴") == ({ORDER} if indexed else set())
    if indexed:
        why = hooks().explain_hit(actor=author, request=SearchRequest("大巴"), type=ORDER, pk=pk)
        assert why.words[0].text.startswith("“大巴”：测试明细 · 项目；"), why
    assert (_finds(other), _finds(other, "大巴")) == (set(), set())

    approved = records.act(reviewer, ORDER, "approve", [pk], {"approver": "审核人"}).demand().action
    if indexed:
        keeping.apply(engine(), {ORDER: {pk}})
    assert _finds(other) == {ORDER}

    records.undo(SYSTEM, approved)
    assert find(other, SearchRequest("川西")).hits == (), "The index does not know yet, the hits are gone."
    if indexed:
        keeping.apply(engine(), {ORDER: {pk}})
    assert _finds(other) == set()
    assert _finds(author) == {ORDER}
