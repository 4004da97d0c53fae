"""`types(actor)` and `fields_for`: what exists for whom. The only two questions a reader of records asks about structure.

A tenant's view is compiled once per (tenant, plugins, shape version): the frozen registry cut to what is on, with the tenant's own fields
and dictionaries. An actor's view of it is cut by the policy and kept beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from kezhou import standing
from kezhou.access.policy import policy_for
from kezhou.access.versioned import Versioned
from kezhou.plugins import manifests
from kezhou.records import custom_specs, extending, lists, shape, wordindex
from kezhou.records.derived import rights
from kezhou.records.layouts.stored import Arrangements
from kezhou.records.numbering import rules as numbering
from kezhou.records.options import offering
from kezhou.records.own import compiling as own_types
from kezhou.records.regions import keeping as regions
from kezhou.records.registry import registered
from kezhou.records.rules import loading
from kezhou.records.spec import FieldSpec, Level, Purpose, TypeSpec, UnknownType
from tenants.context import current

if TYPE_CHECKING:
    from kezhou.access.actor import Actor
    from kezhou.access.policy import Policy

KEPT = 256


class Shaped:
    """The record types of one tenant at one shape version, with the cuts that actors have asked for."""

    def __init__(self, key: tuple[Any, ...], types: Mapping[str, TypeSpec], atlas: regions.Atlas) -> None:
        self.key = key
        self.types = types
        self.atlas = atlas
        self.layouts = Arrangements.load()
        self.cuts: dict[Any, TypeSpec] = {}
        self.fields: dict[Any, tuple[FieldSpec, ...]] = {}
        self.compiled: dict[Any, Any] = {}


_kept: Versioned[tuple[int, str], Shaped] = Versioned(limit=KEPT)


def shaped(actor: Actor) -> Shaped:
    """This tenant's types, from the cache when its plugins and shape version are unchanged."""
    tenant = current()
    version = (tenant.plugins, shape.version(actor))

    def make() -> Shaped:
        atlas = regions.load()
        return Shaped((tenant.pk, tenant.schema, *version), _compile(tenant.plugins, atlas), atlas)

    return _kept.get((tenant.pk, tenant.schema), version, make)


def _compile(enabled: frozenset[str], atlas: regions.Atlas) -> Mapping[str, TypeSpec]:
    installed = manifests()
    present = {
        key: extending.cut(spec, enabled)
        for key, spec in registered().items()
        if spec.plugin in enabled or spec.plugin not in installed
    }
    definitions = own_types.load()
    present |= own_types.declared(definitions)
    own, options = custom_specs.load(present)
    found = {key: _tenants(spec, present, own, options) for key, spec in present.items()}
    found |= own_types.finished(definitions, found)
    found = {key: replace(spec, fields=atlas.offering(spec.fields)) for key, spec in found.items()}
    made = loading.load(found)
    found = {
        key: replace(spec, rules=(*spec.rules, *made[key])) if key in made else spec for key, spec in found.items()
    }
    numbered = numbering.load(found)
    found = {key: numbering.applied(spec, numbered.get(key, ())) for key, spec in found.items()}
    return MappingProxyType(wordindex.applied(lists.applied(own_types.pointed_at(found))))


def _tenants(spec: TypeSpec, present: Mapping[str, TypeSpec], own: Any, options: Any) -> TypeSpec:
    every = (*spec.fields, *own.get(spec.key, ()))
    fields = offering(tuple(field for field in every if not field.target or field.target in present), options)
    return replace(
        spec,
        fields=fields,
        actions=tuple(replace(action, fields=offering(action.fields, options)) for action in spec.actions),
        layout=tuple(panel for panel in spec.layout if panel.type is None or panel.type in present),
        referrers=tuple(link for link in spec.referrers if link.type in present),
    )


def types(actor: Actor) -> Mapping[str, TypeSpec]:
    """The record types that this actor may read here, in menu order; `operations` are those the actor has on some rows."""
    held = shaped(actor)
    kept: dict[Any, Any] = getattr(getattr(actor, "policies", None), "kept", {})
    key = (held.key, standing.writes(actor))
    if key not in kept:
        cut = (_cut(held, spec, policy_for(actor, spec.key), actor) for spec in held.types.values())
        seen = sorted((spec for spec in cut if "read" in spec.operations), key=lambda spec: (spec.order, spec.key))
        kept[key] = MappingProxyType({spec.key: spec for spec in seen})
    found: Mapping[str, TypeSpec] = kept[key]
    return found


def type_of(actor: Actor, type: str | TypeSpec) -> TypeSpec:
    """One type by its key. Raises UnknownType when it does not exist, is off here, or the actor may not read it."""
    key = type if isinstance(type, str) else type.key
    held = shaped(actor)
    if key in held.types:
        spec = _cut(held, held.types[key], policy_for(actor, key), actor)
        if "read" in spec.operations:
            return spec
    raise UnknownType(_("没有“%(type)s”这类记录，或者它没有启用，或者你无权查看。") % {"type": key})


def _cut(held: Shaped, spec: TypeSpec, policy: Policy, actor: Actor) -> TypeSpec:
    operations = frozenset(name for name in spec.operations if policy.allows(name)) & standing.possible(actor, spec)
    if operations == spec.operations:
        return spec
    key = (spec.key, operations)
    if key not in held.cuts:
        held.cuts[key] = replace(spec, operations=operations)
    return held.cuts[key]


def fields_for(type: str | TypeSpec, actor: Actor, purpose: Purpose | str) -> tuple[FieldSpec, ...]:
    """The fields of a type that this actor is shown for a purpose, in order, each with the actor's level.

    The only way to learn what fields there are: standard and own fields alike, field rights applied.
    """
    key = type if isinstance(type, str) else type.key
    held = shaped(actor)
    if key not in held.types:
        raise UnknownType(_("没有“%(type)s”这类记录，或者它没有启用。") % {"type": key})
    policy = policy_for(actor, key)
    limits, veils = rights.limits(actor, held, key), rights.veils(actor, held, key)
    cached = (key, Purpose(purpose), policy.default_level, frozenset(policy.levels.items()), limits, veils)
    if cached not in held.fields:
        spec = _veiled(held.types[key], dict(veils))
        held.fields[cached] = _fields(spec, policy, Purpose(purpose), dict(limits))
    return held.fields[cached]


def _veiled(spec: TypeSpec, veils: Mapping[str, tuple[rights.Hop, ...]]) -> TypeSpec:
    if not veils:
        return spec
    return replace(spec, fields=tuple(replace(field, veils=veils.get(field.key, ())) for field in spec.fields))


def _fields(spec: TypeSpec, policy: Policy, purpose: Purpose, limits: Mapping[str, Level]) -> tuple[FieldSpec, ...]:
    levels = {field.key: Level(policy.level(field.key)) for field in spec.fields}
    levels |= {key: least for key, least in limits.items() if rights.ORDER[least] < rights.ORDER[levels[key]]}
    leveled = (field.with_level(levels[field.key]) for field in spec.fields)
    return tuple(field for field in leveled if _shown(field, spec, purpose))


def _shown(field: FieldSpec, spec: TypeSpec, purpose: Purpose) -> bool:
    if field.level is Level.HIDE:
        return False
    if purpose in {Purpose.WRITE, Purpose.IMPORT}:
        if purpose is Purpose.IMPORT and field.key == "number":
            return field.level is Level.EDIT  # foreign numbers may come along (PRD-02)
        return field.editable and (field.kind.importable or purpose is Purpose.WRITE)
    if purpose is Purpose.FILTER:
        return field.level is not Level.MASK and not field.veils
    if purpose is Purpose.SEARCH:
        return (
            field.level is not Level.MASK and not field.veils and (field.searchable or field.key in spec.search.related)
        )
    return True
