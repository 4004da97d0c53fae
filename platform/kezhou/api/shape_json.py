"""What a type has beyond its fields, as JSON and in the OpenAPI document: lines inside records, moves between states, actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.api.record_json import converters, entry, values
from kezhou.records import Entry, Move, Offer
from kezhou.records.actions.offering import asked as asks
from kezhou.records.lines.reading import LineTable, columns, line_tables
from kezhou.records.spec import FieldSpec, TypeSpec
from kezhou.records.structure import LinesSpec
from kezhou.records.validity import Force, force


def whole(actor: Actor, found: Entry) -> dict[str, Any]:
    """One record with everything the actor may read, its lines inside it in their order, and whether it is in force."""
    made = entry(found)
    for table in line_tables(actor, found) if found.type.lines else ():
        made[table.lines.key] = lines(table)
    if found.type.validity is not None:
        made["validity"] = force(found.type, found.values, found.fmt.today)
    return made


def lines(table: LineTable) -> list[dict[str, Any]]:
    """The rows of one kind."""
    pairs = converters(table.columns)
    return [{"pk": row.pk, **values(pairs, [row.values[field.key] for field in table.columns])} for row in table.rows]


def move(one: Move) -> dict[str, Any]:
    """A way on, or why not now."""
    return {
        "target": one.target, "title": one.title, "allowed": one.allowed, "reason": one.reason,
        "asks": [asked(field) for field in one.asks],
    }  # fmt: skip


def offer(one: Offer) -> dict[str, Any]:
    """An action, or why not now."""
    return {
        "key": one.key, "title": str(one.action.title), "allowed": one.allowed, "reason": one.reason,
        "confirm": str(one.action.confirm), "asks": [asked(field) for field in one.fields],
    }  # fmt: skip


def asked(field: FieldSpec) -> dict[str, Any]:
    """One question of a dialog."""
    return {
        "field": field.key,
        "label": str(field.label),
        "required": field.required,
        "schema": field.kind.schema(field),
    }


# -- OpenAPI ------------------------------------------------------------------------------------------------------------


def read_properties(actor: Actor, spec: TypeSpec) -> dict[str, Any]:
    """What reading a record answers besides its fields."""
    found: dict[str, Any] = {each.key: _rows(actor, each, reading=True) for each in spec.lines}
    if spec.validity is not None:
        found["validity"] = {"type": "string", "enum": [mark.value for mark in Force], "nullable": True}
    return found


def write_properties(actor: Actor, spec: TypeSpec) -> dict[str, Any]:
    """What a change may hold besides fields: all rows of a kind of lines; rows that are left out are removed."""
    return {each.key: _rows(actor, each, reading=False) for each in spec.lines}


def _rows(actor: Actor, each: LinesSpec, *, reading: bool) -> dict[str, Any]:
    shown = [field for field in columns(actor, each) if reading or field.editable]
    properties: Mapping[str, Any] = {
        "pk": {"type": "integer", "format": "int64"},
        **{field.key: field.kind.schema(field) for field in shown},
    }
    return {
        "type": "array",
        "description": str(each.title),
        "maxItems": 500,
        "items": {"type": "object", "properties": properties},
    }


def form_schema(actor: Actor, spec: TypeSpec, key: str) -> dict[str, Any]:
    """The body of an action."""
    action = next(action for action in spec.actions if action.key == key)
    fields = asks(actor, spec, action)
    made: dict[str, Any] = {"type": "object", "properties": {field.key: field.kind.schema(field) for field in fields}}
    required = [field.key for field in fields if field.required]
    return {**made, "required": required} if required else made


def able(actor: Actor, spec: TypeSpec) -> tuple[str, ...]:
    """The actions that the actor may do on some record."""
    known = records.type_of(actor, spec)
    return tuple(action.key for action in known.actions if action.operation in known.operations)
