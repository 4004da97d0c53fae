"""Names of members and departments as the actor may see them, and which departments lie below which."""

from __future__ import annotations

from collections.abc import Iterable

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.records.spec import UnknownType

MEMBER = "core.member"
DEPARTMENT = "core.department"


def _names(actor: Actor, type: str, pks: Iterable[int | None]) -> dict[int, str]:
    wanted = sorted({pk for pk in pks if pk is not None})
    if not wanted:
        return {}
    try:
        return dict(records.titles(actor, type, wanted))
    except UnknownType:  # the actor may not read this type at all
        return {}


def member_names(actor: Actor, pks: Iterable[int | None]) -> dict[int, str]:
    """Names by primary key; members that the actor may not see are missing."""
    return _names(actor, MEMBER, pks)


def department_names(actor: Actor, pks: Iterable[int | None]) -> dict[int, str]:
    """Names by primary key; departments that the actor may not see are missing."""
    return _names(actor, DEPARTMENT, pks)


def departments_below(actor: Actor) -> dict[int, frozenset[int]]:
    """Every department the actor may see, in the order of the tree, with itself and all below it."""
    try:
        paths = dict(records.query(actor, DEPARTMENT).order_by("path").values_list("pk", "path"))
    except UnknownType:
        return {}
    return {pk: frozenset(one for one, other in paths.items() if other.startswith(path)) for pk, path in paths.items()}
