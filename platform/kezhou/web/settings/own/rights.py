"""The tab 权限: what each role may do with the type, and what nobody may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import orjson
from django.db import transaction
from django.utils.translation import gettext as _

from kezhou.access import roles
from kezhou.access.explanation import OPERATION_LABELS
from kezhou.access.policy import OPERATIONS
from kezhou.access.rights import RoleRights
from kezhou.access.roles import RoleView
from kezhou.pages import PageRequest
from kezhou.records import type_of
from kezhou.records.own import defining
from kezhou.records.own.defining import OwnTypeError
from kezhou.records.own.outlines import Outline
from kezhou.web.members.roles import row_of
from kezhou.web.settings.own.versions import version_of


def write(request: PageRequest, each: Outline) -> str:
    """Cells of every role that the form holds and the operations that exist at all: everything stands, or nothing."""
    with transaction.atomic():
        chosen = request.POST.getlist("operations")
        defining.set_operations(request.actor, each.key, chosen, version=version_of(request))
        if request.POST.get("seen") not in {None, seen(roles.roles(), each.key)}:
            raise OwnTypeError(_("打开这一页之后，别人改过这些角色的权限。下面是你选的，请核对后再保存。"))
        for pk, wanted in _sent(request, each).items():
            roles.set_cells(pk, {each.key: wanted})
    return _("权限已保存，立即生效。")


def _sent(request: PageRequest, each: Outline) -> dict[int, dict[str, str]]:
    """The cells of the form by role and operation; what is no cell of this type is passed over."""
    cells: dict[int, dict[str, str]] = {}
    for name in request.POST:
        role, _bar, cell = name.partition("|")
        key, _colon, operation = cell.partition(":")
        if role.isascii() and role.isdigit() and len(role) < 18 and key == each.key and operation:
            cells.setdefault(int(role), {})[operation] = request.POST.get(name, "")
    return cells


def seen(views: Sequence[RoleView], key: str) -> str:
    """A fingerprint of what the roles say of the type: with it a save knows whether somebody was quicker, on whatever page."""
    said = {str(view.pk): dict(view.cells.get(key, {})) for view in views}
    return sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def show(request: PageRequest, each: Outline, typed: bool) -> dict[str, Any]:
    """Roles × operations, as they are or as they were sent and refused."""
    spec = type_of(request.actor, each.key)
    views = roles.roles()
    sent: Mapping[int, Mapping[str, str]] = _sent(request, each) if typed else {}
    ticked = {"read", *request.POST.getlist("operations")} if typed else each.operations
    found = []
    for view in views:
        rights = RoleRights(view.key, view.name, view.is_admin, view.cells)
        chosen = {f"{each.key}:{operation}": scope for operation, scope in sent.get(view.pk, {}).items()}
        found.append({"role": view, "cells": row_of(spec, rights, chosen or None).cells})
    return {
        "roles": found,
        "seen": seen(views, each.key),
        "heads": [OPERATION_LABELS[operation] for operation in OPERATIONS],
        "operations": [
            (operation.value, OPERATION_LABELS[operation], operation.value in ticked)
            for operation in OPERATIONS
            if operation.value != "read"
        ],
    }
