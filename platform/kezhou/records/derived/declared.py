"""What says how a derived field is made: the same three classes for plugins' declarations and for tenants' own fields.

Such a field has the type of its result (number, money, text, date …), so lists, filters, sorting, indexes, export, search and API
treat it as any other; only nobody writes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

FUNCTIONS = ("count", "sum", "min", "max", "avg", "first", "last")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Derived:
    """`open` shows the value also to those who may not see the fields it is made of (their rights limit it otherwise)."""

    open: bool = False


@dataclass(frozen=True, slots=True)
class Formula(_Derived):
    """A value computed from other fields of the same record: `Formula("{quantity} * {price}")`, fields by key."""

    text: str


@dataclass(frozen=True, slots=True)
class Lookup(_Derived):
    """The value of `field` of the record to which the link field `link` points: `Lookup("customer", "category")`."""

    link: str
    field: str


@dataclass(frozen=True, slots=True)
class Rollup(_Derived):
    """One figure over the records of `type` that point here through `link`, such as `Rollup("orders.line", "order", "sum", "amount")`.

    `where` is a filter tree on those records; `by` is the field whose order decides what is first and last (creation when empty).
    """

    type: str
    link: str
    function: str
    field: str = ""
    where: Sequence[Any] = ()
    by: str = ""


Derived = Formula | Lookup | Rollup
