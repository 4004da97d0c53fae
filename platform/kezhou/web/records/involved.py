"""What a member takes part in without owning it: assigned to the member at any time, commented, or named in a comment."""

from __future__ import annotations

from django.db.models import Q

from kezhou.access.actor import Actor
from kezhou.assignments.models import Assignment
from kezhou.comments.models import Comment

MOST = 900
"""Of each kind the newest; together they stay below the longest list of a condition."""


def involved_pks(actor: Actor, type: str) -> list[int]:
    """The records of one type that the actor takes part in. Two statements; the list asks the rights of each."""
    me = actor.member_pk or 0
    said = Q(member=me) | Q(mentions__contains=[{"kind": "member", "pk": me}])
    comments = Comment.objects.filter(said, type=type, removed_at=None).order_by("-pk")
    given = Assignment.objects.filter(type=type, member=me).order_by("-pk")
    return sorted({*comments.values_list("record", flat=True)[:MOST], *given.values_list("record", flat=True)[:MOST]})
