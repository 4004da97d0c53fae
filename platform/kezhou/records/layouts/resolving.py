"""`layout_for`: the arrangement in force for one actor, one type and one record class.

Order of precedence, for each kind by itself: role and class, role, class, everybody, what the type declares; a class without an
arrangement has that of the nearest class above it (as it has its fields). What no section
names comes in last sections by itself, what the actor may not see leaves no hole, and a required field is never off the form.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from kezhou.access.policy import policy_for
from kezhou.records.catalogue import Shaped, fields_for, shaped, type_of
from kezhou.records.classes import of_class, upwards
from kezhou.records.layouts import content as contents
from kezhou.records.layouts.spec import Kind, LayoutSpec, Place, Section, Tab
from kezhou.records.lists import first_link
from kezhou.records.spec import FieldSpec, PanelSpec, Purpose, TypeSpec

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from kezhou.access.actor import Actor

Contents = Mapping[Kind, Mapping[str, Any]]


def layout_for(actor: Actor, type: str | TypeSpec, record_class: str | None = None) -> LayoutSpec:
    """How the pages of this type are arranged for this actor, for records of this class; cached by the shape version.

    `record_class` is the value of the type's `class_field` (`class_of`), None or "" for a record that has none yet. Raises
    UnknownType.
    """
    spec = type_of(actor, type)
    held = shaped(actor)
    policy = policy_for(actor, spec.key)
    roles = tuple(sorted(held.layouts.roles.intersection(actor.roles))) if held.layouts.roles else ()
    own_class = record_class if record_class and _matters(held, spec, record_class) else ""
    visible = (policy.default_level, frozenset(policy.levels.items()))
    lists = tuple(panel.key for panel in lists_of(held, spec) if _seen(actor, panel))
    key = ("layout", spec.key, roles, own_class, visible, lists)
    if key not in held.compiled:
        held.compiled[key] = arrange(actor, spec, in_force(held, spec, roles, own_class), own_class)
    found: LayoutSpec = held.compiled[key]
    return found


def at_once(actor: Actor, type: str | TypeSpec, kind: Kind | str) -> frozenset[str] | None:
    """The fields that must be read before anything is opened, whatever class the record turns out to have; None for all.

    What lies in closed sections only is read when somebody opens them (FLD-04).
    """
    spec = type_of(actor, type)
    held = shaped(actor)
    classes = {"", *(class_ for type_, class_ in held.layouts.classes if type_ == spec.key)}
    classes |= {class_ for field in spec.fields for class_ in field.classes}
    layouts = [layout_for(actor, spec, class_) for class_ in classes]
    if not any(section.lazy for layout in layouts for section in layout.sections(kind)):
        return None
    needed = {spec.title_field, spec.class_field, "number", "owner", "department"}
    needed |= {spec.states.field} if spec.states else set()
    needed.update(*(layout.columns for layout in layouts))
    return frozenset(needed.union(*(layout.at_once(kind) for layout in layouts)))


def _matters(held: Shaped, spec: TypeSpec, record_class: str) -> bool:
    mine = frozenset(upwards(spec, record_class))
    if any((spec.key, one) in held.layouts.classes for one in mine):
        return True
    return any(not mine.isdisjoint(field.classes) for field in held.types[spec.key].fields)


def in_force(held: Shaped, spec: TypeSpec, roles: Sequence[str], record_class: str) -> Contents:
    """The nearest content of every kind; what the type declares where nobody arranged anything."""
    found: dict[Kind, Mapping[str, Any]] = {}
    for kind in Kind:
        nearest = held.layouts.nearest(spec.key, kind, roles, upwards(spec, record_class))
        found[kind] = nearest[1] if nearest else contents.declared(spec, kind, lists_of(held, spec))
    return found


def lists_of(held: Shaped, spec: TypeSpec) -> tuple[PanelSpec, ...]:
    """The declared lists of records that point here, then those of every other type that links here; kept with the shape."""
    if ("lists", spec.key) not in held.compiled:
        held.compiled["lists", spec.key] = _lists(held.types, spec)
    found: tuple[PanelSpec, ...] = held.compiled["lists", spec.key]
    return found


def _lists(present: Mapping[str, TypeSpec], spec: TypeSpec) -> tuple[PanelSpec, ...]:
    panels = [
        _linked(panel, spec, present) for panel in spec.layout if panel.kind == "related" and panel.type in present
    ]
    shown = {panel.type for panel in panels} | {spec.key} | {line.type for line in spec.lines}
    for link in spec.referrers:
        if link.type in present and link.type not in shown and not present[link.type].hidden:
            shown.add(link.type)
            panels.append(PanelSpec("related", present[link.type].title, type=link.type, link=link.field))
    return tuple(panels)


def _linked(panel: PanelSpec, spec: TypeSpec, present: Mapping[str, TypeSpec]) -> PanelSpec:
    if panel.link:
        return panel
    return replace(panel, link=first_link(present[str(panel.type)], spec))


def arrange(actor: Actor, spec: TypeSpec, given: Contents, record_class: str) -> LayoutSpec:
    """Contents as one actor sees them."""
    readable = fields_for(spec, actor, Purpose.READ)
    writable = [f for f in fields_for(spec, actor, Purpose.WRITE) if of_class(f, spec, record_class)]
    mine = [field for field in readable if of_class(field, spec, record_class)]
    listed = {field.key for field in fields_for(spec, actor, Purpose.LIST)}
    return LayoutSpec(
        form=_form(writable, given[Kind.FORM], demanded(spec)),
        detail=_detail(mine, given[Kind.DETAIL]),
        columns=tuple(key for key in _columns(spec, given[Kind.COLUMNS]) if key in listed),
        quick=_quick(writable, given[Kind.QUICK]),
        related=_related(actor, spec, given[Kind.RELATED]),
        elsewhere=tuple(field.key for field in readable if field not in mine),
    )


def demanded(spec: TypeSpec) -> frozenset[str]:
    """Fields that a rule can make required: like required ones they are never off the form nor in a closed group."""
    effects = (effect for rule in spec.rules for effect in rule.effects)
    return frozenset(key for effect in effects if effect.do == "require" for key in effect.fields)


def _form(fields: Sequence[FieldSpec], given: Mapping[str, Any], ruled: frozenset[str]) -> tuple[Tab, ...]:
    left = {field.key: field for field in fields}
    tabs = [_tab(tab, left) for tab in given["tabs"]]
    tabs = [Tab(tab.key, tab.title, tuple(_opened(part, ruled) for part in tab.sections)) for tab in tabs]
    off = {key for key in given["hidden"] if key in left and not left[key].required} - ruled
    titled = any(tab.sections for tab in tabs)
    last = _rest("rest", _("更多资料") if titled else _("资料"), (f for f in left.values() if f.key not in off))
    return _joined(tabs, last)


def _opened(section: Section, ruled: frozenset[str]) -> Section:
    """A section with a required field is never closed: what must be filled has to be seen."""
    if section.lazy and any(place.field.required or place.key in ruled for place in section.places):
        return Section(section.key, section.title, section.places, section.columns)
    return section


def _detail(fields: Sequence[FieldSpec], given: Mapping[str, Any]) -> tuple[Tab, ...]:
    left = {field.key: field for field in fields}
    tabs = [_tab(tab, left) for tab in given["tabs"]]
    rest = [field for field in left.values() if field.key not in given["hidden"]]
    own = _rest("own", _("自定义字段"), (field for field in rest if field.custom))
    more = _rest("rest", _("更多资料"), (field for field in rest if not field.custom and not field.system))
    kept = _rest("system", _("系统记录"), (field for field in rest if not field.custom and field.system))
    return _joined(tabs, own, more, kept)


def _tab(given: Mapping[str, Any], left: dict[str, FieldSpec]) -> Tab:
    return Tab(given["key"], given["title"], tuple(_section(part, left) for part in given["sections"]))


def _section(given: Mapping[str, Any], left: dict[str, FieldSpec]) -> Section:
    places = tuple(Place(left.pop(part["key"]), part["wide"]) for part in given["fields"] if part["key"] in left)
    return Section(given["key"], given["title"], places, given["columns"], given["lazy"])


def _rest(key: str, title: StrOrPromise, fields: Iterable[FieldSpec]) -> Section:
    return Section(key, title, tuple(Place(field) for field in fields))


def _joined(tabs: Sequence[Tab], *last: Section) -> tuple[Tab, ...]:
    """The tabs without empty sections, the last sections in the last tab that is left, without empty tabs."""
    kept = [(tab.key, tab.title, [part for part in tab.sections if part.places]) for tab in tabs]
    kept = [tab for tab in kept if tab[2]] or [("t1", "", [])]
    kept[-1][2].extend(part for part in last if part.places)
    return tuple(Tab(key, title, tuple(parts)) for key, title, parts in kept if parts)


def _columns(spec: TypeSpec, given: Mapping[str, Any]) -> list[str]:
    """The chosen columns, then own fields that were marked as columns since."""
    later = [field.key for field in spec.fields if field.custom and field.listed and field.key not in given["hidden"]]
    return list(dict.fromkeys([*given["fields"], *later]))


def _quick(fields: Sequence[FieldSpec], given: Mapping[str, Any]) -> tuple[str, ...]:
    """The chosen fields in their order, then required ones that were not chosen."""
    known = {field.key for field in fields}
    needed = [field.key for field in fields if field.required]
    return tuple(key for key in dict.fromkeys([*given["fields"], *needed]) if key in known)


def _related(actor: Actor, spec: TypeSpec, given: Mapping[str, Any]) -> tuple[PanelSpec, ...]:
    """The chosen lists, then those that nobody placed or took off, as far as the actor may read their types and see what points here."""
    held = shaped(actor)
    possible = {(panel.type, panel.link or ""): panel for panel in lists_of(held, spec)}
    chosen = [_list(part, possible, held.types) for part in given["lists"]]
    named = {(part["type"], part["link"]) for part in (*given["lists"], *given["hidden"])}
    found = [panel for panel in chosen if panel is not None]
    found += [panel for place, panel in possible.items() if place not in named]
    return tuple(panel for panel in found if _seen(actor, panel))


def _seen(actor: Actor, panel: PanelSpec) -> bool:
    if not policy_for(actor, str(panel.type)).allows("read"):
        return False
    return any(field.key == panel.link for field in fields_for(str(panel.type), actor, Purpose.FILTER))


def _list(
    part: Mapping[str, Any], possible: Mapping[Any, PanelSpec], present: Mapping[str, TypeSpec]
) -> PanelSpec | None:
    panel = possible.get((part["type"], part["link"]))
    if panel is None:
        return None
    known = present[str(panel.type)].by_key
    columns = tuple(key for key in part["columns"] if key in known)
    return PanelSpec("related", panel.title, type=panel.type, link=panel.link, columns=columns)
