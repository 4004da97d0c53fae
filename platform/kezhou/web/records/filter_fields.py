"""What the filter builder offers: fields with their operators and options, linked records, records that point here."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kezhou import records
from kezhou.access.actor import MemberActor
from kezhou.records.fields import Format
from kezhou.records.fields.relative import LABELS as RELATIVE
from kezhou.records.spec import FieldSpec, Purpose, TypeSpec
from kezhou.web.records.forms import many_url


def builder_fields(actor: MemberActor, spec: TypeSpec) -> list[dict[str, Any]]:
    """Every field that may be filtered by; `further` names the type whose fields can be reached through a link."""
    present = records.types(actor)
    return [
        {**_field(spec, field), "further": field.target if field.target in present else ""}
        for field in records.fields_for(spec, actor, Purpose.FILTER)
    ]


def _field(spec: TypeSpec, field: FieldSpec) -> dict[str, Any]:
    control = field.kind.control(field, None, Format())
    options = [[choice.key, choice.label] for choice in control.choices]
    return {
        "key": field.key,
        "label": str(field.label),
        "kind": "options" if options else control.kind,
        "operators": [[key, str(label)] for key, label in field.kind.operators(field).items()],
        "options": options,
        "spelling": many_url(spec.key, field.key, control),
        "target": field.target or "",
        "relative": [[key, str(label)] for key, label in RELATIVE.items()] if field.kind.dated else [],
        "counted": _counted() if field.kind.dated else [],
    }


def _counted() -> list[list[str]]:
    return [
        ["last", _("最近 N 天")],
        ["next", _("未来 N 天")],
        ["before", _("N 天以前")],
        ["after", _("N 天以后")],
    ]


def pointing(actor: MemberActor, spec: TypeSpec) -> list[dict[str, str]]:
    """Links of other types to this one, as far as the actor may see those records."""
    present = records.types(actor)
    found = []
    for link in spec.referrers:
        other = present.get(link.type)
        field = other.by_key.get(link.field) if other is not None else None
        if other is None or field is None or field.system:
            continue
        twice = link.type == spec.key or sum(1 for each in spec.referrers if each.type == link.type) > 1
        label = f"{other.title}（{field.label}）" if twice else str(other.title)
        found.append({"key": f"{link.type}:{link.field}", "type": link.type, "label": label})
    return sorted(found, key=lambda each: each["type"] == spec.key)
