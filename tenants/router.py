"""Which app's tables belong where. Outside a scope nothing may be migrated, so ``makemigrations`` touches nothing."""

from typing import Any

from tenants.apps_of import core_labels, shared_labels
from tenants.context import PUBLIC, scope
from tenants.migrator import migrating


class Router:
    """Shared apps in the control plane; core apps, and the plugins being installed, in a tenant."""

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool:
        now = scope()
        if now is None:
            return False
        if now.schema == PUBLIC:
            return app_label in shared_labels()
        return app_label in core_labels() or app_label in migrating()
