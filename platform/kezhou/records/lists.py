"""The lists on a record's page: one for each link by which records of another type point here, behind those that are declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from django.utils.text import format_lazy

from kezhou.records.spec import FieldSpec, LinkSpec, PanelSpec, TypeSpec

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

CORE = "core."
"""Everything points at people and departments: their pages list each type once (`layouts.resolving`), not by each link."""


def applied(types: Mapping[str, TypeSpec]) -> dict[str, TypeSpec]:
    """All types with the lists of what points at them, before the timeline."""
    return {key: spec if key.startswith(CORE) else _listing(spec, types) for key, spec in types.items()}


def _listing(spec: TypeSpec, types: Mapping[str, TypeSpec]) -> TypeSpec:
    first = tuple(panel for panel in spec.layout if panel.kind != "timeline")
    last = tuple(panel for panel in spec.layout if panel.kind == "timeline")
    return replace(spec, layout=(*first, *_lists(spec, types), *last))


def _lists(spec: TypeSpec, types: Mapping[str, TypeSpec]) -> Iterator[PanelSpec]:
    declared = {
        (panel.type, panel.link or first_link(types[str(panel.type)], spec)) for panel in spec.layout if panel.type
    }
    for link in spec.referrers:
        other = types[link.type]
        field = other.by_key.get(link.field)
        if field is not None and (link.type, link.field) not in declared and _listed(spec, link, other, field):
            yield PanelSpec("related", _title(spec, other, field), type=other.key, link=field.key)


def _listed(spec: TypeSpec, link: LinkSpec, other: TypeSpec, field: FieldSpec) -> bool:
    """Lines stand on the page already, and who is above whom in a tree; the company's own links between records are all listed."""
    if field.custom:
        return other.parent is None
    return link.type != spec.key and link.type not in {lines.type for lines in spec.lines}


def _title(spec: TypeSpec, other: TypeSpec, field: FieldSpec) -> StrOrPromise:
    """The title of the other type; the link is named where several lead from it to this one."""
    several = sum(1 for each in other.fields if each.target == spec.key) > 1
    return format_lazy("{}（{}）", other.title, field.label) if several else other.title


def first_link(other: TypeSpec, spec: TypeSpec) -> str | None:
    """The first field of the other type that leads to this one."""
    return next((field.key for field in other.fields if field.target == spec.key), None)
