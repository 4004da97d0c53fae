"""The rail of modules and their second column: made from what the tenant's plugins declare and this person may read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext

from kezhou.access.actor import MemberActor
from kezhou.plugins import hooks, manifests
from kezhou.records import types
from kezhou.records.spec import TypeSpec
from kezhou.web.arranging import Arrangement, arrangement

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from kezhou.sdk.hooks import MenuItem

SETTINGS_PLUGIN = "core"
OWN_PLUGIN = "own"
AFTER_DECLARED = 10_000
"""Types that the company made itself stand behind those of the module in whose menu they are."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a menu."""

    key: str
    title: StrOrPromise
    icon: str
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """A headed part of the second column."""

    title: StrOrPromise
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """An entry before it is arranged: the module it comes from, its group of the main menu, its place there."""

    entry: Entry
    module: str
    group: str
    order: int


@dataclass(frozen=True, slots=True)
class Module:
    """One place in the rail; `key` is the plugin's name, `keys` also names what lies in it, `group` is its part of the main menu."""

    key: str
    title: StrOrPromise
    icon: str
    url: str
    groups: tuple[Group, ...] = field(default=())
    group: str = ""
    lines: tuple[Line, ...] = ()

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(entry for group in self.groups for entry in group.entries)

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(entry.key for entry in self.entries)


def entry_of(spec: TypeSpec) -> Entry:
    """The menu line of a record type."""
    return Entry(spec.key, spec.title, spec.icon, reverse("record-list", args=[spec.key]))


def readable(actor: MemberActor) -> tuple[TypeSpec, ...]:
    """The record types with lists of their own that this person may read, in order."""
    return tuple(spec for spec in types(actor).values() if not spec.hidden)


def creatable(actor: MemberActor) -> tuple[Entry, ...]:
    """What this person may make anew by the quick-create drawer."""
    return tuple(
        Entry(spec.key, spec.title, spec.icon, reverse("quick-of", args=[spec.key]))
        for spec in readable(actor)
        if spec.plugin != SETTINGS_PLUGIN and "create" in spec.operations
    )


def modules(actor: MemberActor, *, hidden: bool = False) -> tuple[Module, ...]:
    """The rail as the company arranged it: modules (or named sections) with at least one entry this person may use.

    With `hidden` also what the company took off the menu, for whoever arranges it.
    """
    chosen = arrangement(actor)
    placed: dict[str, list[Line]] = {}
    for line in lines(actor):
        place = chosen.entries.get(line.entry.key)
        if hidden or place is None or not place.hidden:
            placed.setdefault(place.within if place and place.within else line.module, []).append(line)
    found = [_module(key, held, chosen) for key, held in placed.items() if hidden or not _hidden(chosen, key)]
    return tuple(
        sorted(found, key=lambda module: (chosen.module_order(module.key), _manifest_order(module.key), module.key))
    )


def lines(actor: MemberActor) -> tuple[Line, ...]:
    """Every entry this person may use, as the modules offer it, whatever the company arranged."""
    found: list[Line] = []
    for item in hooks().flat("menu", actor=actor):
        entry = _usable(actor, item)
        if entry is not None:
            module = item.section or item.type.partition(".")[0]
            found.append(Line(entry, module, item.group, item.order))
    there = {line.module for line in found}
    for spec in readable(actor):
        if spec.plugin == OWN_PLUGIN:
            place = spec.section if spec.section in there else spec.key
            found.append(Line(entry_of(spec), place, "", AFTER_DECLARED + spec.order))
        elif spec.plugin not in {*there, SETTINGS_PLUGIN}:
            found.append(Line(entry_of(spec), spec.plugin, "", spec.order))
    return tuple(found)


def _hidden(chosen: Arrangement, module: str) -> bool:
    place = chosen.modules.get(module)
    return place is not None and place.hidden


def _usable(actor: MemberActor, item: MenuItem) -> Entry | None:
    if item.type:
        spec = types(actor).get(item.type)
        if spec is None:
            return None
        return Entry(item.type, item.title, item.icon, item.url or reverse("record-list", args=[item.type]))
    if item.access == "signed_in" or (item.access == "admin" and actor.is_admin):
        return Entry(item.url, item.title, item.icon, item.url)
    return None


def _module(key: str, held: list[Line], chosen: Arrangement) -> Module:
    ordered = sorted(held, key=lambda line: (chosen.entry_order(line.entry.key), line.order, line.entry.key))
    entries = tuple(_named(line.entry, chosen) for line in ordered)
    manifest, place = manifests().get(key), chosen.modules.get(key)
    title = (place.title if place else "") or declared_title(key) or entries[0].title
    group = (place.within if place else "") or next((line.group for line in ordered if line.group), "")
    icon = manifest.icon if manifest else entries[0].icon
    return Module(key, title, icon, entries[0].url, (Group(title, entries),), group, tuple(ordered))


def declared_title(module: str) -> str:
    """What a plugin calls itself; empty for a section that is no plugin."""
    manifest = manifests().get(module)
    return gettext(manifest.title) if manifest else ""


def _named(entry: Entry, chosen: Arrangement) -> Entry:
    place = chosen.entries.get(entry.key)
    return replace(entry, title=place.title) if place is not None and place.title else entry


def _manifest_order(key: str) -> int:
    manifest = manifests().get(key)
    return manifest.order if manifest else 900
