"""Names of members and departments as the actor may see them, and which departments lie below which."""

from __future__ import annotations

from collections.abc import Iterable

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.records.spec import UnknownType

MEMBER = "core.member"
DEPARTMENT = "core.department"
DEEPEST = 50
"""Levels of a tree; more can only be a ring."""


def _names(actor: Actor, type: str, pks: Iterable[int | None]) -> dict[int, str]:
    wanted = sorted({pk for pk in pks if pk is not None})
    if not wanted:
        return {}
    found = records.titles(actor, {type: wanted})
    return {pk: title for (_, pk), title in found.items() if title}


def member_names(actor: Actor, pks: Iterable[int | None]) -> dict[int, str]:
    """Names by primary key; members that the actor may not see are missing."""
    return _names(actor, MEMBER, pks)


def department_names(actor: Actor, pks: Iterable[int | None]) -> dict[int, str]:
    """Names by primary key; departments that the actor may not see are missing."""
    return _names(actor, DEPARTMENT, pks)


def departments_below(actor: Actor) -> dict[int, frozenset[int]]:
    """Every department the actor may see, in their order, with itself and all below it."""
    try:
        rows = list(records.query(actor, DEPARTMENT).order_by("order", "name").values_list("pk", "parent_id"))
    except UnknownType:
        return {}
    below: dict[int, set[int]] = {pk: {pk} for pk, _ in rows}
    parents = dict(rows)
    for pk in parents:
        above, steps = parents[pk], 0
        while above in below and steps < DEEPEST:
            below[above].add(pk)
            above, steps = parents[above], steps + 1
    return {pk: frozenset(inside) for pk, inside in below.items()}
