"""What others did to a record while somebody looks at it: asked often, so it is one statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kezhou.access.actor import Actor
from kezhou.records import type_of
from kezhou.records.filters import seen
from kezhou.records.reading import not_found
from kezhou.records.rows import run
from kezhou.records.spec import TypeSpec
from kezhou.records.sql import Sql, all_of


@dataclass(frozen=True, slots=True)
class News:
    """`version` is the present one, `changed_by` who saved it last (empty when nobody did since), `comments` new ones of others."""

    version: int
    changed_by: str
    comments: int


def news_of(actor: Actor, type: str | TypeSpec, pk: int, *, version: int, since: datetime) -> News | None:
    """What is new, or None. Raises RecordNotFound when the record was deleted or left the actor's sight."""
    spec = type_of(actor, type)
    where = all_of([Sql("t.id = %s", (pk,)), *seen(spec, actor, "t")])
    rows = run(
        Sql(
            "SELECT t.version, (SELECT h.name FROM records_history h WHERE h.type = %s AND h.record = t.id "
            "AND h.version > %s ORDER BY h.id DESC LIMIT 1), (SELECT count(*) FROM comments_comment c WHERE c.type = %s "
            "AND c.record = t.id AND c.created_at > %s AND c.member IS DISTINCT FROM %s AND c.removed_at IS NULL) "
            f"FROM {spec.rows} t WHERE {where.text}",
            (spec.key, version, spec.key, since, actor.member_pk, *where.params),
        )
    )
    if not rows:
        raise not_found(spec, pk)
    ((present, name, said),) = rows
    return News(present, name or "", said) if present > version or said else None
