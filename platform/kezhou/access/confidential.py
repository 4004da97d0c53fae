"""Which fields are confidential: those that some role of the company may not see whole (PRM-04, SRH-13)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

from kezhou.access.models import RoleField
from kezhou.records.spec import Level


def confidential() -> Mapping[str, frozenset[str]]:
    """The keys of confidential fields by type, whoever asks. One statement."""
    found: dict[str, set[str]] = defaultdict(set)
    levels = [Level.HIDE.value, Level.MASK.value]
    for type, key in RoleField.objects.filter(level__in=levels).values_list("type", "field"):
        found[type].add(key)
    return {type: frozenset(keys) for type, keys in found.items()}


Hidden = Mapping[str, frozenset[str]]
_outsiders: list[Callable[[], Hidden]] = []


def also_hidden(source: Callable[[], Hidden]) -> None:
    """Name another reason for which somebody may not see fields: people of customers and partners, who have no roles."""
    _outsiders.append(source)


def hidden_from_some() -> Hidden:
    """The keys of fields by type that a role or an outsider may not see: what full-text search keeps apart from the rest."""
    found: dict[str, frozenset[str]] = dict(confidential())
    for source in _outsiders:
        for type, keys in source().items():
            found[type] = found.get(type, frozenset()) | keys
    return found
