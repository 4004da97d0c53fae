"""What comments say, for the search index and its excerpts. Whoever asks has read the record: a comment is seen with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from kezhou.comments.models import Comment

_PRINTS = """
    SELECT record, sum(hashtext(id || ':' || text))::bigint FROM comments_comment
     WHERE type = %s AND removed_at IS NULL AND (%s::bigint[] IS NULL OR record = ANY(%s)) GROUP BY record"""


@dataclass(frozen=True, slots=True)
class Said:
    """One comment that stands on a record."""

    record: int
    name: str
    text: str


def said(type: str, pks: Iterable[int]) -> tuple[Said, ...]:
    """The comments on records that the caller has read, the newest first. One statement."""
    rows = (
        Comment.objects.filter(type=type, record__in=list(pks), removed_at=None)
        .order_by("record", "-created_at", "-pk")
        .values_list("record", "name", "text")
    )
    return tuple(Said(*row) for row in rows)


def prints(type: str, pks: Iterable[int] | None = None) -> dict[int, int]:
    """A number by record that changes with its comments; of all records of the type when none are named."""
    wanted = None if pks is None else list(pks)
    with connection.cursor() as cursor:
        cursor.execute(_PRINTS, [type, wanted, wanted])
        return {record: int(total) for record, total in cursor.fetchall()}
