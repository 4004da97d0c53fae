"""What a plugin's `hooks.py` imports: the marker and the dataclasses that hooks take and return."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from kezhou.access.actor import Actor
    from kezhou.records.reading import Entry
    from kezhou.records.types import Action

hookimpl = pluggy.HookimplMarker("kezhou")
"""Marks a function in `hooks.py` as the plugin's answer to the hook of the same name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuItem:
    """One entry of the navigation. Shown to actors who may read `type`, or hold `access` ("signed_in", "admin") for a page.

    `section` is the rail's module (a plugin's own name when empty); `group` the part of the main menu in which the module stands: `file`,
    `customer_files`, `customer_management`, `affairs`, `settings`, `help`, or a part of the module's own when empty.
    """

    title: StrOrPromise
    icon: str
    type: str = ""
    url: str = ""
    access: str = ""
    section: str = ""
    group: str = ""
    order: int = 100


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a dictionary as it is first seeded; the tenant may change label, hue and order, never the key. `parent` is the key of
    the value above it."""

    key: str
    label: str
    hue: str = "grey"
    aliases: tuple[str, ...] = ()
    closed: bool = False
    parent: str = ""


@dataclass(frozen=True, slots=True)
class DictionarySeed:
    """A dictionary: `key` as fields name it ("customers.category"), its label and first values."""

    key: str
    title: str
    options: Sequence[Option]


@dataclass(frozen=True, slots=True)
class Grant:
    """What a standard role may do with one type: operations by name and the scope none, own, department, below or all.

    `type` may end in `.*` for every type of a plugin.
    """

    type: str
    operations: str = "read create update delete import export"
    scope: str = "own"
    hidden: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()
    readonly: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RoleSeed:
    """Rights that a plugin adds to the standard role `key` (created with `title` when it does not exist yet).

    `start` is the address with which holders of a role made by it begin after signing in; the home page when empty.
    """

    key: str
    title: str
    grants: Sequence[Grant]
    start: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """Stands, in a sample row, for the primary key of the row that was seeded before under this `key`."""

    key: str


@dataclass(frozen=True, slots=True)
class Samples:
    """Believable rows of one type for the demo company. A row may carry a `key` by which later rows point to it with a
    `Reference`; everything else is field key to value."""

    type: str
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Note:
    """One line that a plugin says of a record below its title: `label` and `text`, with a page behind it where `url` names one."""

    label: StrOrPromise
    text: StrOrPromise
    hue: str = "gry"
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """What a plugin adds to the record type `type` of another one that it requires: `actions`, the `verbs` that roles grant for them,
    and `notes(actor, entry)` about one record. All of it is there only while the plugin is on."""

    type: str
    actions: Sequence[Action] = ()
    verbs: Mapping[str, StrOrPromise] = field(default_factory=dict)
    notes: Callable[[Actor, Entry], Iterable[Note]] | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """One record about to be written: `before` is None for a new one; both map field keys to Python values."""

    position: int
    pk: int | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]
    changed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Correction:
    """Answer of `before_save`: write this value instead."""

    position: int
    field: str
    value: Any


@dataclass(frozen=True, slots=True)
class Refusal:
    """Answer of `before_save`: this record must not be written; `sentence` says why and what to do."""

    position: int
    sentence: str
    field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """Whether the plan allows `wanted` more of something; a refusal says why and where to upgrade."""

    allowed: bool
    limit: int | None = None
    used: int | None = None
    sentence: str = ""
    upgrade_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """The moment for which samples are made: dates are relative to `today`; `members` are primary keys to own the rows."""

    today: date
    members: Sequence[int] = field(default_factory=tuple)
