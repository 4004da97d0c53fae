"""A plugin's tables come to a tenant when it first switches the plugin on (PLT-03)."""

from collections.abc import Sequence

from tenants.apps_of import plugin_labels
from tenants.context import current
from tenants.migrator import RefusedPlan, Step, migrate


def install(app_labels: Sequence[str]) -> list[Step]:
    """Make the tables of plugins in the entered tenant, outside a transaction or in the caller's; says what was applied.

    Raises:
        RefusedPlan: a label is no plugin, or the plan, which is computed first, would touch an app that was not asked
            for (a plugin that is needed and has no tables here). Nothing was changed.
    """
    current()
    asked = set(app_labels)
    strange = sorted(asked - plugin_labels())
    if strange:
        raise RefusedPlan(f"{', '.join(strange)} is not an installed plugin.")
    return migrate(sorted(asked))
