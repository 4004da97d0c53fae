"""Records that wait for review are found by their author and by those who review them, by nobody else (SRH-10).

A type says which of its states are unreviewed and which operation reviews (`States(unreviewed=…, reviewers=…)`). This is about finding: what lists show is a matter of the policy.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.access.conditions import Condition, Everything, Terms
from kezhou.access.policy import policy_for
from kezhou.records.spec import Purpose, TypeSpec
from kezhou.records.structure import StatesSpec


def waiting(spec: TypeSpec) -> StatesSpec | None:
    """The states of a type whose records can wait for review; None for all others."""
    return spec.states if spec.states is not None and spec.states.unreviewed else None


def reviewers(actor: Actor, spec: TypeSpec, states: StatesSpec) -> Condition:
    """On which rows the actor reviews."""
    return policy_for(actor, spec.key).condition_for(states.reviewers)


def unfindable(actor: Actor, spec: TypeSpec, pks: Iterable[int]) -> frozenset[int]:
    """Which of these records, all of which the actor may see, wait for review by others. One statement, none for most types."""
    wanted = list(pks)
    states = waiting(spec)
    if states is None or not wanted or isinstance(reviewers(actor, spec, states), Everything):
        return frozenset()
    rows = records.query(actor, spec).filter(in_review(spec, states), pk__in=wanted)
    own = Q(created_by_id=actor.member_pk) if actor.member_pk is not None else Q(pk__in=[])
    return frozenset(rows.exclude(own | reviewers(actor, spec, states).q()).values_list("pk", flat=True))


def in_review(spec: TypeSpec, states: StatesSpec) -> Q:
    """The rows that wait."""
    field = spec.by_key[states.field]
    path = field.column if field.column is not None else f"custom__{field.key}"
    return Q(**{f"{path}__in": states.unreviewed})


NEVER: list[Any] = ["pk", "in", []]


def filter_of(actor: Actor, spec: TypeSpec) -> list[Any] | None:
    """The same as a filter tree for lists, for the answer that the database gives; None when nothing is left out.

    What the actor is not shown cannot be filtered by: then only what it is certain that the actor may find is let through.
    """
    states = waiting(spec)
    mine = _tree(reviewers(actor, spec, states).terms()) if states is not None else []
    if states is None or mine == []:
        return None
    shown = {field.key for field in records.fields_for(spec, actor, Purpose.FILTER)}
    ways: list[Any] = []
    if states.field in shown:
        ways += [[states.field, "not_in", list(states.unreviewed)], [states.field, "is_empty", None]]
    if actor.member_pk is not None and "created_by" in shown:
        ways.append(["created_by", "in", [actor.member_pk]])
    found = [*ways, *([mine] if mine else [])]
    return ["or", found] if found else NEVER


def _tree(terms: Terms) -> list[Any] | None:
    """A condition as a filter tree: [] for everything, None for nothing and for what a filter cannot say."""
    match terms:
        case ("all",):
            return []
        case ("in", str(field), tuple(pks)):
            return [field, "in", list(pks)]
        case ("or", *inner):
            parts = [_tree(part) for part in inner]
            return [] if [] in parts else ["or", [part for part in parts if part]] if any(parts) else None
        case ("and", *inner):
            parts = [_tree(part) for part in inner]
            return None if None in parts else ["and", [part for part in parts if part]]
        case _:
            return None
