"""How each member wants a list: columns, sort and size, remembered per list; a role may have a default (QRY-05)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou import parameters
from kezhou.records.catalogue import fields_for, type_of
from kezhou.records.layouts.spec import Kind
from kezhou.records.models import ListPreference
from kezhou.records.rows import load_custom, run
from kezhou.records.spec import FilterError, NotAllowed, Purpose, TypeSpec
from kezhou.records.sql import Sql

if TYPE_CHECKING:
    from kezhou.access.actor import Actor


PAGE_SIZE = "lists.page_size"
EVERYWHERE = "*"
"""In the place of a type: what a member chose for all lists at once."""
SIZES = (20, 50, 100)
parameters.declare(
    parameters.Parameter(
        key=PAGE_SIZE,
        group="lists",
        title=gettext_lazy("列表每页行数"),
        help=gettext_lazy("没有自己选过的人，列表一页显示这么多行。"),
        type="choice",
        default="50",
        options=tuple((str(size), str(size)) for size in SIZES),
        words=gettext_lazy("分页 条数 行数"),
    )
)
QUIET_DAYS = "lists.quiet_days"
parameters.declare(
    parameters.Parameter(
        key=QUIET_DAYS,
        group="lists",
        title=gettext_lazy("多少天没有改动算久未跟进"),
        help=gettext_lazy("列表上“N 天没有改动”这个快捷条件的天数。"),
        type="number",
        default=30,
        minimum=1,
        maximum=365,
        unit=gettext_lazy("天"),
        words=gettext_lazy("久未跟进 长期未联系 沉默 快捷筛选"),
    )
)


@dataclass(frozen=True, slots=True)
class ListSettings:
    """What was chosen; empty means the default, which for columns is the layout of one's roles. `source` is member, role or default.

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


def usual_size(actor: Actor) -> int:
    """How many rows a page has here for those who chose nothing."""
    return int(parameters.value(PAGE_SIZE, actor))


def own_size(actor: Actor) -> int | None:
    """How many rows the member wants in every list; None without a choice."""
    found = ListPreference.objects.filter(type=EVERYWHERE, member=actor.member_pk, role="").first()
    return int(found.settings["size"]) if found else None


def keep_own_size(actor: Actor, size: int | None) -> None:
    """Remember how many rows the member wants in every list, or go back to the company's. Raises FilterError."""
    if size is None:
        ListPreference.objects.filter(type=EVERYWHERE, member=actor.member_pk, role="").delete()
        return
    if size not in SIZES:
        shown = {"size": size, "known": "、".join(map(str, SIZES))}
        raise FilterError(_("列表一页不能有 %(size)s 行，可选：%(known)s。") % shown)
    ListPreference.objects.update_or_create(
        member=actor.member_pk, role="", type=EVERYWHERE, defaults={"settings": {"size": size}}
    )


class _Kept(NamedTuple):
    type: str
    member: int | None
    role: str
    settings: dict[str, Any]


_KEPT = """
    SELECT type, member, role, settings FROM records_listpreference
     WHERE (member = %s AND role = '' AND type = ANY(%s)) OR (member IS NULL AND type = %s AND role = ANY(%s::text[]))"""


def settings_of(actor: Actor, type: str) -> ListSettings:
    """The member's own choice, else that of one of the member's roles, else the default; one statement.

    Columns that no longer exist, or that the actor may not see, are left out.
    """
    roles = list(getattr(actor, "roles", ()))
    rows_of = run(Sql(_KEPT, (actor.member_pk, [type, EVERYWHERE], type, roles)))
    found = [_Kept(key, member, role, load_custom(kept)) for key, member, role, kept in rows_of]
    usual = next((int(row.settings["size"]) for row in found if row.type == EVERYWHERE), None) or usual_size(actor)
    rows = sorted((row for row in found if row.type == type), key=lambda row: (row.member is None, row.role))
    if not rows:
        return ListSettings(size=usual)
    own = [row for row in rows if row.member is not None]
    chosen = next((row for row in rows if "size" in row.settings), None)
    return replace(
        _columns(chosen.settings if chosen else {}, {f.key for f in fields_for(type, actor, Purpose.LIST)}, usual),
        widths={key: width for row in reversed(rows) for key, width in (row.settings.get("widths") or {}).items()},
        first=next((str(row.settings["first"]) for row in rows if row.settings.get("first")), ""),
        pins=dict(own[0].settings.get("pins") or {}) if own else {},
        source="default" if chosen is None else "member" if chosen.member is not None else "role",
    )


def _columns(kept: Mapping[str, Any], known: set[str], usual: int) -> ListSettings:
    return ListSettings(
        columns=tuple(key for key in kept.get("columns", ()) if key in known),
        sort=tuple(key for key in kept.get("sort", ()) if key.lstrip("-") in known),
        size=int(kept.get("size") or usual),
        pinned=int(kept.get("pinned", 1)),
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
    with transaction.atomic():
        if role:
            _arrange(actor, spec, role, columns)
            del chosen["columns"]
        change(actor, spec, lambda kept: {**kept, **chosen}, role=role)


def _arrange(actor: Actor, spec: TypeSpec, role: str, columns: Sequence[str]) -> None:
    """The columns of a role live in one place, its layout of the list (FLD-03), where 设置 › 页面布局 shows and changes them."""
    from kezhou.records.layouts import storing  # which reads lists

    place = storing.slot(actor, spec.key, Kind.COLUMNS, role=role)
    now = storing.state(place).version
    if columns:
        storing.put(actor, place, {"fields": list(columns)}, version=now)
    else:
        storing.reset(actor, place, version=now)


def widen(actor: Actor, type: str, key: str, width: int) -> None:
    """Remember the width of one column, in pixels."""
    spec = type_of(actor, type)
    if key not in {field.key for field in fields_for(spec, actor, Purpose.LIST)}:
        raise FilterError(_("“%(type)s”没有可以显示的列“%(field)s”。") % {"type": spec.title, "field": key[:40]})
    change(actor, spec, lambda kept: {**kept, "widths": {**(kept.get("widths") or {}), key: width}})


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
