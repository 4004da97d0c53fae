"""Administrators' rules as part of the tenant's shape."""

from __future__ import annotations

from collections.abc import Iterable

from kezhou.records.models import RuleRow
from kezhou.records.rules.declared import Effect, Rule


def load(present: Iterable[str]) -> dict[str, tuple[Rule, ...]]:
    """The rules that are on, by type, in their order: one statement."""
    found: dict[str, tuple[Rule, ...]] = {}
    for row in RuleRow.objects.filter(enabled=True, type__in=present).order_by("position", "id"):
        found[row.type] = (*found.get(row.type, ()), rule_of(row))
    return found


def rule_of(row: RuleRow) -> Rule:
    """A stored rule as readers see it."""
    effects = tuple(
        Effect(each["do"], tuple(each.get("fields", ())), tuple(each.get("options", ())), each.get("message", ""))
        for each in row.effects
    )
    return Rule(row.title, tuple(row.condition), effects, row.pk)
