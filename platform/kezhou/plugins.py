"""Discovery of plugins, and hook callers that reach only the plugins that are on in the present tenant.

Manifests are read from the entry point group `kezhou.plugins` before Django loads its apps, so this module imports nothing
that needs Django. `KEZHOU_PLUGINS` (comma-separated `package.module:manifest`) adds plugins that are not installed as distributions: the
test suite's own.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from types import MappingProxyType, ModuleType
from typing import Any

import pluggy

from kezhou import hookspecs
from kezhou.sdk.manifest import Manifest
from tenants.context import current_or_none

GROUP = "kezhou.plugins"
PROVIDERS = "kezhou.providers"
CORE_PROVIDERS = ("kezhou.access.hooks",)


class PluginError(Exception):
    """A plugin that cannot be loaded or switched; `str()` is a full sentence naming it."""


def _load(reference: str) -> Manifest:
    module, _, attribute = reference.partition(":")
    manifest = getattr(import_module(module), attribute or "manifest")
    if not isinstance(manifest, Manifest):
        raise PluginError(f"{reference} is not a kezhou.sdk.manifest.Manifest.")
    return manifest if manifest.package else replace(manifest, package=module.rpartition(".")[0])


@cache
def manifests() -> Mapping[str, Manifest]:
    """All installed plugins by name, those that others require first."""
    references = [point.value for point in entry_points(group=GROUP)]
    references += [text.strip() for text in os.environ.get("KEZHOU_PLUGINS", "").split(",") if text.strip()]
    found: dict[str, Manifest] = {}
    for manifest in map(_load, dict.fromkeys(references)):
        if manifest.name in found:
            raise PluginError(f"Two plugins are named {manifest.name}. Rename one of them.")
        found[manifest.name] = manifest
    return MappingProxyType({name: found[name] for name in _ordered(found)})


def _ordered(found: Mapping[str, Manifest]) -> list[str]:
    done: list[str] = []

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise PluginError(f"Plugins require each other in a ring: {' → '.join((*path, name))}.")
        for needed in found[name].requires:
            if needed not in found:
                raise PluginError(
                    f"Plugin {name} requires {needed}, which is not installed. Install it or remove {name}."
                )
            visit(needed, (*path, name))
        if name not in done:
            done.append(name)

    for name in sorted(found, key=lambda name: (found[name].order, name)):
        visit(name, ())
    return done


def plugin_apps() -> tuple[str, ...]:
    """The Django apps of all installed plugins, for INSTALLED_APPS and TENANT_APPS; the label is the plugin's name."""
    return tuple(manifest.package for manifest in manifests().values())


def manifest(name: str) -> Manifest:
    """The manifest of an installed plugin. Raises PluginError for a name that is not installed."""
    if name not in manifests():
        raise PluginError(f"没有名为“{name}”的插件。")
    return manifests()[name]


class _Loaded:
    """The one pluggy manager of the process and the names registered in it; filled by `load`."""

    manager: pluggy.PluginManager | None = None
    always: frozenset[str] = frozenset()
    order: Mapping[str, int] = MappingProxyType({})


def _hook_modules() -> list[tuple[str, ModuleType, bool]]:
    modules = [(name, import_module(name), True) for name in CORE_PROVIDERS if find_spec(name) is not None]
    modules += [(point.value, import_module(point.value), True) for point in entry_points(group=PROVIDERS)]
    for name, manifest in manifests().items():
        if find_spec(f"{manifest.package}.hooks") is not None:
            modules.append((name, import_module(f"{manifest.package}.hooks"), False))
    return modules


def load() -> pluggy.PluginManager:
    """Register every provider and plugin. Called once, when Django's apps are ready; a misspelt hook stops the start."""
    if _Loaded.manager is not None:
        return _Loaded.manager
    manager = pluggy.PluginManager("kezhou")
    manager.add_hookspecs(hookspecs)
    modules = _hook_modules()
    for name, module, _always in reversed(modules):  # pluggy calls the last registered first
        manager.register(module, name=name)
    manager.check_pending()
    _Loaded.manager = manager
    _Loaded.always = frozenset(name for name, _module, always in modules if always)
    _Loaded.order = MappingProxyType({name: place for place, (name, _module, _always) in enumerate(modules)})
    return manager


class Hooks:
    """The hooks of the plugins that are on: `hooks().menu(actor=actor)`. Results come in the order of the manifests."""

    def __init__(self, enabled: frozenset[str]) -> None:
        self._manager = load()
        self._off = [
            plugin
            for name, plugin in self._manager.list_name_plugin()
            if plugin is not None and name not in enabled and name not in _Loaded.always
        ]

    def __getattr__(self, name: str) -> pluggy.HookCaller:
        return self._manager.subset_hook_caller(name, remove_plugins=self._off)

    def flat(self, name: str, **arguments: Any) -> list[Any]:
        """All answers of a hook that returns iterables, one after the other; a plugin may answer None for nothing."""
        return [item for answer in getattr(self, name)(**arguments) if answer is not None for item in answer]


@cache
def _hooks(enabled: frozenset[str]) -> Hooks:
    return Hooks(enabled)


def hooks() -> Hooks:
    """The hooks of this tenant's plugins. Outside a tenant only the core's own providers answer."""
    tenant = current_or_none()
    return _hooks(tenant.plugins if tenant is not None else frozenset())


def all_hooks() -> Hooks:
    """The hooks of every installed plugin, whoever has it on: for what is asked once per process."""
    return _hooks(frozenset(manifests()))


def hooks_of(name: str) -> Hooks:
    """The hooks of one plugin alone, core providers left out: for seeding it."""
    only = Hooks(frozenset({name}))
    always = {plugin for key, plugin in only._manager.list_name_plugin() if key in _Loaded.always}
    only._off = [*only._off, *always]
    return only
