"""Conditions on a row itself, beside those on whose it is: this one record, an own link of the row, the value of one of its fields.

Partners are given rows by them (`portal.policies`): their own record, what points to it, and of that only some classes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from kezhou.access.conditions import Terms
from kezhou.records.sql import Sql, quoted

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Itself:
    """The one row with this primary key."""

    pk: int
    reason: StrOrPromise = ""

    def q(self, prefix: str = "") -> Q:
        return Q(**{f"{prefix}pk": self.pk})

    def sql(self, ref: str) -> Sql:
        return Sql(f"{ref}.id = %s", (self.pk,))

    def terms(self) -> Terms:
        return ("pk", (self.pk,))

    def holds(self, row: Mapping[str, Any]) -> bool:
        return bool(row.get("pk") == self.pk)

    def explain(self, row: Mapping[str, Any]) -> str | None:
        return str(self.reason) if self.holds(row) else None

    def shape(self) -> str:
        return "itself"


@dataclass(frozen=True, slots=True)
class OwnLink:
    """Rows whose link `field`, one that the company added itself (kept in `custom`), points to `value`."""

    field: str
    value: int
    reason: StrOrPromise = ""

    def q(self, prefix: str = "") -> Q:
        return Q(**{f"{prefix}custom__contains": {self.field: self.value}})

    def sql(self, ref: str) -> Sql:
        return Sql(f"{ref}.{quoted('custom')} @> %s::jsonb", (json.dumps({self.field: self.value}),))

    def terms(self) -> Terms:
        return ("in", self.field, (self.value,))

    def holds(self, row: Mapping[str, Any]) -> bool:
        return bool(row.get(self.field) == self.value)

    def explain(self, row: Mapping[str, Any]) -> str | None:
        return str(self.reason) if self.holds(row) else None

    def shape(self) -> str:
        return f"own:{self.field}"


@dataclass(frozen=True, slots=True)
class Among:
    """Rows whose choice `field` has one of `values`; a row without a value is in it only where "" is one of them."""

    field: str
    values: frozenset[str]
    reason: StrOrPromise = ""

    def q(self, prefix: str = "") -> Q:
        return Q(**{f"{prefix}{self.field}__in": sorted(self.values)})

    def sql(self, ref: str) -> Sql:
        return Sql(f"{ref}.{quoted(self.field)} = ANY(%s)", (sorted(self.values),))

    def terms(self) -> Terms:
        return ("value", self.field, tuple(sorted(self.values)))

    def holds(self, row: Mapping[str, Any]) -> bool:
        return (row.get(self.field) or "") in self.values

    def explain(self, row: Mapping[str, Any]) -> str | None:
        return str(self.reason) if self.holds(row) else None

    def shape(self) -> str:
        return f"among:{self.field}"
