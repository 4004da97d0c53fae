"""Customer classes as a condition of the policy (PRM-03): no role grants them yet, the condition tree carries them, and so does search."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from kezhou import records
from kezhou.access.actor import MemberActor, Policies
from kezhou.access.conditions import And, Condition, through
from kezhou.access.itself import Among
from kezhou.access.policy import Policy
from kezhou.finding import SearchRequest, SearchResult, find
from kezhou.plugins import hooks
from kezhou.web.finding import suggestions
from search import keeping
from search.engines import engine
from tests.search import staff
from tests.search.staff import CONTACT, CUSTOMER, OPPORTUNITY, SYSTEM

pytestmark = pytest.mark.usefixtures("company")


@dataclass(frozen=True)
class Classed:
    """Everybody's rights, and of customers and what belongs to them only some classes."""

    whole: Policies
    classes: frozenset[str]

    def policy(self, type_key: str) -> Policy:
        """As somebody whose third dimension is limited."""
        policy = self.whole.policy(type_key)
        mine: Condition = Among("category", self.classes)
        if type_key in {CONTACT, OPPORTUNITY}:
            mine = through("customer", records.type_of(SYSTEM, CUSTOMER).rows, mine)
        elif type_key != CUSTOMER:
            return policy
        return replace(
            policy, conditions={name: And((condition, mine)) for name, condition in policy.conditions.items()}
        )


def _limited(actor: MemberActor, *classes: str) -> MemberActor:
    return replace(actor, policies=Classed(actor.policies, frozenset(classes)))


def _seen(result: SearchResult) -> tuple[set[tuple[str, int]], int, dict[str, int]]:
    return {(h.type, h.pk) for h in result.hits}, result.total, {group.type: group.count for group in result.groups}


@pytest.mark.req("SRH-06", part="customer classes as a condition of the policy, change of class")
def test_only_records_of_the_classes_are_found_counted_suggested_and_explained() -> None:
    mine, other = (option.key for option in records.type_of(SYSTEM, CUSTOMER).by_key["category"].options[:2])
    boss = staff.member("罗欣", "admin")
    seller = _limited(staff.member("周敏", "reader"), mine)
    own, foreign = (
        staff.saved(CUSTOMER, name=f"川西{name}", category=key, owner=boss.member_pk)
        for name, key in (("能源", mine), ("航空", other))
    )
    known, hidden = (staff.saved(CONTACT, name="何国栋", customer=pk) for pk in (own, foreign))
    deal = staff.saved(OPPORTUNITY, name="川西年会", customer=foreign)
    keeping.rebuild(engine())

    found = find(seller, SearchRequest("川西"))

    assert _seen(found) == ({(CUSTOMER, own), (CONTACT, known)}, 2, {CUSTOMER: 1, CONTACT: 1})
    assert [(facet.value, facet.count) for facet in found.categories] == [(f"{CUSTOMER}:{mine}", 1)]
    assert [(facet.title, facet.count) for facet in found.owners] == [("罗欣", 1)]
    assert _seen(find(seller, SearchRequest("何国栋")))[0] == {(CONTACT, known)}
    assert _seen(find(seller, SearchRequest("川西", category=(f"{CUSTOMER}:{other}",))))[:2] == (set(), 0)
    assert [offer.title for offer in suggestions.suggested(seller, "川西").names] == ["川西能源"]
    asked = {"actor": seller, "request": SearchRequest("川西")}
    assert hooks().explain_hit(**asked, type=CUSTOMER, pk=own) is not None
    assert [hooks().explain_hit(**asked, type=key, pk=pk) for key, pk in ((CUSTOMER, foreign), (OPPORTUNITY, deal))] == [
        None, None,
    ]  # fmt: skip
    assert _seen(find(boss, SearchRequest("川西")))[1] == 5

    records.save(SYSTEM, CUSTOMER, [{"pk": own, "category": other}], source="system").demand()
    assert _seen(find(seller, SearchRequest("川西")))[0] == set()  # before the index knows
    records.save(SYSTEM, CUSTOMER, [{"pk": foreign, "category": mine}], source="system").demand()
    keeping.apply(engine(), {CUSTOMER: {own, foreign}})

    everything = {(CUSTOMER, foreign), (CONTACT, hidden), (OPPORTUNITY, deal)}
    assert _seen(find(seller, SearchRequest("川西")))[0] == everything
