"""System checks of the engine: what would only show in a tenant's hands is told at start."""

from __future__ import annotations

from typing import Any

from django.core import checks

from kezhou.plugins import load
from kezhou.records.link import Link
from kezhou.records.registry import registered


def register_all() -> None:
    """Hand the checks to Django."""
    checks.register(hooks_are_known, "kezhou")
    checks.register(links_stay_inside, "kezhou")


def hooks_are_known(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Every hook implementation has a specification (pluggy names the misspelt one)."""
    try:
        load().check_pending()
    except Exception as error:  # noqa: BLE001  # whatever pluggy found is the message
        return [checks.Error(str(error), id="kezhou.E001")]
    return []


def links_stay_inside(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Links between records are `Link`, and there are no many-to-many fields (their tables may not exist in a tenant)."""
    found: list[checks.CheckMessage] = []
    for spec in registered().values():
        for field in spec.model._meta.get_fields():
            if field.many_to_many:
                found.append(
                    checks.Error(f"{field} is many-to-many. Write a line model.", obj=spec.model, id="kezhou.E002")
                )
            elif field.many_to_one and field.concrete and not isinstance(field, Link):
                found.append(checks.Error(f"{field} is a ForeignKey. Use Link.", obj=spec.model, id="kezhou.E003"))
    return found
