"""Which rows an actor may touch, as a small tree that compiles to Django, to SQL, to search, and explains itself.

Fields are named as in records (`owner`, `department`); their columns end in `_id`. Sets are bound as one array
parameter, so a tree of the same shape is always the same SQL text and PostgreSQL keeps its plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import TYPE_CHECKING, Any, Protocol

from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from kezhou.records.sql import FALSE, TRUE, Sql, all_of, any_of, quoted

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Terms = tuple[Any, ...]


class Condition(Protocol):
    """One node of the tree."""

    def q(self, prefix: str = "") -> Q:
        """For the ORM; `prefix` is a link path such as `customer__`."""

    def sql(self, ref: str) -> Sql:
        """For compiled lists; `ref` is the table or its alias, already quoted where needed."""

    def terms(self) -> Terms:
        """For search: ("all",), ("none",), ("in", field, pks), ("and", ...terms), ("or", ...terms), ("link", field, terms).

        Sets are exact.
        """

    def holds(self, row: Mapping[str, Any]) -> bool:
        """Whether this row (`{"owner": pk, "department": pk}`) is inside; for many rows at once, where no sentence is shown."""

    def explain(self, row: Mapping[str, Any]) -> str | None:
        """Why this row (`{"owner": pk, "department": pk}`) is inside, as a sentence; None when it is not."""

    def shape(self) -> str:
        """The tree without its values: equal shapes give equal SQL text."""


@dataclass(frozen=True, slots=True)
class Everything:
    """All rows of the tenant."""

    reason: StrOrPromise = attribute(default="", compare=False)

    def q(self, prefix: str = "") -> Q:
        return Q()

    def sql(self, ref: str) -> Sql:
        return TRUE

    def terms(self) -> Terms:
        return ("all",)

    def holds(self, row: Mapping[str, Any]) -> bool:
        return True

    def explain(self, row: Mapping[str, Any]) -> str | None:
        return str(self.reason) or _("因你的角色可见全部而可见")

    def shape(self) -> str:
        return "all"


@dataclass(frozen=True, slots=True)
class Nothing:
    """No row at all."""

    def q(self, prefix: str = "") -> Q:
        return Q(pk__in=[])

    def sql(self, ref: str) -> Sql:
        return FALSE

    def terms(self) -> Terms:
        return ("none",)

    def holds(self, row: Mapping[str, Any]) -> bool:
        return False

    def explain(self, row: Mapping[str, Any]) -> str | None:
        return None

    def shape(self) -> str:
        return "none"


@dataclass(frozen=True, slots=True)
class Is:
    """Rows whose link `field` points to `value`."""

    field: str
    value: int
    reason: StrOrPromise = attribute(default="", compare=False)

    def q(self, prefix: str = "") -> Q:
        return Q(**{f"{prefix}{self.field}_id": self.value})

    def sql(self, ref: str) -> Sql:
        return Sql(f"{ref}.{quoted(self.field + '_id')} = %s", (self.value,))

    def terms(self) -> Terms:
        return ("in", self.field, (self.value,))

    def holds(self, row: Mapping[str, Any]) -> bool:
        return bool(row.get(self.field) == self.value)

    def explain(self, row: Mapping[str, Any]) -> str | None:
        return str(self.reason) if row.get(self.field) == self.value else None

    def shape(self) -> str:
        return f"is:{self.field}"


@dataclass(frozen=True, slots=True)
class In:
    """Rows whose link `field` points to one of `values`."""

    field: str
    values: frozenset[int]
    reason: StrOrPromise = attribute(default="", compare=False)

    def q(self, prefix: str = "") -> Q:
        return Q(**{f"{prefix}{self.field}_id__in": sorted(self.values)})

    def sql(self, ref: str) -> Sql:
        return Sql(f"{ref}.{quoted(self.field + '_id')} = ANY(%s)", (sorted(self.values),))

    def terms(self) -> Terms:
        return ("in", self.field, tuple(sorted(self.values)))

    def holds(self, row: Mapping[str, Any]) -> bool:
        return row.get(self.field) in self.values

    def explain(self, row: Mapping[str, Any]) -> str | None:
        return str(self.reason) if row.get(self.field) in self.values else None

    def shape(self) -> str:
        return f"in:{self.field}"


@dataclass(frozen=True, slots=True)
class And:
    """Rows that every part lets in."""

    parts: tuple[Condition, ...]

    def q(self, prefix: str = "") -> Q:
        whole = Q()
        for part in self.parts:
            whole &= part.q(prefix)
        return whole

    def sql(self, ref: str) -> Sql:
        return all_of([part.sql(ref) for part in self.parts])

    def terms(self) -> Terms:
        return ("and", *(part.terms() for part in self.parts))

    def holds(self, row: Mapping[str, Any]) -> bool:
        return all(part.holds(row) for part in self.parts)

    def explain(self, row: Mapping[str, Any]) -> str | None:
        reasons = [part.explain(row) for part in self.parts]
        return None if None in reasons else "，".join(reason for reason in reasons if reason)

    def shape(self) -> str:
        return f"and({','.join(part.shape() for part in self.parts)})"


@dataclass(frozen=True, slots=True)
class Or:
    """Rows that one part lets in."""

    parts: tuple[Condition, ...]

    def q(self, prefix: str = "") -> Q:
        whole = Q(pk__in=[])
        for part in self.parts:
            whole |= part.q(prefix)
        return whole

    def sql(self, ref: str) -> Sql:
        return any_of([part.sql(ref) for part in self.parts])

    def terms(self) -> Terms:
        return ("or", *(part.terms() for part in self.parts))

    def holds(self, row: Mapping[str, Any]) -> bool:
        return any(part.holds(row) for part in self.parts)

    def explain(self, row: Mapping[str, Any]) -> str | None:
        reasons = (part.explain(row) for part in self.parts)
        return next((reason for reason in reasons if reason is not None), None)

    def shape(self) -> str:
        return f"or({','.join(part.shape() for part in self.parts)})"


@dataclass(frozen=True, slots=True)
class Through:
    """Rows whose link `field` leads to one of `rows` (as they stand in FROM) that is inside `inner`: the lines of an order follow the order.

    For `holds` and `explain` the facts of the linked row stand under the link's name (`{"order": {"owner": 7, …}}`).
    """

    field: str
    rows: str
    inner: Condition

    def q(self, prefix: str = "") -> Q:
        rows = self._rows()
        return Q(**{f"{prefix}{self.field}_id__in": RawSQL(rows.text, rows.params)})  # noqa: S611 - names from models only

    def sql(self, ref: str) -> Sql:
        rows = self._rows()
        return Sql(f"{ref}.{quoted(self.field + '_id')} IN ({rows.text})", rows.params)

    def _rows(self) -> Sql:
        inner = self.inner.sql("linked")
        return Sql(f"SELECT linked.id FROM {self.rows} linked WHERE {inner.text}", inner.params)  # noqa: S608 - names from models only

    def terms(self) -> Terms:
        return ("link", self.field, self.inner.terms())

    def holds(self, row: Mapping[str, Any]) -> bool:
        return self.field in row and self.inner.holds(row[self.field])

    def explain(self, row: Mapping[str, Any]) -> str | None:
        return self.inner.explain(row[self.field]) if self.field in row else None

    def shape(self) -> str:
        return f"through:{self.field}({self.inner.shape()})"


def through(field: str, rows: str, inner: Condition) -> Condition:
    """The condition of a linked row, as small as it can be."""
    return inner if isinstance(inner, (Everything, Nothing)) else Through(field, rows, inner)


def either(*parts: Condition) -> Condition:
    """One of the parts, made as small as it can be."""
    if any(isinstance(part, Everything) for part in parts):
        return next(part for part in parts if isinstance(part, Everything))
    held = tuple(dict.fromkeys(part for part in parts if not isinstance(part, Nothing)))
    if not held:
        return Nothing()
    return held[0] if len(held) == 1 else Or(held)
