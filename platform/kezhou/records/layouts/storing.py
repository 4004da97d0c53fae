"""Changing arrangements: saved with a history, in force with the next request, and refused when somebody else was quicker.

Every state is a row that stays; going back is saving an older content again. A version is the key of the latest state of its
slot (0 when nobody ever arranged it), so that two administrators cannot overwrite each other unseen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from kezhou.access.models import Role
from kezhou.records import shape
from kezhou.records.catalogue import shaped
from kezhou.records.classes import upwards
from kezhou.records.dictionaries import demand_admin
from kezhou.records.layouts import content as contents
from kezhou.records.layouts.content import LayoutError
from kezhou.records.layouts.resolving import lists_of
from kezhou.records.layouts.spec import Kind
from kezhou.records.models import Layout
from kezhou.records.rows import run_one
from kezhou.records.spec import TypeSpec, UnknownType
from kezhou.records.sql import Sql

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

BY_CLASS = frozenset({Kind.FORM, Kind.DETAIL, Kind.RELATED})
"""Kinds that can differ by record class; lists and quick create come before a class is known."""


@dataclass(frozen=True, slots=True)
class Slot:
    """For whom a kind of arrangement is meant; empty role and class are everybody and every class."""

    type: str
    kind: Kind
    role: str = ""
    record_class: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """One state of a slot. `version` 0 means that nobody ever arranged it; `content` None that it was put back."""

    version: int
    content: Mapping[str, Any] | None
    at: datetime | None = None
    name: str = ""


class LayoutConflict(LayoutError):
    """Somebody else saved the same arrangement in between; `theirs` is what stands now."""

    def __init__(self, theirs: State) -> None:
        self.theirs = theirs
        what = _("把它恢复成了默认") if theirs.content is None else _("保存了自己的改动")
        sentence = _("你打开以后，%(name)s %(what)s。你的改动还在这里，没有保存。")
        super().__init__(sentence % {"name": theirs.name or _("系统"), "what": what})


def slot(actor: Actor, type: str, kind: str, *, role: str = "", record_class: str = "") -> Slot:
    """The slot, checked. Raises LayoutError, NotAllowed and UnknownType."""
    demand_admin(actor)
    spec = spec_of(actor, type)
    if kind not in set(Kind):
        raise LayoutError(_("没有版式种类“%(kind)s”。") % {"kind": kind[:20]})
    if role and not Role.objects.filter(key=role).exists():
        raise LayoutError(_("没有角色“%(role)s”，它可能刚被删掉。") % {"role": role[:40]})
    if record_class and Kind(kind) not in BY_CLASS:
        raise LayoutError(_("列表和快速新建不分类别：打开它们的时候还不知道是哪一类。"))
    if record_class and record_class not in {option.key for option in classes_of(spec)}:
        raise LayoutError(_("“%(type)s”没有类别“%(key)s”。") % {"type": spec.title, "key": record_class[:40]})
    return Slot(spec.key, Kind(kind), role, record_class)


def spec_of(actor: Actor, type: str) -> TypeSpec:
    """The whole type, as nobody's rights cut it. Raises UnknownType."""
    if type not in shaped(actor).types:
        raise UnknownType(_("没有“%(type)s”这类记录，或者它没有启用。") % {"type": type[:40]})
    return shaped(actor).types[type]


def classes_of(spec: TypeSpec) -> tuple[Any, ...]:
    """The record classes of a type as options, switched-off ones left out."""
    if not spec.class_field:
        return ()
    return tuple(option for option in spec.by_key[spec.class_field].options if option.enabled)


def state(place: Slot) -> State:
    """What stands in the slot now."""
    row = _rows(place).filter(current=True).first()
    return State(row.pk, row.content, row.at, row.name) if row else State(0, None)


def history(place: Slot, *, limit: int = 30) -> tuple[State, ...]:
    """The states of the slot, the newest first."""
    return tuple(State(row.pk, row.content, row.at, row.name) for row in _rows(place).order_by("-pk")[:limit])


def starting_content(actor: Actor, place: Slot) -> tuple[Mapping[str, Any], Slot | None]:
    """What is in force for whom the slot is meant, and from which slot it comes (None: as declared)."""
    return _nearest(actor, place)


def behind(actor: Actor, place: Slot) -> Mapping[str, Any]:
    """What would be in force without the slot: what it is put back to."""
    return _nearest(actor, place, past=True)[0]


def content_in(actor: Actor, place: Slot) -> Mapping[str, Any]:
    """The content of a slot that is filled."""
    return shaped(actor).layouts.contents[place.type, place.kind.value, place.role, place.record_class]


def _nearest(actor: Actor, place: Slot, *, past: bool = False) -> tuple[Mapping[str, Any], Slot | None]:
    held = shaped(actor)
    spec = spec_of(actor, place.type)
    mine = (place.type, place.kind.value, place.role, place.record_class)
    roles = (place.role,) if place.role else ()
    classes = upwards(spec, place.record_class)
    nearest = held.layouts.nearest(spec.key, place.kind.value, roles, classes, behind=mine if past else None)
    if nearest is None:
        return contents.declared(spec, place.kind, lists_of(held, spec)), None
    (type_, kind, role, class_), content = nearest
    return content, Slot(type_, Kind(kind), role, class_)


def filled(actor: Actor, type: str) -> frozenset[Slot]:
    """The slots of a type that hold an arrangement."""
    found = shaped(actor).layouts.contents
    return frozenset(Slot(t, Kind(kind), role, class_) for t, kind, role, class_ in found if t == type)


def put(actor: Actor, place: Slot, raw: Any, *, version: int) -> State:
    """Save a content; in force with the next request. Raises LayoutError, LayoutConflict and NotAllowed."""
    demand_admin(actor)
    return _store(actor, place, contents.read(spec_of(actor, place.type), place.kind, raw), version)


def reset(actor: Actor, place: Slot, *, version: int) -> State:
    """Put the slot back to what stands behind it. Raises LayoutConflict and NotAllowed."""
    demand_admin(actor)
    return _store(actor, place, None, version)


def _store(actor: Actor, place: Slot, content: dict[str, Any] | None, version: int) -> State:
    with transaction.atomic():
        _one_at_a_time(place)
        now = state(place)
        if now.version != version:
            raise LayoutConflict(now)
        if now.content == content:
            return now
        _rows(place).filter(current=True).update(current=False)
        row = Layout.objects.create(
            type=place.type,
            kind=place.kind.value,
            role=place.role,
            record_class=place.record_class,
            content=content,
            member=actor.member_pk,
            name=actor.name[:120],
        )
        shape.bump()
    return State(row.pk, content, row.at, row.name)


def _rows(place: Slot) -> Any:
    return Layout.objects.filter(
        type=place.type, kind=place.kind.value, role=place.role, record_class=place.record_class
    )


def _one_at_a_time(place: Slot) -> None:
    name = f"layout {place.type} {place.kind} {place.role} {place.record_class}"
    run_one(Sql("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || %s, 8))::text", (name,)))
