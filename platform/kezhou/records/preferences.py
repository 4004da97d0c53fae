"""How each member wants a list: columns, sort and size, remembered per list; a role may have a default (QRY-05)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from kezhou.records.catalogue import fields_for, type_of
from kezhou.records.models import ListPreference
from kezhou.records.spec import FilterError, NotAllowed, Purpose

if TYPE_CHECKING:
    from kezhou.access.actor import Actor


@dataclass(frozen=True, slots=True)
class ListSettings:
    """What was chosen; empty means the type's own default. `source` is member, role or default."""

    columns: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()
    size: int = 50
    pinned: int = 1
    source: str = "default"


def settings_of(actor: Actor, type: str) -> ListSettings:
    """The member's own choice, else that of one of the member's roles, else the default; one statement.

    Columns that no longer exist, or that the actor may not see, are left out.
    """
    roles = list(getattr(actor, "roles", ()))
    rows = list(
        ListPreference.objects.filter(type=type, member=actor.member_pk, role="")
        if not roles
        else ListPreference.objects.filter(type=type).filter(member=actor.member_pk, role="")
        | ListPreference.objects.filter(type=type, member=None, role__in=roles)
    )
    row = min(rows, key=lambda row: (row.member is None, row.role), default=None)
    if row is None or (row.member is None and not row.role):
        return ListSettings()
    known = {field.key for field in fields_for(type, actor, Purpose.LIST)}
    kept: Mapping[str, Any] = row.settings
    return ListSettings(
        columns=tuple(key for key in kept.get("columns", ()) if key in known),
        sort=tuple(key for key in kept.get("sort", ()) if key.lstrip("-") in known),
        size=int(kept.get("size", 50)),
        pinned=int(kept.get("pinned", 1)),
        source="member" if row.member is not None else "role",
    )


def remember(
    actor: Actor,
    type: str,
    *,
    columns: Sequence[str] = (),
    sort: Sequence[str] = (),
    size: int = 50,
    pinned: int = 1,
    role: str = "",
) -> None:
    """Remember the choice for the member, or as the default of a role (administrators). Raises FilterError, NotAllowed.

    `pinned` is how many columns stay in sight when the list is moved sideways.
    """
    spec = type_of(actor, type)
    known = {field.key for field in fields_for(spec, actor, Purpose.LIST)}
    for key in (*columns, *(name.lstrip("-") for name in sort)):
        if key not in known:
            raise FilterError(_("“%(type)s”没有可以显示的列“%(field)s”。") % {"type": spec.title, "field": key})
    if role and not actor.is_admin:
        raise NotAllowed(_("只有管理员可以设置角色的默认列。"))
    ListPreference.objects.update_or_create(
        member=None if role else actor.member_pk,
        role=role,
        type=spec.key,
        defaults={"settings": {"columns": list(columns), "sort": list(sort), "size": size, "pinned": pinned}},
    )


def forget(actor: Actor, type: str, *, role: str = "") -> None:
    """Go back to the default."""
    if role and not actor.is_admin:
        raise NotAllowed(_("只有管理员可以设置角色的默认列。"))
    ListPreference.objects.filter(member=None if role else actor.member_pk, role=role, type=type).delete()
