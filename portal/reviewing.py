"""What waits for review within the company is not the partner's to see: neither in lists nor by its number (POR-20, SRH-10).

What the partner's own people entered stays theirs to see while it waits, and nobody else's outside. Search, stricter, leaves out all that waits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.db.models.expressions import RawSQL

from kezhou.access.conditions import Terms
from kezhou.records.spec import TypeSpec
from kezhou.records.sql import Sql, quoted

ENTERED = (
    "EXISTS (SELECT 1 FROM records_history h JOIN portal_portaluser u ON h.actor = 'portal:' || u.id "
    "WHERE h.type = %s AND h.record = {ref}.id AND h.kind = 'created' AND u.partner_type = %s AND u.partner = %s)"
)
"""Whether somebody of the partner made the record."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Rows that do not wait for review, and those that people of this partner entered."""

    type: str
    rows: str
    field: str
    waiting: tuple[str, ...]
    partner_type: str
    partner: int

    def q(self, prefix: str = "") -> Q:
        inside = self.sql("waits")
        rows = f"SELECT waits.id FROM {self.rows} waits WHERE {inside.text}"  # noqa: S608 - names from models only
        return Q(**{f"{prefix}pk__in": RawSQL(rows, inside.params)})  # noqa: S611 - names from models only

    def sql(self, ref: str) -> Sql:
        state = f"COALESCE({ref}.{quoted(self.field)}, '') <> ALL(%s)"
        return Sql(
            f"({state} OR {ENTERED.format(ref=ref)})",
            (list(self.waiting), self.type, self.partner_type, self.partner),
        )

    def terms(self) -> Terms:
        return ("all",)  # search asks by itself whether a record waits

    def holds(self, row: Mapping[str, Any]) -> bool:
        return (row.get(self.field) or "") not in self.waiting

    def explain(self, row: Mapping[str, Any]) -> str | None:
        return "" if self.holds(row) else None

    def shape(self) -> str:
        return f"reviewed:{self.field}"


def reviewed(spec: TypeSpec, partner_type: str, partner: int) -> Reviewed | None:
    """The condition of a type whose records can wait for review; None for all others."""
    if spec.states is None or not spec.states.unreviewed:
        return None
    column = str(spec.by_key[spec.states.field].column)
    return Reviewed(spec.key, spec.rows, column, spec.states.unreviewed, partner_type, partner)
