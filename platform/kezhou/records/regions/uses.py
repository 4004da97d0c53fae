"""Where a place is used: how many records of each type have it, or one below it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kezhou.records.catalogue import shaped
from kezhou.records.rows import run_one
from kezhou.records.spec import FieldSpec, TypeSpec
from kezhou.records.sql import Sql

if TYPE_CHECKING:
    from kezhou.access.actor import Actor


@dataclass(frozen=True, slots=True)
class Use:
    """One field, and how many records (those in the recycle bin as well) have the place."""

    type: TypeSpec
    field: FieldSpec
    count: int

    @property
    def title(self) -> str:
        """客户 · 所在地区."""
        return f"{self.type.title} · {self.field.label}"


def uses(actor: Actor, kind: str, code: str) -> tuple[Use, ...]:
    """The fields of this kind whose records have the place, one statement per field."""
    found = []
    for spec in shaped(actor).types.values():
        for field in spec.fields:
            if field.type == kind and (count := _count(spec, field, code)):
                found.append(Use(spec, field, count))
    return tuple(found)


def _count(spec: TypeSpec, field: FieldSpec, code: str) -> int:
    where = field.kind.where(field, "in", [code], "t")
    return int(run_one(Sql(f"SELECT count(*) FROM {spec.rows} t WHERE {where.text}", where.params))[0])
