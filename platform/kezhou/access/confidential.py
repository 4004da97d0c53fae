"""Which fields are confidential: those that some role of the company may not see whole (PRM-04, SRH-13)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from kezhou.access.models import RoleField
from kezhou.records.spec import Level


def confidential() -> Mapping[str, frozenset[str]]:
    """The keys of confidential fields by type, whoever asks. One statement."""
    found: dict[str, set[str]] = defaultdict(set)
    levels = [Level.HIDE.value, Level.MASK.value]
    for type, key in RoleField.objects.filter(level__in=levels).values_list("type", "field"):
        found[type].add(key)
    return {type: frozenset(keys) for type, keys in found.items()}
