"""What each group of partners is given, as kept: loaded whole once per shape version, for whoever is in front of a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from kezhou.access.versioned import Versioned
from kezhou.records.spec import Level
from portal.models import ANY_CATEGORY, Grant, GrantedField, Group
from tenants.context import current

KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Granted:
    """One type as a group is given it; which of its fields stands in the group."""

    type: str
    link: str
    operations: frozenset[str]
    classes: frozenset[str]
    position: int


@dataclass(frozen=True, slots=True)
class GroupGrants:
    """All that one group is given: types by key, and the levels of fields by type, none where the administrator never said which."""

    pk: int
    kind: str
    category: str
    types: Mapping[str, Granted] = field(default_factory=dict)
    fields: Mapping[str, Mapping[str, Level]] = field(default_factory=dict)


Groups = Mapping[tuple[str, str], GroupGrants]
_kept: Versioned[str, Groups] = Versioned(limit=KEPT)


def groups(shape_version: int) -> Groups:
    """The groups of the present company by class of partner and class of customer."""
    return _kept.get(current().schema, shape_version, load)


def group_for(kind: str, category: str, *, shape_version: int) -> GroupGrants | None:
    """The group that counts for a partner: that of its own class of customers, else the one for all of its kind."""
    return counting(groups(shape_version), kind, category)


def counting(known: Groups, kind: str, category: str) -> GroupGrants | None:
    """The same among groups that are loaded already."""
    return known.get((kind, category)) or known.get((kind, ANY_CATEGORY))


def load() -> Groups:
    """Every group with all that it is given, in three statements."""
    types: dict[int, dict[str, Granted]] = {}
    for row in Grant.objects.order_by("position", "pk"):
        types.setdefault(row.group_id, {})[row.type] = Granted(
            row.type, row.link, frozenset(row.operations), frozenset(row.classes), row.position
        )
    levels: dict[int, dict[str, dict[str, Level]]] = {}
    for each in GrantedField.objects.order_by("pk"):
        levels.setdefault(each.group_id, {}).setdefault(each.type, {})[each.field] = Level(each.level)
    found = (
        GroupGrants(row.pk, row.kind, row.category, types.get(row.pk, {}), levels.get(row.pk, {}))
        for row in Group.objects.order_by("pk")
    )
    return MappingProxyType({(group.kind, group.category): group for group in found})
