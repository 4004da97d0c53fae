"""How each member wants a list: columns, sort and size, remembered per list; a role may have a default (QRY-05)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from kezhou.records.catalogue import fields_for, type_of
from kezhou.records.models import ListPreference
from kezhou.records.spec import FilterError, NotAllowed, Purpose, TypeSpec

if TYPE_CHECKING:
    from kezhou.access.actor import Actor


@dataclass(frozen=True, slots=True)
class ListSettings:
    """What was chosen; empty means the type's own default. `source` is member, role or default.

    `edits` are columns whose values may be changed in the list; `first` is the view that opens by itself and `pins` say of views
    whether they are tabs (`kezhou.records.views`).
    """

    columns: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()
    size: int = 50
    pinned: int = 1
    widths: Mapping[str, int] = field(default_factory=dict)
    edits: tuple[str, ...] = ()
    first: str = ""
    pins: Mapping[str, bool] = field(default_factory=dict)
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
    rows.sort(key=lambda row: (row.member is None, row.role))
    if not rows:
        return ListSettings()
    own = [row for row in rows if row.member is not None]
    columned = next((row for row in rows if row.settings.get("columns")), None)
    return replace(
        _columns(columned.settings if columned else {}, {f.key for f in fields_for(type, actor, Purpose.LIST)}),
        first=next((str(row.settings["first"]) for row in rows if row.settings.get("first")), ""),
        pins=dict(own[0].settings.get("pins") or {}) if own else {},
        source="default" if columned is None else "member" if columned.member is not None else "role",
    )


def _columns(kept: Mapping[str, Any], known: set[str]) -> ListSettings:
    return ListSettings(
        columns=tuple(key for key in kept.get("columns", ()) if key in known),
        sort=tuple(key for key in kept.get("sort", ()) if key.lstrip("-") in known),
        size=int(kept.get("size", 50)),
        pinned=int(kept.get("pinned", 1)),
        widths={key: int(width) for key, width in (kept.get("widths") or {}).items() if key in known},
        edits=tuple(key for key in kept.get("edits", ()) if key in known),
    )


def remember(
    actor: Actor,
    type: str,
    *,
    columns: Sequence[str] = (),
    sort: Sequence[str] = (),
    size: int = 50,
    pinned: int = 1,
    widths: Mapping[str, int] | None = None,
    edits: Sequence[str] = (),
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
    chosen = {
        "columns": list(columns),
        "sort": list(sort),
        "size": size,
        "pinned": pinned,
        "widths": {key: width for key, width in (widths or {}).items() if key in known},
        "edits": [key for key in edits if key in known],
    }
    change(actor, spec, lambda kept: {**kept, **chosen}, role=role)


def forget(actor: Actor, type: str, *, role: str = "") -> None:
    """Go back to the default columns; which views are tabs stays as it is."""
    change(
        actor,
        type_of(actor, type),
        lambda kept: {key: value for key, value in kept.items() if key in {"first", "pins"}},
        role=role,
    )


def change(actor: Actor, spec: TypeSpec, how: Callable[[dict[str, Any]], dict[str, Any]], *, role: str = "") -> None:
    """Change what is remembered, under a lock, so that two windows do not undo each other. Raises NotAllowed."""
    if role and not actor.is_admin:
        raise NotAllowed(_("只有管理员可以设置角色的默认列。"))
    whose: dict[str, Any] = {"member": None if role else actor.member_pk, "role": role, "type": spec.key}
    with transaction.atomic():
        row, _made = ListPreference.objects.select_for_update().get_or_create(**whose)
        row.settings = how(dict(row.settings))
        row.save(update_fields=["settings"])
