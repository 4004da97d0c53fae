"""The tab 权限: what each role may do with the type, and what nobody may."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kezhou.access import roles
from kezhou.access.explanation import OPERATION_LABELS
from kezhou.access.policy import OPERATIONS
from kezhou.access.rights import RoleRights
from kezhou.pages import PageRequest
from kezhou.records import type_of
from kezhou.records.own import defining
from kezhou.records.own.outlines import Outline
from kezhou.web.members.roles import row_of


def write(request: PageRequest, each: Outline) -> str:
    """Cells of every role that the form holds, then the operations that exist at all."""
    cells: dict[int, dict[str, str]] = {}
    for name in request.POST:
        role, _bar, cell = name.partition("|")
        key, _colon, operation = cell.partition(":")
        if role.isascii() and role.isdigit() and len(role) < 18 and key == each.key and operation:
            cells.setdefault(int(role), {})[operation] = request.POST.get(name, "")
    for pk, wanted in cells.items():
        roles.set_cells(pk, {each.key: wanted})
    defining.set_operations(request.actor, each.key, request.POST.getlist("operations"))
    return _("权限已保存，立即生效。")


def show(request: PageRequest, each: Outline, typed: bool) -> dict[str, Any]:
    """Roles × operations."""
    spec = type_of(request.actor, each.key)
    found = []
    for view in roles.roles():
        rights = RoleRights(view.key, view.name, view.is_admin, view.cells)
        found.append({"role": view, "cells": row_of(spec, rights, None).cells})
    return {
        "roles": found,
        "heads": [OPERATION_LABELS[operation] for operation in OPERATIONS],
        "operations": [
            (operation.value, OPERATION_LABELS[operation], operation.value in each.operations)
            for operation in OPERATIONS
            if operation.value != "read"
        ],
    }
