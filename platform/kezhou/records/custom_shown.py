"""The own fields of a type as their settings page shows them: definition, state of what the worker builds, how often they are filled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from kezhou.records.custom_checks import type_with_fields
from kezhou.records.custom_specs import field_spec
from kezhou.records.models import CustomField
from kezhou.records.rows import run_one
from kezhou.records.spec import FieldSpec
from kezhou.records.sql import Sql, literal, quoted
from tenants.context import current

if TYPE_CHECKING:
    from kezhou.access.actor import Actor


@dataclass(frozen=True, slots=True)
class OwnField:
    """An own field as its settings page shows it: the spec, its rules as stored, and where it stands."""

    spec: FieldSpec
    rules: Mapping[str, Any]
    hidden: bool
    marked: bool
    index_state: str
    position: int
    kind: str = ""
    fill_job: int | None = None
    unique_state: str = ""
    purged: str = ""


def fields(actor: Actor, type: str, *, hidden: bool = False) -> tuple[OwnField, ...]:
    """The own fields of a type in their order, hidden ones at the end when asked for."""
    spec = type_with_fields(actor, type)
    rows = CustomField.objects.filter(type=spec.key).order_by("removed", "position", "id")
    return tuple(
        OwnField(
            spec.by_key.get(f"c_{row.pk}", field_spec(row)),
            row.rules,
            row.removed,
            row.indexed,
            row.index_state,
            row.position,
            row.kind,
            row.fill_job,
            row.unique_state,
            _purged(row),
        )
        for row in rows
        if hidden or not row.removed
    )


def _purged(row: CustomField) -> str:
    """Who deleted the values for good, when and of how many records; empty when nobody did."""
    if row.purged_at is None:
        return ""
    at = row.purged_at.astimezone(current().zone)
    return _("%(name)s于 %(at)s 清除了 %(count)s 条记录里的值") % {
        "name": row.purged_by,
        "at": f"{at:%Y-%m-%d %H:%M}",
        "count": f"{row.purged:,}",
    }


def fill_rates(actor: Actor, type: str) -> dict[str, tuple[int, int]]:
    """For every field, own and hidden ones included, how many records have it filled, and how many there are: one statement."""
    spec = type_with_fields(actor, type)
    own = CustomField.objects.filter(type=spec.key).order_by("position", "id").values_list("pk", flat=True)
    tests = {f"c_{pk}": f"t.custom ? {literal(f'c_{pk}')}" for pk in own}
    tests |= {
        field.key: f"t.{quoted(field.column)}::text NOT IN ('', '{{}}', '[]')" for field in spec.fields if field.column
    }
    counts = ", ".join(f"count(*) FILTER (WHERE {test})" for test in tests.values())
    total, *filled = run_one(Sql(f"SELECT count(*), {counts} FROM {spec.rows} t WHERE t.deleted_at IS NULL"))
    return {key: (number, total) for key, number in zip(tests, filled, strict=True)}
