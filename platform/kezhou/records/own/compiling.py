"""From a definition to a `TypeSpec` that no reader can tell from a declared one.

`declared` makes the type as its row says it; `finished` adds what the definition says about own fields, once these are known. What
names a field that is hidden now is passed over: hiding a field never breaks its type.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from kezhou.records.compiling import compile_type
from kezhou.records.link import Link
from kezhou.records.own import states
from kezhou.records.own.models import SHARED_BY_TYPES, OwnLine, OwnRecord, OwnType
from kezhou.records.registry import WITNESSES
from kezhou.records.spec import FieldSpec, LinkSpec, PanelSpec, SearchSpec, TypeSpec
from kezhou.records.structure import LinesSpec, ParentSpec
from kezhou.records.structuring import POSITION
from kezhou.records.types import Access, RecordType, Search

PLUGIN = "own"
NAME = "name"
PARENT = "parent"
BY_NUMBER = "number"
COLUMNS_SHOWN = 5
SUMMED = frozenset({"money", "number"})
_MODELS = {"access.member": "core.member", "access.department": "core.department"}


@dataclass(frozen=True, slots=True)
class Definitions:
    """The definitions of a tenant that are not removed, by key, and the line types of each."""

    rows: Mapping[str, OwnType]

    def lines_of(self, row: OwnType) -> list[OwnType]:
        """The line types of a type, in order."""
        return [line for line in self.rows.values() if line.parent_id == row.pk]


def load() -> Definitions:
    """Every definition of the present tenant, in one statement. Lines of a removed type go with it."""
    rows = {row.pk: row for row in OwnType.objects.filter(removed=False).order_by("position", "id")}
    return Definitions({row.key: row for row in rows.values() if row.parent_id is None or row.parent_id in rows})


def declared(definitions: Definitions) -> dict[str, TypeSpec]:
    """The types as their rows say, without own fields."""
    return {key: _declared(row) for key, row in definitions.rows.items()}


def _declared(row: OwnType) -> TypeSpec:
    keys = {**_MODELS, OwnRecord._meta.label_lower: f"own.t_{row.parent_id}"}
    spec = compile_type(_declaration(row), plugin=PLUGIN, keys=keys)
    fields = tuple(_standard(row, field) for field in spec.fields if field.key != NAME or row.titled_by == NAME)
    return replace(
        spec,
        fields=fields,
        section=row.section,
        discriminator=(SHARED_BY_TYPES, row.pk),
        hidden=row.parent_id is not None,
        parent=ParentSpec(f"own.t_{row.parent_id}", PARENT, row.key.partition(".")[2]) if row.parent_id else None,
    )


def _declaration(row: OwnType) -> type[RecordType]:
    """The class that a programmer would have written; readers ask it for `access`, `number` and the like."""
    line = row.parent_id is not None
    title = NAME if row.titled_by == NAME else BY_NUMBER
    facts: dict[str, Any] = {
        "key": row.key,
        "model": OwnLine if line else OwnRecord,
        "title": row.title,
        "access": Access.PARENT if line else Access(row.access),
        "personal_data": (),
        "icon": row.icon,
        "order": row.position,
        "title_field": title,
        "search": Search(title=title, codes=(BY_NUMBER,)),
        "person": row.person,
        "number": row.prefix,
        "operations": tuple(row.operations),
        "parent": PARENT if line else "",
    }
    return type("OwnRecordType", (RecordType,), facts)


def _standard(row: OwnType, field: FieldSpec) -> FieldSpec:
    if field.key == NAME:
        return replace(field, label=row.name_label, required=True)
    if field.key == BY_NUMBER and row.titled_by == BY_NUMBER:
        return replace(field, sort_column=None)
    return field


def finished(definitions: Definitions, types: Mapping[str, TypeSpec]) -> dict[str, TypeSpec]:
    """The own types with what their definitions say about fields; `types` are all types of the tenant, fields and all."""
    return {key: _finished(row, types, definitions) for key, row in definitions.rows.items()}


def _finished(row: OwnType, types: Mapping[str, TypeSpec], definitions: Definitions) -> TypeSpec:
    spec = types[row.key]
    own = tuple(field for field in spec.fields if field.custom)
    first = tuple(field for field in spec.fields if field.key == NAME)
    rest = tuple(field for field in spec.fields if not field.custom and field.key != NAME)
    known = partial(_known, spec)
    fields = (*(replace(field, personal=row.person) for field in first), *own, *rest)
    form = PanelSpec("fields", _("基本信息"), fields=tuple(field.key for field in (*first, *own)))
    layout = tuple(panel for panel in spec.layout if panel.kind != "fields")
    return replace(
        spec,
        fields=fields,
        layout=(form, *layout),
        form=(form,),
        columns=known(row.choices.get("columns", ())) or _columns(spec, own),
        quick=tuple(dict.fromkeys((*(field.key for field in first), *known(row.choices.get("quick", ()))))),
        sort=_sort(spec, row),
        twins=tuple((key,) for key in known(row.choices.get("twins", ()))),
        search=SearchSpec(
            title=spec.title_field,
            codes=(BY_NUMBER,),
            related=tuple(field.key for field in own if field.target and field.searchable),
        ),
        states=states.compiled(row.states, spec),
        lines=tuple(_lines(row, line, types) for line in definitions.lines_of(row)),
    )


def _known(spec: TypeSpec, keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(key for key in keys if key in spec.by_key)


def _columns(spec: TypeSpec, own: tuple[FieldSpec, ...]) -> tuple[str, ...]:
    shown = tuple(field.key for field in own if field.kind.sortable)[:COLUMNS_SHOWN]
    last = () if spec.parent else (*(("owner",) if spec.declaration.access is Access.OWNED else ()), "changed_at")
    return tuple(dict.fromkeys((spec.title_field, *shown, *last)))


def _sort(spec: TypeSpec, row: OwnType) -> tuple[str, ...]:
    chosen = tuple(key for key in row.choices.get("sort", ()) if key.lstrip("-") in spec.by_key)
    return chosen or ((POSITION,) if spec.parent else ("-created_at",))


def _lines(row: OwnType, line: OwnType, types: Mapping[str, TypeSpec]) -> LinesSpec:
    spec = types[line.key]
    own = tuple(field for field in spec.fields if field.custom)
    named = (NAME,) if NAME in spec.by_key else ()
    chosen = _known(spec, line.choices.get("totals", ()))
    totals = chosen if "totals" in line.choices else tuple(field.key for field in own if field.type == "money")
    return LinesSpec(
        line.key.partition(".")[2], line.key, PARENT, line.title, (*named, *(field.key for field in own)), totals
    )


# -- who points where --------------------------------------------------------------------------------------------------


def links(types: Mapping[str, TypeSpec]) -> dict[str, tuple[LinkSpec, ...]]:
    """By target type, the links that declared types know nothing of: own link fields of every type, and the links that all
    records have (owner, department, parent) of own types."""
    found: dict[str, list[LinkSpec]] = {}
    for spec in types.values():
        for field in spec.fields:
            word = _when_deleted(spec, field)
            if field.target in types and word:
                found.setdefault(str(field.target), []).append(LinkSpec(spec.key, field.key, word))
    return {target: tuple(specs) for target, specs in found.items()}


def _when_deleted(spec: TypeSpec, field: FieldSpec) -> str:
    if field.custom:
        return field.on_delete or ("" if str(field.target).startswith("core.") else "keep")
    if spec.discriminator is None or field.key in WITNESSES:
        return ""
    link = spec.model._meta.get_field(field.key)
    return link.when_deleted if isinstance(link, Link) else ""


def pointed_at(types: Mapping[str, TypeSpec]) -> dict[str, TypeSpec]:
    """All types, each knowing the links of `links` that lead to it."""
    found = links(types)
    return {
        key: replace(spec, referrers=(*spec.referrers, *found[key])) if key in found else spec
        for key, spec in types.items()
    }
