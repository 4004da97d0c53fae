"""Every hook of Kezhou, one docstring each.

A hook is called only for the plugins that are on in the tenant (plus the core's own providers), in the order of the
manifests, and answers with dataclasses of `kezhou.sdk.hooks`, never with HTML or dicts. `docs/plugin-api.md` lists the same names and arguments;
a test compares them. A hook comes with its first user in the tree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from kezhou.access.actor import Actor
    from kezhou.records.spec import TypeSpec
    from kezhou.records.types import RecordType
    from kezhou.sdk.hooks import (
        Correction,
        DictionarySeed,
        Draft,
        Entitlement,
        Extension,
        MenuItem,
        Occasion,
        Refusal,
        RoleSeed,
        Samples,
    )

hookspec = pluggy.HookspecMarker("kezhou")


@hookspec
def record_types() -> Iterable[type[RecordType]]:  # type: ignore[empty-body]
    """The record types of the plugin. Asked once per process, when the registry freezes."""


@hookspec
def extensions() -> Iterable[Extension]:  # type: ignore[empty-body]
    """What the plugin adds to record types of others: actions with their rights, notes on records. Asked when the registry freezes,
    and for the notes of a record."""


@hookspec
def dictionaries() -> Iterable[DictionarySeed]:  # type: ignore[empty-body]
    """Dictionaries and their first values, seeded when a tenant first switches the plugin on; later values are the tenant's."""


@hookspec
def roles() -> Iterable[RoleSeed]:  # type: ignore[empty-body]
    """Rights that the plugin gives to standard roles when a tenant first switches it on."""


@hookspec
def menu(actor: Actor) -> Iterable[MenuItem]:  # type: ignore[empty-body]
    """Entries of the navigation; those whose type or page the actor may not use are left out by the frame."""


@hookspec
def samples(occasion: Occasion) -> Iterable[Samples]:  # type: ignore[empty-body]
    """Rows for the demo company, in the order in which they are to be saved."""


@hookspec
def before_save(actor: Actor, type: TypeSpec, drafts: Sequence[Draft]) -> Iterable[Correction | Refusal]:  # type: ignore[empty-body]
    """The last word on records about to be written: correct a value, or refuse one with a sentence. Called once per batch,
    inside the transaction; must not write and should ask the database a constant number of times."""


@hookspec(firstresult=True)
def entitlement(key: str, wanted: int) -> Entitlement | None:
    """Whether the tenant's plan allows `wanted` more of `key` (seats, fields, plugin:<name>). None: no opinion; nobody
    answering means allowed."""


@hookspec(firstresult=True)
def search(actor: Actor, request: Any) -> Any:
    """Full-text search: a `kezhou.finding.SearchResult` for a `SearchRequest`, or None to let the database answer."""


@hookspec(firstresult=True)
def explain_hit(actor: Actor, request: Any, type: str, pk: int) -> Any:
    """Why a record is a hit of a `SearchRequest`: a `kezhou.finding.model.Explanation`, or None where it is none or nothing ranks."""


@hookspec(firstresult=True)
def cut_text(actor: Actor, text: str) -> Any:
    """How full-text search reads a text: a tuple of `kezhou.finding.model.Cut`; nobody answers where only the database searches."""
