"""What the layout editor draws with: every field as the real control or line, once, and the facts that its script needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from kezhou import records
from kezhou.access import members, roles
from kezhou.access.actors import actor_for
from kezhou.pages import PageRequest
from kezhou.records.catalogue import shaped
from kezhou.records.layouts import LayoutSpec
from kezhou.records.layouts.resolving import arrange, demanded, in_force, lists_of
from kezhou.records.layouts.spec import Kind
from kezhou.records.layouts.storing import Slot
from kezhou.records.listing import ListRequest
from kezhou.records.reading import formatting
from kezhou.records.spec import FieldSpec, Purpose, TypeSpec
from kezhou.web.records import forms

PURPOSES: Mapping[Kind, Purpose] = {
    Kind.FORM: Purpose.WRITE, Kind.QUICK: Purpose.WRITE, Kind.DETAIL: Purpose.READ, Kind.COLUMNS: Purpose.LIST,
}  # fmt: skip
SAMPLES = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """One field as the canvas draws it: a form's control, or cells of real records."""

    field: FieldSpec
    control: forms.FormField | None
    cells: tuple[Markup, ...]
    classes: str = ""


@dataclass(frozen=True, slots=True)
class ListPiece:
    """One related list, and the columns that it may show."""

    type: str
    link: str
    title: str
    spec: TypeSpec
    columns: tuple[FieldSpec, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as whom the page can be looked at."""

    pk: int
    name: str
    role: str


def pieces(request: PageRequest, kind: Kind) -> tuple[Piece, ...]:
    """Every field that can be placed, in the type's order, drawn as this kind of page draws it."""
    fields = records.fields_for(request.type, request.actor, PURPOSES[kind])
    if kind in {Kind.FORM, Kind.QUICK}:
        form = forms.build(request.type, fields, values={}, fmt=formatting())
        return tuple(Piece(one.spec, one, (), _classes(request.type, one.spec)) for one in form.fields)
    asked = ListRequest(columns=tuple(field.key for field in fields), size=20, sums=False)
    rows = tuple(records.page(request.actor, request.type, asked).rows)[: 1 if kind is Kind.DETAIL else SAMPLES]
    cells = [tuple(row.cells[place] for row in rows) for place in range(len(fields))]
    return tuple(
        Piece(field, None, found, _classes(request.type, field)) for field, found in zip(fields, cells, strict=True)
    )


def _classes(spec: TypeSpec, field: FieldSpec) -> str:
    """The names of the record classes that alone have the field."""
    if not field.classes or not spec.class_field:
        return ""
    return "、".join(str(o.label) for o in spec.by_key[spec.class_field].options if o.key in field.classes)


def list_pieces(request: PageRequest) -> tuple[ListPiece, ...]:
    """Every list of records that may stand beside a record of this type."""
    held = shaped(request.actor)
    return tuple(
        ListPiece(
            str(panel.type),
            panel.link or "",
            str(panel.title or held.types[str(panel.type)].title),
            held.types[str(panel.type)],
            records.fields_for(str(panel.type), request.actor, Purpose.LIST),
        )
        for panel in lists_of(held, request.type)
    )


def people(request: PageRequest) -> tuple[Person, ...]:
    """Me, and for every role one who holds it."""
    found = [Person(int(request.actor.member_pk or 0), request.actor.name, "")]
    for role in roles.roles():
        found += [Person(pk, name, role.name) for pk, name in members.holders(role.pk)[:1]]
    return tuple(found)


def as_seen(request: PageRequest, place: Slot, content: Mapping[str, Any], person: int) -> LayoutSpec | None:
    """The layout as this person would have it if the content were in force; None when the person may not act or see the type."""
    actor = actor_for(person, via="session") if person != request.actor.member_pk else request.actor
    if actor is None or place.type not in records.types(actor):
        return None
    spec = records.type_of(actor, place.type)
    given = {**in_force(shaped(actor), spec, actor.roles, place.record_class), place.kind: content}
    return arrange(actor, spec, given, place.record_class)


def facts(request: PageRequest, found: Sequence[Piece], kind: Kind) -> list[dict[str, Any]]:
    """What the script has to know of each field."""
    ruled = demanded(request.type) if kind is Kind.FORM else frozenset()
    return [
        {
            "key": one.field.key,
            "label": str(one.field.label),
            "type": str(one.field.kind.title),
            "required": kind in {Kind.FORM, Kind.QUICK} and (one.field.required or one.field.key in ruled),
            "wide": bool(one.control and one.control.wide),
        }
        for one in found
    ]
