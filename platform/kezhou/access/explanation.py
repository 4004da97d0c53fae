"""What somebody may do, and why, in words (PRM-21)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from kezhou import records
from kezhou.access.actor import System
from kezhou.access.policy import OPERATIONS, Operation, Scope
from kezhou.access.rights import WHOLE, rights_of
from kezhou.records import shape

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SCOPE_LABELS: Mapping[Scope, StrOrPromise] = {
    Scope.NONE: _("不能"),
    Scope.OWN: _("本人"),
    Scope.DEPARTMENT: _("部门"),
    Scope.BELOW: _("含下级"),
    Scope.ALL: _("全部"),
}
OPERATION_LABELS: Mapping[Operation, StrOrPromise] = {
    Operation.READ: _("看"),
    Operation.CREATE: _("新建"),
    Operation.UPDATE: _("改"),
    Operation.DELETE: _("删除"),
    Operation.IMPORT: _("导入"),
    Operation.EXPORT: _("导出"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One operation on one type: its scope, and the word a person reads."""

    operation: str
    scope: Scope
    label: StrOrPromise
    width: int


@dataclass(frozen=True, slots=True)
class TypeRights:
    """What may be done with one type."""

    type: str
    title: StrOrPromise
    icon: str
    cells: tuple[Cell, ...]


def cell(operation: Operation, scope: Scope) -> Cell:
    """A cell as it is shown; operations that are granted or not read 能 and 不能."""
    if operation in WHOLE:
        return Cell(operation.value, scope, _("能") if scope.width else _("不能"), 1 if scope.width else 0)
    return Cell(operation.value, scope, SCOPE_LABELS[scope], scope.width)


def explained(member_pk: int, department_pk: int | None) -> tuple[TypeRights, ...]:
    """The effective rights of a member, type by type, several roles merged."""
    rights = rights_of(member_pk, department_pk, shape_version=shape.version())
    found = records.types(System("showing what a member may do")).values()
    return tuple(
        TypeRights(
            spec.key,
            spec.title,
            spec.icon,
            tuple(
                cell(operation, rights.scope(spec.key, operation))
                for operation in OPERATIONS
                if operation in spec.operations
            ),
        )
        for spec in found
        if spec.parent is None
    )
