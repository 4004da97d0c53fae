"""The rows beside a calendar: every record of the linked type that the actor may see, the free ones too, by their parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kezhou.records.catalogue import fields_for, type_of
from kezhou.records.fields.pinyin import sort_key
from kezhou.records.listing import ListRequest, page
from kezhou.records.spec import Purpose, UnknownType

if TYPE_CHECKING:
    from kezhou.access.actor import Actor
    from kezhou.records.spec import TypeSpec

MOST = 200
"""Rows of one calendar; whoever has more chooses a part."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One row: a record with what is told of it, and the part (a venue, say) that it belongs to."""

    pk: int
    title: str
    part: int | None = None
    part_title: str = ""
    facts: tuple[str, ...] = ()


def lanes(actor: Actor, spec: TypeSpec) -> tuple[Lane, ...]:
    """All rows by part and name, at most 200; none when the actor may not read that type, and without the facts that the actor
    does not see. One page of its list."""
    declared = spec.lanes
    assert declared is not None
    try:
        target = type_of(actor, spec.by_key[declared.link].target or "")
    except UnknownType:
        return ()
    title, known = target.title_field, {field.key for field in fields_for(target, actor, Purpose.LIST)}
    columns = tuple(key for key in (title, declared.parts, *declared.facts) if key in known)
    named = any(field.key == title for field in fields_for(target, actor, Purpose.FILTER))
    asked = ListRequest(columns=columns, sort=(title,) if named else (), size=MOST, sums=False)
    found = page(actor, target, asked)
    places = {field.key: place for place, field in enumerate(found.columns)}
    made = []
    for row in found.rows:
        texts = row.texts
        part = places.get(declared.parts)
        told = (
            _told(str(found.columns[places[key]].label), texts[places[key]]) for key in declared.facts if key in places
        )
        made.append(
            Lane(
                row.pk,
                row.title,
                row.values[part] if part is not None else None,
                texts[part] if part is not None else "",
                tuple(filter(None, told)),
            )
        )
    return tuple(sorted(made, key=lambda lane: sort_key(lane.part_title) or ""))


def _told(label: str, text: str) -> str:
    return f"{label} {text}" if text else ""
