"""The rail of modules and their second column: made from what the tenant's plugins declare and this person may read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext

from kezhou.access.actor import MemberActor
from kezhou.plugins import hooks, manifests
from kezhou.records import types
from kezhou.records.spec import TypeSpec

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
class Module:
    """One place in the rail; `key` is the plugin's name, `keys` also names what lies in it."""

    key: str
    title: StrOrPromise
    icon: str
    url: str
    groups: tuple[Group, ...] = field(default=())

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


def modules(actor: MemberActor) -> tuple[Module, ...]:
    """The rail: a module per plugin (or named section) with at least one entry this person may use."""
    placed: dict[str, list[tuple[int, Entry]]] = {}
    for item in hooks().flat("menu", actor=actor):
        entry = _usable(actor, item)
        if entry is not None:
            placed.setdefault(item.section or item.type.partition(".")[0], []).append((item.order, entry))
    own = [spec for spec in readable(actor) if spec.plugin == OWN_PLUGIN]
    for spec in readable(actor):
        if spec.plugin not in {*placed, SETTINGS_PLUGIN, OWN_PLUGIN}:
            placed.setdefault(spec.plugin, []).append((spec.order, entry_of(spec)))
    for spec in own:
        place = spec.section if spec.section in placed else spec.key
        placed.setdefault(place, []).append((AFTER_DECLARED + spec.order, entry_of(spec)))
    found = [_module(key, [entry for _order, entry in sorted(lines, key=_by_order)]) for key, lines in placed.items()]
    return tuple(sorted(found, key=lambda module: (_manifest_order(module.key), module.key)))


def _usable(actor: MemberActor, item: MenuItem) -> Entry | None:
    if item.type:
        spec = types(actor).get(item.type)
        if spec is None:
            return None
        return Entry(item.type, item.title, item.icon, item.url or reverse("record-list", args=[item.type]))
    if item.access == "signed_in" or (item.access == "admin" and actor.is_admin):
        return Entry(item.url, item.title, item.icon, item.url)
    return None


def _module(key: str, entries: list[Entry]) -> Module:
    manifest = manifests().get(key)
    title = gettext(manifest.title) if manifest else entries[0].title
    icon = manifest.icon if manifest else entries[0].icon
    return Module(key, title, icon, entries[0].url, (Group(title, tuple(entries)),))


def _manifest_order(key: str) -> int:
    manifest = manifests().get(key)
    return manifest.order if manifest else 900


def _by_order(line: tuple[int, Entry]) -> tuple[int, str]:
    return line[0], line[1].key
