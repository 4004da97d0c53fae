"""A plugin's tables come to a tenant when it first switches the plugin on (PLT-03)."""

from collections.abc import Sequence

from tenants.apps_of import core_labels, plugin_labels
from tenants.context import current
from tenants.directory import plugin_states
from tenants.migrator import RefusedPlan, Step, migrate, plan


def install(app_labels: Sequence[str]) -> list[Step]:
    """Make the tables of plugins in the entered tenant, outside a transaction or in the caller's; says what was applied.

    Raises:
        RefusedPlan: a label is no plugin, or the plan would touch a plugin that is neither asked for nor already
            there. Nothing was changed.
    """
    current()
    asked = set(app_labels)
    strange = sorted(asked - plugin_labels())
    if strange:
        raise RefusedPlan(f"{', '.join(strange)} is not an installed plugin.")
    there = {name for name, state in plugin_states().items() if state.has_tables}
    needed = {label for label, _ in plan(sorted(asked))}
    missing = sorted(needed - asked - there - core_labels())
    if missing:
        raise RefusedPlan(f"{', '.join(sorted(asked))} needs {', '.join(missing)}. Switch that on first.")
    return migrate(sorted(asked))
