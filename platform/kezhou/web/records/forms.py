"""The form of a record: sections of controls made from the fields that the actor may write, and what was posted.

Nothing typed is ever lost: after a refused save every control holds again what was posted, with the sentence below it (BAS-03).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.records.fields import Choice, Control, Format
from kezhou.records.fields.files import FilesOf
from kezhou.records.fields.pieces import Pieced
from kezhou.records.fields.region import RegionOf
from kezhou.records.layouts import LayoutSpec, layout_for
from kezhou.records.layouts import Section as LayoutSection
from kezhou.records.spec import FieldSpec, Purpose, TypeSpec

MULTIPLE = frozenset({"multiselect", "files"})
SELECTS = frozenset({"select", "switch"})
MANY = 50
"""Beyond so many choices nobody reads on: they are searched."""
WIDE = frozenset({"textarea", "multiselect", "files"})
TEXT_SUFFIX = "__text"
GIVEN_SUFFIX = "__given"
KEPT_PREFIX = "kept__"

Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FormField:
    """One control with the sentences below it; `wide` takes the full width. `many` is where the readings of its choices are asked for,
    when there are so many that they are searched."""

    control: Control
    spec: FieldSpec
    errors: tuple[str, ...] = ()
    note_url: str = ""
    many: str = ""
    placed_wide: bool | None = None

    @property
    def wide(self) -> bool:
        """As the layout says; where it says nothing, long controls and titles are wide."""
        if self.placed_wide is not None:
            return self.placed_wide
        return self.control.kind in WIDE or self.spec.title

    @property
    def id(self) -> str:
        return f"f-{self.spec.key}"

    @property
    def radios(self) -> bool:
        """A required choice of few values is drawn as radio buttons."""
        few = 0 < len(self.control.choices) <= 4
        return self.control.kind in SELECTS and self.control.required and few and not self.control.follows

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
    """A titled group of controls in one to three columns. A `closed` one holds none until somebody opens it; `keys` are its fields."""

    key: str
    title: str
    fields: tuple[FormField, ...]
    columns: int = 2
    closed: bool = False
    keys: tuple[str, ...] = ()

    @property
    def wrong(self) -> int:
        """How many controls here were refused."""
        return sum(1 for field in self.fields if field.errors)


@dataclass(frozen=True, slots=True)
class FormTab:
    """Some sections under one heading."""

    key: str
    title: str
    sections: tuple[Section, ...]

    @property
    def wrong(self) -> int:
        """How many controls here were refused."""
        return sum(section.wrong for section in self.sections)


@dataclass(frozen=True, slots=True)
class Form:
    """The whole form; `errors` are those of the record as a whole, `kept` what was typed for fields that this layout has not."""

    tabs: tuple[FormTab, ...]
    errors: tuple[str, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()

    @property
    def sections(self) -> tuple[Section, ...]:
        return tuple(section for tab in self.tabs for section in tab.sections)

    @property
    def fields(self) -> tuple[FormField, ...]:
        return tuple(field for section in self.sections for field in section.fields)

    @property
    def wrong(self) -> tuple[FormField, ...]:
        """The refused controls, for the links in the foot."""
        return tuple(field for field in self.fields if field.errors)

    @property
    def shown(self) -> str:
        """The key of the tab that is in front: the first with something wrong, else the first."""
        return next((tab.key for tab in self.tabs if tab.wrong), self.tabs[0].key if self.tabs else "")


def writable(actor: Actor, spec: TypeSpec) -> tuple[FieldSpec, ...]:
    """The fields of the form, in the type's order."""
    return records.fields_for(spec, actor, Purpose.WRITE)


def quick_fields(actor: Actor, spec: TypeSpec) -> tuple[FieldSpec, ...]:
    """What the drawer asks for, in the order of the layout: its quick fields, and required ones always."""
    known = {field.key: field for field in writable(actor, spec)}
    return tuple(known[key] for key in layout_for(actor, spec).quick if key in known)


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


def with_kept(data: QueryDict) -> QueryDict:
    """What was posted, with what waited in the page for fields that the form had not while they were another class's."""
    whole = data.copy()
    for name in data:
        key = name.removeprefix(KEPT_PREFIX)
        if key != name and key not in whole:
            whole.setlist(key, data.getlist(name))
    return whole


def build(
    spec: TypeSpec,
    fields: Sequence[FieldSpec],
    *,
    values: Mapping[str, Any],
    fmt: Format,
    raw: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None,
    errors: Mapping[str, tuple[str, ...]] | None = None,
    layout: LayoutSpec | None = None,
    opened: Collection[str] = (),
) -> Form:
    """The form with `values`, over which `raw` (what was posted) is laid; `texts` are the typed texts of look-ups.

    Arranged as `layout` says, where closed sections stay closed unless they are `opened` or hold something posted or refused;
    without a layout all fields follow each other.
    """
    errors, known = errors or {}, {field.key: field for field in fields}

    def made(key: str, wide: bool | None = None) -> FormField:
        control = control_of(known[key], values.get(key), fmt, raw, texts)
        if known[key].within:
            control = replace(control, above=str(values.get(control.follows) or ""))
        note = reverse("note", args=[spec.key, key]) if known[key].kind.noted else ""
        return FormField(control, known[key], errors.get(key, ()), note, many_url(spec.key, key, control), wide)

    def section(part: LayoutSection) -> Section:
        touched = part.key in opened or any(key in errors or key in (raw or {}) for key in part.keys)
        if part.lazy and not touched:
            return Section(part.key, str(part.title), (), part.columns, True, part.keys)
        shown = tuple(made(place.key, place.wide) for place in part.places if place.key in known)
        return Section(part.key, str(part.title), shown, part.columns, False, part.keys)

    tabs = tuple(
        FormTab(tab.key, str(tab.title), tuple(section(part) for part in tab.sections))
        for tab in (layout.form if layout else ())
    )
    if layout is None:
        tabs = (FormTab("t1", "", (Section("s1", str(spec.title), tuple(made(key) for key in known)),)),)
    there = {key for tab in tabs for part in tab.sections for key in (part.keys or [f.spec.key for f in part.fields])}
    inside = {lines.key for lines in spec.lines}
    whole = tuple(
        text
        for key, found in errors.items()
        if key not in there and key.partition(".")[0] not in inside
        for text in found
    )
    return Form(tabs, whole, _kept(raw or {}, there, texts or {}))


def many_url(type_key: str, key: str, control: Control) -> str:
    """Where the readings of a field's choices are asked for; empty where there are few."""
    return reverse("choice-spelling", args=[type_key, key]) if len(control.choices) > MANY else ""


def _kept(raw: Mapping[str, Any], there: Collection[str], texts: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What was typed for fields that another record class has: it waits in the page, in case the class is put back."""
    away = {key: given for key, given in raw.items() if key not in there}
    pairs = [pair for key, given in away.items() for pair in _pairs(key, given)]
    pairs += [(f"{key}{TEXT_SUFFIX}", texts[key]) for key in away if key in texts]
    return tuple((f"{KEPT_PREFIX}{name}", value) for name, value in pairs if value)


def _pairs(key: str, given: Any) -> list[tuple[str, str]]:
    if isinstance(given, Mapping):
        return [(f"{key}__{piece}", str(value)) for piece, value in given.items()]
    return [(key, str(value)) for value in (given if isinstance(given, list) else [given])]


def control_of(
    field: FieldSpec, value: Any, fmt: Format, raw: Mapping[str, Any] | None, texts: Mapping[str, str] | None
) -> Control:
    """The control of a field with its value, or with what was posted for it."""
    control = field.kind.control(field, value, fmt)
    if raw is None or field.key not in raw:
        return control
    given = raw[field.key]
    if isinstance(field.kind, Pieced) and isinstance(given, Mapping):
        return field.kind.filled(field, given)
    if isinstance(field.kind, FilesOf) and isinstance(given, list):
        return field.kind.filled(control, given)
    if isinstance(field.kind, RegionOf):
        return field.kind.filled(field, replace(control, value=str(given)), given)
    control = replace(control, note=None)
    if control.choices:
        chosen = set(given) if isinstance(given, list) else {str(given)}
        return replace(control, value=str(given), choices=tuple(_chosen(choice, chosen) for choice in control.choices))
    if control.kind == "lookup":
        return replace(control, value=str(given), title=(texts or {}).get(field.key, control.title))
    return replace(control, value=str(given))


def _chosen(choice: Choice, chosen: set[str]) -> Choice:
    return replace(choice, selected=choice.key in chosen)
