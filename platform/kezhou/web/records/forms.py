"""The form of a record: sections of controls made from the fields that the actor may write, and what was posted.

Nothing typed is ever lost: after a refused save every control holds again what was posted, with the sentence below it (BAS-03).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.access.actor import MemberActor
from kezhou.records.fields import Choice, Control, Format
from kezhou.records.fields.pieces import Pieced
from kezhou.records.spec import FieldSpec, PanelSpec, Purpose, TypeSpec

MULTIPLE = frozenset({"multiselect"})
SELECTS = frozenset({"select", "switch"})
WIDE = frozenset({"textarea", "multiselect", "files"})
TEXT_SUFFIX = "__text"
GIVEN_SUFFIX = "__given"

Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FormField:
    """One control with the sentences below it; `wide` takes the full width."""

    control: Control
    spec: FieldSpec
    errors: tuple[str, ...] = ()
    note_url: str = ""

    @property
    def wide(self) -> bool:
        return self.control.kind in WIDE or self.spec.title

    @property
    def id(self) -> str:
        return f"f-{self.spec.key}"

    @property
    def radios(self) -> bool:
        """A required choice of few values is drawn as radio buttons."""
        return self.control.kind in SELECTS and self.control.required and 0 < len(self.control.choices) <= 4

    @property
    def select(self) -> bool:
        return self.control.kind in SELECTS and not self.radios

    @property
    def described(self) -> str:
        """The ids of what explains the control, for `aria-describedby`."""
        parts = [f"{self.id}-error"] if self.errors else []
        return " ".join([*parts, f"{self.id}-help"] if self.control.help else parts)


@dataclass(frozen=True, slots=True)
class Section:
    """A titled group of controls."""

    key: str
    title: str
    fields: tuple[FormField, ...]

    @property
    def wrong(self) -> int:
        """How many controls here were refused."""
        return sum(1 for field in self.fields if field.errors)


@dataclass(frozen=True, slots=True)
class Form:
    """The whole form; `errors` are those of the record as a whole."""

    sections: tuple[Section, ...]
    errors: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[FormField, ...]:
        return tuple(field for section in self.sections for field in section.fields)

    @property
    def wrong(self) -> tuple[FormField, ...]:
        """The refused controls, for the links in the foot."""
        return tuple(field for field in self.fields if field.errors)


def writable(actor: MemberActor, spec: TypeSpec) -> tuple[FieldSpec, ...]:
    """The fields of the form, in the type's order."""
    return records.fields_for(spec, actor, Purpose.WRITE)


def quick_fields(actor: MemberActor, spec: TypeSpec) -> tuple[FieldSpec, ...]:
    """What the drawer asks for: required fields, and those that the type names for it."""
    return tuple(field for field in writable(actor, spec) if field.required or field.key in spec.quick)


def posted(fields: Sequence[FieldSpec], data: QueryDict) -> Raw:
    """What was posted for these fields, as typed. A field that the form did not show is not in it."""
    raw: Raw = {}
    for field in fields:
        kind = field.kind.control_kind
        pieces = {name: data[f"{field.key}__{name}"] for name in field.kind.pieces if f"{field.key}__{name}" in data}
        if pieces:
            raw[field.key] = pieces
            continue
        if field.key not in data and f"{field.key}{GIVEN_SUFFIX}" not in data:
            continue
        if kind in MULTIPLE:
            raw[field.key] = [value for value in data.getlist(field.key) if value]
        elif kind == "lookup":
            raw[field.key] = data.get(field.key, "") or data.get(f"{field.key}{TEXT_SUFFIX}", "")
        else:
            raw[field.key] = data.get(field.key, "")
    return raw


def build(
    spec: TypeSpec,
    fields: Sequence[FieldSpec],
    *,
    values: Mapping[str, Any],
    fmt: Format,
    raw: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None,
    errors: Mapping[str, tuple[str, ...]] | None = None,
) -> Form:
    """The form with `values`, over which `raw` (what was posted) is laid; `texts` are the typed texts of look-ups."""
    errors = errors or {}
    made = {
        field.key: FormField(
            _control(field, values.get(field.key), fmt, raw, texts),
            field,
            errors.get(field.key, ()),
            reverse("note", args=[spec.key, field.key]) if field.kind.noted else "",
        )
        for field in fields
    }
    sections = [_section(panel, made, number) for number, panel in enumerate(_panels(spec), 1)]
    if made:
        sections.append(Section("more", _("更多资料") if sections else str(spec.title), tuple(made.values())))
    whole = tuple(text for key, found in errors.items() if key not in {field.key for field in fields} for text in found)
    return Form(tuple(section for section in sections if section.fields), whole)


def _panels(spec: TypeSpec) -> tuple[PanelSpec, ...]:
    return tuple(panel for panel in (spec.form or spec.layout) if panel.kind == "fields")


def _section(panel: PanelSpec, made: dict[str, FormField], number: int) -> Section:
    taken = tuple(made.pop(key) for key in panel.fields if key in made)
    return Section(f"s{number}", str(panel.title), taken)


def _control(
    field: FieldSpec, value: Any, fmt: Format, raw: Mapping[str, Any] | None, texts: Mapping[str, str] | None
) -> Control:
    control = field.kind.control(field, value, fmt)
    if raw is None or field.key not in raw:
        return control
    given = raw[field.key]
    if isinstance(field.kind, Pieced) and isinstance(given, Mapping):
        return field.kind.filled(field, given)
    control = replace(control, note=None)
    if control.choices:
        chosen = set(given) if isinstance(given, list) else {str(given)}
        return replace(control, value=str(given), choices=tuple(_chosen(choice, chosen) for choice in control.choices))
    if control.kind == "lookup":
        return replace(control, value=str(given), title=(texts or {}).get(field.key, control.title))
    return replace(control, value=str(given))


def _chosen(choice: Choice, chosen: set[str]) -> Choice:
    return replace(choice, selected=choice.key in chosen)
