"""Which assignments a member has, and which stand on a record."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from kezhou.access.actor import Actor
from kezhou.assignments.models import Assignment, State
from kezhou.records import Entry
from kezhou.records.spec import TypeSpec

MOST = 500


def assignable(spec: TypeSpec) -> bool:
    """Only records with an owner are given to others to do; people and departments are not."""
    return "owner" in spec.by_key and spec.plugin != "core"


def mine(actor: Actor, limit: int = 50) -> tuple[Assignment, ...]:
    """What the actor, or the actor's department as long as nobody took it, is to do; the most urgent first."""
    order = (F("due_on").asc(nulls_last=True), "pk")
    return tuple(_of(actor).order_by(*order)[:limit])


def waiting_for(members: Iterable[int]) -> dict[int, tuple[int, int]]:
    """How many assignments wait for each of these members, and how many of them are late; one statement."""
    late = Q(due_on__lt=timezone.localdate())
    rows = Assignment.objects.filter(member__in=list(members), state=State.OPEN).order_by().values("member")
    counted = rows.annotate(all=Count("pk"), late=Count("pk", filter=late)).values_list("member", "all", "late")
    return {member: (every, overdue) for member, every, overdue in counted if member is not None}


def open_pks(actor: Actor, type: str) -> list[int]:
    """The records of one type that wait for the actor."""
    found = _of(actor).filter(type=type).order_by("-pk").values_list("record", flat=True)
    return sorted(set(found[:MOST]))


def of(entry: Entry) -> tuple[Assignment, ...]:
    """The open assignments of a record that the reader sees, the oldest first."""
    return tuple(Assignment.objects.filter(type=entry.type.key, record=entry.pk, state=State.OPEN).order_by("pk")[:20])


def _of(actor: Actor) -> QuerySet[Assignment]:
    whose = Q(member=actor.member_pk or 0)
    if actor.department_pk is not None:
        whose |= Q(department=actor.department_pk, member=None)
    return Assignment.objects.filter(whose, state=State.OPEN)
