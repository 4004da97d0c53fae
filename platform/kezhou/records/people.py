"""我, 我的部门, 含下级 and 我的下属 in filters: words that mean other people for every actor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kezhou.records.spec import FieldSpec
from kezhou.records.sql import Sql

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

WORDS = ("me", "my_department", "my_departments_below", "my_reports")
REPORTS = WORDS[3]
"""The members of the departments that the actor heads, and of those below, without the actor."""


def people(field: FieldSpec, value: Any, actor: Actor) -> Any:
    """The value with such words replaced by keys; for members of a department a sub-select of their keys."""
    if field.target not in {"core.member", "core.department"} or not _named(value):
        return value
    words = [value] if isinstance(value, str) else list(value)
    if field.target == "core.department":
        return _departments(words, actor)
    if all(word == "me" for word in words):
        return [actor.member_pk or 0] if not isinstance(value, str) else actor.member_pk or 0
    keys = [
        actor.member_pk or 0 if word == "me" else int(word) for word in words if word == "me" or str(word).isdigit()
    ]
    places = _departments([word for word in words if word in WORDS[1:]], actor)
    led = list(getattr(actor, "departments_headed", ())) if REPORTS in words else []
    return Sql(
        "SELECT m.id FROM access_member m WHERE m.department_id = ANY(%s) OR m.id = ANY(%s) "
        "OR (m.department_id = ANY(%s) AND m.id <> %s)",
        (list(places), keys, led, actor.member_pk or 0),
    )


def _named(value: Any) -> bool:
    return (
        value in WORDS
        if isinstance(value, str)
        else isinstance(value, (list, tuple)) and any(v in WORDS for v in value)
    )


def _departments(words: list[Any], actor: Actor) -> list[int]:
    found: set[int] = {int(word) for word in words if str(word).isdigit()}
    if "my_department" in words and actor.department_pk is not None:
        found.add(actor.department_pk)
    if "my_departments_below" in words:
        found |= set(getattr(actor, "departments_below", ()))
        if actor.department_pk is not None:
            found.add(actor.department_pk)
    return sorted(found) or [0]
