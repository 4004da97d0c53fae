"""The registry of record types: filled from the hook `record_types` when Django is ready, then frozen.

It holds what is the same in every tenant: each declaration compiled with its model into a `TypeSpec` without custom fields
and dictionaries. `kezhou.records.catalogue` cuts it to a tenant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from kezhou.records import soundness
from kezhou.records.compiling import compile_type
from kezhou.records.extending import extended
from kezhou.records.link import Link
from kezhou.records.spec import LinkSpec, TypeSpec
from kezhou.records.structuring import connected
from kezhou.records.types import DeclarationError, RecordType

if TYPE_CHECKING:
    from kezhou.sdk.hooks import Extension

WITNESSES = frozenset({"collector", "created_by", "changed_by"})
"""Links that tell who did something: they keep nobody from being deleted, and go on naming the deleted."""


class _Registry:
    """What has been registered; one per process."""

    declared: dict[str, tuple[str, type[RecordType]]] = {}
    frozen: Mapping[str, TypeSpec] | None = None


def register(declaration: type[RecordType], *, plugin: str) -> None:
    """Add a record type. Raises DeclarationError after `freeze`, or for a key that is taken."""
    if _Registry.frozen is not None:
        raise DeclarationError(
            f"{declaration.key} comes too late: record types are registered by the hook record_types at start."
        )
    if declaration.key in _Registry.declared:
        raise DeclarationError(f"Two record types are named {declaration.key}. Rename one of them.")
    _Registry.declared[declaration.key] = (plugin, declaration)


def fill() -> None:
    """Ask every installed plugin and provider for its record types."""
    from kezhou.plugins import all_hooks  # loaded late: settings import kezhou.plugins before Django is ready

    for declaration in all_hooks().flat("record_types"):
        register(declaration, plugin=declaration.key.partition(".")[0])


def freeze() -> None:
    """Compile every declaration; from now on nothing can be registered."""
    keys = {_label(declaration): key for key, (_plugin, declaration) in _Registry.declared.items()}
    specs = {
        key: compile_type(declaration, plugin=plugin, keys=keys)
        for key, (plugin, declaration) in _Registry.declared.items()
    }
    specs = extended(connected(specs), _extensions())
    soundness.demand(specs)
    _Registry.frozen = MappingProxyType(
        {key: replace(spec, referrers=_referrers(spec, specs)) for key, spec in specs.items()}
    )


def _extensions() -> Iterator[tuple[str, Extension]]:
    """What plugins add to types of others, each with the plugin's name."""
    from kezhou.plugins import hooks_of, manifests  # loaded late, as above

    for name in manifests():
        yield from ((name, extension) for extension in hooks_of(name).flat("extensions"))


def _label(declaration: type[RecordType]) -> str:
    return declaration.model._meta.label_lower


def _referrers(spec: TypeSpec, specs: Mapping[str, TypeSpec]) -> tuple[LinkSpec, ...]:
    found = []
    for other in specs.values():
        for field in other.model._meta.concrete_fields:
            if field.name in WITNESSES:
                continue
            if isinstance(field, Link) and field.remote_field.model._meta.label_lower == spec.model._meta.label_lower:
                found.append(LinkSpec(other.key, field.name, field.when_deleted))
    return tuple(found)


def registered() -> Mapping[str, TypeSpec]:
    """Every type of every installed plugin. Raises DeclarationError before `freeze`."""
    if _Registry.frozen is None:
        raise DeclarationError("Record types are not compiled yet: ask after Django's apps are ready.")
    return _Registry.frozen


def key_of_model(label: str) -> str | None:
    """The type key of a model by `app_label.model`, or None when it is no record type."""
    wanted = label.lower()
    return next((key for key, spec in registered().items() if spec.model._meta.label_lower == wanted), None)
