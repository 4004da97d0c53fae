"""What happened to the rows of a list since it was shown (UIX-11): one cheap statement, asked every few seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from kezhou.records import filters
from kezhou.records.listing import LARGEST, ListRequest, source_of
from kezhou.records.rows import run
from kezhou.records.spec import TypeSpec
from kezhou.records.sql import Sql, all_of

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

MOST_NEW = 100


@dataclass(frozen=True, slots=True)
class Changed:
    """A row that was saved since: its version now and who saved it."""

    pk: int
    version: int
    by: str


@dataclass(frozen=True, slots=True)
class Freshness:
    """`gone` are rows that were deleted or may no longer be seen; `new` counts what came into the list (at most 100)."""

    changed: tuple[Changed, ...]
    gone: tuple[int, ...]
    new: int

    @property
    def count(self) -> int:
        """How many differences there are."""
        return len(self.changed) + len(self.gone) + self.new


def fresh(actor: Actor, spec: TypeSpec, request: ListRequest, known: Mapping[int, int], since: datetime) -> Freshness:
    """Compare shown rows (version by key) with what is there now, as the actor may see it. Raises FilterError."""
    pks = list(known)[:LARGEST]
    seen = all_of(filters.seen(spec, actor, "t"))
    source = source_of(actor, spec, request)
    rows = run(
        Sql(
            f"SELECT t.id, t.version, m.name FROM {spec.rows} t LEFT JOIN access_member m ON m.id = t.changed_by_id "
            f"WHERE t.id = ANY(%s) AND {seen.text} UNION ALL SELECT NULL, count(*), NULL FROM (SELECT 1 {source.text} "
            f"AND t.created_at > %s AND t.id <> ALL(%s) LIMIT {MOST_NEW}) n",
            (pks, *seen.params, *source.params, since, pks),
        )
    )
    now = {pk: (version, name or "") for pk, version, name in rows if pk is not None}
    return Freshness(
        changed=tuple(Changed(pk, *now[pk]) for pk in pks if pk in now and now[pk][0] != known[pk]),
        gone=tuple(pk for pk in pks if pk not in now),
        new=next(int(count) for pk, count, _name in rows if pk is None),
    )
