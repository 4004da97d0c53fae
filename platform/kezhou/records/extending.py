"""What a plugin adds to record types of others: actions with their rights, and notes that stand below a record's title.

Every addition is compiled with the type when the registry freezes; in a company where the plugin is off it is taken away again, so
nothing of it is offered, granted or done there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from kezhou.plugins import hooks
from kezhou.records.spec import TypeSpec
from kezhou.records.structuring import action_of
from kezhou.records.types import DeclarationError

if TYPE_CHECKING:
    from kezhou.access.actor import Actor
    from kezhou.records.reading import Entry
    from kezhou.sdk.hooks import Extension, Note


def extended(specs: Mapping[str, TypeSpec], given: Iterable[tuple[str, Extension]]) -> dict[str, TypeSpec]:
    """The types with what plugins add to them, as (plugin, addition). Raises DeclarationError for what cannot be."""
    found = dict(specs)
    for plugin, extension in given:
        if extension.type not in found:
            raise DeclarationError(
                f"Plugin {plugin} adds to the record type “{extension.type}”, which nobody declares."
            )
        found[extension.type] = _with(found[extension.type], plugin, extension)
    return found


def _with(spec: TypeSpec, plugin: str, extension: Extension) -> TypeSpec:
    taken = {action.key for action in spec.actions} & {action.key for action in extension.actions}
    taken |= spec.operations & set(extension.verbs)
    if taken:
        raise DeclarationError(f"Plugin {plugin} adds “{min(taken)}” to {spec.key}, which has it already.")
    wider = replace(
        spec,
        verbs={**spec.verbs, **extension.verbs},
        operations=spec.operations | frozenset(extension.verbs),
        added={**spec.added, **dict.fromkeys(extension.verbs, plugin)},
    )
    actions = tuple(replace(action_of(wider, action), plugin=plugin) for action in extension.actions)
    return replace(wider, actions=(*spec.actions, *actions))


def cut(spec: TypeSpec, enabled: frozenset[str]) -> TypeSpec:
    """The type without what plugins add that are off here."""
    off = {verb for verb, plugin in spec.added.items() if plugin not in enabled}
    if not spec.added and all(not action.plugin for action in spec.actions):
        return spec
    return replace(
        spec,
        verbs={verb: title for verb, title in spec.verbs.items() if verb not in off},
        operations=spec.operations - off,
        actions=tuple(action for action in spec.actions if not action.plugin or action.plugin in enabled),
    )


def notes(actor: Actor, entry: Entry) -> tuple[Note, ...]:
    """What the plugins that are on say of a record beside its fields."""
    asked = (each for each in hooks().flat("extensions") if each.type == entry.type.key and each.notes is not None)
    return tuple(note for extension in asked for note in extension.notes(actor, entry))
