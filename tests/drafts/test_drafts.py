"""Drafts through their functions: one per form, for their author only, gone in time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from kezhou import drafts, parameters
from kezhou.drafts.expiry import delete_expired
from kezhou.drafts.keeping import DAYS
from kezhou.drafts.models import Draft
from kezhou.records.spec import UnknownType
from kezhou.testing.access import MemberFactory
from tenants.context import Current

TYPE = "core.member"


def test_one_per_form_and_for_its_author_only(in_alpha: Current, member_factory: MemberFactory) -> None:
    one, two = (member_factory("admin").actor for _ in range(2))
    drafts.keep(one, TYPE, "new", {"name": ["王"]})
    drafts.keep(one, TYPE, "new", {"name": ["王浩\x00然"]})
    drafts.keep(one, TYPE, "edit", {"name": ["李"]}, record=7, version=3)

    found = drafts.of(one, TYPE, "new")
    assert found is not None
    assert drafts.in_order(found) == {"name": ["王浩然"]}
    assert [(draft.place, draft.record, draft.version) for draft in drafts.mine(one)] == [
        ("edit", 7, 3),
        ("new", 0, None),
    ]
    assert drafts.mine(two) == ()
    assert drafts.of(two, TYPE, "new") is None
    assert drafts.drop(two, TYPE, "new") is False
    assert drafts.drop(one, TYPE, "new") is True


def test_too_much_is_refused_with_a_sentence(in_alpha: Current, member_factory: MemberFactory) -> None:
    actor = member_factory("admin").actor

    with pytest.raises(drafts.DraftRefused, match="256 KB"):
        drafts.keep(actor, TYPE, "new", {"remark": ["长" * 100_000]})
    with pytest.raises(UnknownType):
        drafts.keep(actor, "no.such", "new", {})


def test_old_drafts_go(in_alpha: Current, member_factory: MemberFactory) -> None:
    actor = member_factory("admin").actor
    drafts.keep(actor, TYPE, "new", {"name": ["旧"]})
    drafts.keep(actor, TYPE, "quick", {"name": ["新"]})
    Draft.objects.filter(place="new").update(changed_at=timezone.now() - timedelta(days=8))

    kept = delete_expired()
    parameters.change(actor, DAYS, "7")

    assert (kept, delete_expired()) == (0, 1)
    assert [draft.place for draft in drafts.mine(actor)] == ["quick"]
