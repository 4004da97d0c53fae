"""Definitions as the settings pages show them, hidden ones included, and how much lies in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count

from kezhou.records.dictionaries import demand_admin
from kezhou.records.models import CustomField
from kezhou.records.own.defining import gone, pk_of
from kezhou.records.own.models import OwnLine, OwnRecord, OwnType
from kezhou.records.rows import run
from kezhou.records.sql import Sql, quoted

if TYPE_CHECKING:
    from kezhou.access.actor import Actor


@dataclass(frozen=True, slots=True)
class Outline:
    """One definition: `records` are those that stand, `binned` those in the recycle bin, `fields` the own fields in use."""

    key: str
    title: str
    icon: str
    section: str
    position: int
    parent: str
    access: str
    name_label: str
    titled_by: str
    person: bool
    prefix: str
    operations: frozenset[str]
    choices: Mapping[str, Any]
    states: Mapping[str, Any]
    removed: bool
    version: int
    fields: int
    records: int
    binned: int


def outlines(actor: Actor) -> tuple[Outline, ...]:
    """Every definition with its line types, in order, in four statements. For administrators. Raises NotAllowed."""
    demand_admin(actor)
    counted = _counted()
    fields = dict(
        CustomField.objects.filter(type__startswith="own.t_", removed=False).values_list("type").annotate(n=Count("pk"))
    )
    rows = OwnType.objects.order_by("removed", "position", "id")
    return tuple(_outline(row, fields.get(row.key, 0), *counted.get(row.pk, (0, 0))) for row in rows)


def outline(actor: Actor, key: str) -> Outline:
    """One definition. Raises OwnTypeError when there is none."""
    pk_of(key)
    found = next((each for each in outlines(actor) if each.key == key), None)
    if found is None:
        raise gone()
    return found


def _counted() -> dict[int, tuple[int, int]]:
    texts = [
        f"SELECT own_type, count(*) FILTER (WHERE deleted_at IS NULL), count(*) FILTER (WHERE deleted_at IS NOT NULL) "
        f"FROM {quoted(model._meta.db_table)} GROUP BY 1"
        for model in (OwnRecord, OwnLine)
    ]
    return {row[0]: (row[1], row[2]) for row in run(Sql(" UNION ALL ".join(texts)))}


def _outline(row: OwnType, fields: int, standing: int, binned: int) -> Outline:
    return Outline(
        key=row.key,
        title=row.title,
        icon=row.icon,
        section=row.section,
        position=row.position,
        parent=f"own.t_{row.parent_id}" if row.parent_id else "",
        access=row.access,
        name_label=row.name_label,
        titled_by=row.titled_by,
        person=row.person,
        prefix=row.prefix,
        operations=frozenset(row.operations),
        choices=row.choices,
        states=row.states,
        removed=row.removed,
        version=row.version,
        fields=fields,
        records=standing,
        binned=binned,
    )
