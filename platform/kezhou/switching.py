"""Switching plugins on and off in a company (PLT-04, PLT-05).

On: tables by migrations, then dictionaries, roles and the new shape in one transaction, then the plugin is visible. Every step can be
repeated, so whatever failed half-way is honest about it and is finished by trying again. Off: everything is hidden, nothing is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from kezhou.access.entitlements import demand
from kezhou.access.roles import seed as seed_roles
from kezhou.plugins import Hooks, PluginError, hooks_of, manifest, manifests
from kezhou.records import dictionaries, shape
from kezhou.sdk.manifest import Manifest
from tenants import directory, plugin_tables
from tenants.context import current
from tenants.faults import without_data

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

Step = Callable[[int, int, str], None]


class SwitchRefused(PluginError):
    """A plugin cannot be switched like this; `str()` is a full sentence that names what stands in the way."""


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A plugin as the catalogue shows it: `state` is on, off, installing or failed; `needed_by` are plugins that are on."""

    manifest: Manifest
    state: str
    error: str
    missing: tuple[str, ...]
    needed_by: tuple[str, ...]


def catalogue() -> tuple[CatalogueEntry, ...]:
    """Every installed plugin with its state in this company, in the order of the manifests."""
    states = directory.plugin_states()
    return tuple(
        CatalogueEntry(
            manifest=each,
            state=states[each.name].state if each.name in states else "off",
            error=states[each.name].error if each.name in states else "",
            missing=tuple(name for name in each.requires if name not in current().plugins),
            needed_by=_needed_by(each.name),
        )
        for each in manifests().values()
    )


def enable_plan(name: str) -> tuple[Manifest, ...]:
    """What has to be switched on for this plugin, in order, itself last; empty when it is on. Raises PluginError."""
    manifest(name)
    wanted: dict[str, None] = {}

    def visit(each: str) -> None:
        for needed in manifest(each).requires:
            visit(needed)
        if each not in current().plugins:
            wanted[each] = None

    visit(name)
    return tuple(manifest(each) for each in wanted)


def _needed_by(name: str) -> tuple[str, ...]:
    return tuple(other for other in manifests() if other in current().plugins and name in manifest(other).requires)


def switch_on(actor: Actor, names: Sequence[str], *, step: Step | None = None) -> tuple[str, ...]:
    """Switch plugins on with everything they need; answers the names that were switched on, in order.

    Outside a transaction. `step(done, total, title)` is told of progress. Raises SwitchRefused, NotEntitled; when a step fails the
    plugin's state is "failed" with the reason, and calling again goes on from there.
    """
    _demand_admin(actor)
    wanted: dict[str, None] = {}
    for name in names:
        wanted |= {each.name: None for each in enable_plan(name)}
    for name in wanted:
        demand(f"plugin:{name}")
    for place, name in enumerate(wanted):
        if step is not None:
            step(place, len(wanted), manifest(name).title)
        _install(name)
    if step is not None:
        step(len(wanted), len(wanted), "")
    return tuple(wanted)


install = switch_on


def _demand_admin(actor: Actor) -> None:
    if not actor.is_admin:
        raise SwitchRefused(_("只有管理员可以启用或停用插件。"))


def _install(name: str) -> None:
    directory.set_plugin_state(name, "installing")
    try:
        plugin_tables.install([name])
        directory.set_plugin_state(name, "installing", has_tables=True)
        with transaction.atomic():
            own = hooks_of(name)
            dictionaries.seed(own.flat("dictionaries"), plugin=name)
            seed_roles(own.flat("roles"))
            shape.bump()
        directory.set_plugin_state(name, "on")
    except Exception as error:
        directory.set_plugin_state(name, "failed", error=without_data(error))
        raise


def seed_missing() -> None:
    """Dictionaries that a newer version brought: made in a company that was there before, empty of nothing it has."""
    with transaction.atomic():
        made = dictionaries.seed(Hooks(frozenset()).flat("dictionaries"), plugin="core")
        for name in manifests():
            if name in current().plugins:
                made += dictionaries.seed(hooks_of(name).flat("dictionaries"), plugin=name)
        if made:
            shape.bump()


def switch_off(actor: Actor, name: str) -> None:
    """Hide a plugin everywhere and keep its data. Raises SwitchRefused while another plugin that is on needs it."""
    _demand_admin(actor)
    each = manifest(name)
    users = _needed_by(name)
    if users:
        titles = "、".join(f"“{manifest(user).title}”" for user in users)
        sentence = _("“%(title)s”正被%(users)s使用，不能停用。请先停用它们。")
        raise SwitchRefused(sentence % {"title": each.title, "users": titles})
    directory.set_plugin_state(name, "off")
    with transaction.atomic():
        shape.bump()
