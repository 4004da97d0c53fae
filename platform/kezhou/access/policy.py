"""What one actor may do with one type of record: operations, each over a scope, and levels of fields.

Compiled from roles once per member and shape version, then only read. PRM-01, PRM-02, PRM-04.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from kezhou.access.conditions import And, Condition, Everything, In, Is, Nothing, Or, Terms, either
from kezhou.records.spec import Level

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from kezhou.access.actor import Actor

__all__ = [
    "OPERATIONS",
    "And",
    "Condition",
    "Everything",
    "In",
    "Is",
    "Nothing",
    "Operation",
    "Or",
    "Policy",
    "Scope",
    "Terms",
    "either",
    "full_policy",
    "policy_for",
]


class Operation(StrEnum):
    """What can be granted on a type of record."""

    READ = "read"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    IMPORT = "import"
    EXPORT = "export"


OPERATIONS = tuple(Operation)


class Scope(StrEnum):
    """How far a grant reaches, from least to most. For create and import only none and all differ."""

    NONE = "none"
    OWN = "own"
    DEPARTMENT = "department"
    BELOW = "below"
    ALL = "all"

    @property
    def width(self) -> int:
        """0 for none to 4 for all, so that two scopes can be compared."""
        return tuple(Scope).index(self)


NOTHING = Nothing()


@dataclass(frozen=True, slots=True)
class Policy:
    """The compiled right of one actor on one type; equal `shape` means equal SQL text.

    `beside` says whether what hangs on a record that the actor sees, comments and files, is the actor's to find as well.
    """

    type: str
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    levels: Mapping[str, Level] = field(default_factory=dict)
    default_level: Level = Level.EDIT
    beside: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "conditions", MappingProxyType(dict(self.conditions)))
        object.__setattr__(self, "levels", MappingProxyType(dict(self.levels)))

    @property
    def operations(self) -> frozenset[str]:
        """Operations allowed on at least some rows."""
        return frozenset(name for name, condition in self.conditions.items() if not isinstance(condition, Nothing))

    @property
    def condition(self) -> Condition:
        """The rows that may be read."""
        return self.condition_for(Operation.READ)

    def condition_for(self, operation: str) -> Condition:
        """The rows on which `operation` is allowed (for create: rows as they are after the write).

        A verb of the type on which no role has said anything is allowed where changing is.
        """
        if operation not in self.conditions and operation not in OPERATIONS:
            return self.conditions.get(Operation.UPDATE, NOTHING)
        return self.conditions.get(operation, NOTHING)

    def allows(self, operation: str) -> bool:
        """True when the operation is allowed on at least some rows."""
        return not isinstance(self.condition_for(operation), Nothing)

    def reaches(self, operation: str, row: Mapping[str, object]) -> bool:
        """Whether the operation is allowed on this row (`owner`, `department` as pks), which the actor is known to see: a condition
        that is the one of reading has been asked already, whatever facts it needs."""
        condition = self.condition_for(operation)
        return not isinstance(condition, Nothing) and (condition == self.condition or condition.holds(row))

    def level(self, key: str) -> Level:
        """What may be done with one field."""
        return self.levels.get(key, self.default_level)

    def explain(self, row: Mapping[str, object]) -> str | None:
        """Why the row (`owner`, `department` as pks) is visible, or None when it is not."""
        return self.condition.explain(row)

    @property
    def shape(self) -> str:
        """The policy without its values, to cache compiled SQL under."""
        levels = ",".join(f"{key}={level}" for key, level in sorted(self.levels.items()))
        return f"{self.condition.shape()}|{levels}|{self.default_level}"


def full_policy(type_key: str, *, reason: StrOrPromise = "") -> Policy:
    """Everything on every row: for administrators and `System`."""
    everything = Everything(reason)
    return Policy(type_key, {operation.value: everything for operation in Operation})


def policy_for(actor: Actor, type_key: str) -> Policy:
    """The compiled policy of this actor on this type; a type without a grant gives a policy that allows nothing."""
    return actor.policy(type_key)
