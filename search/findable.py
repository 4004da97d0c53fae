"""What one actor may find, made ready once for each change of the company's shape: kinds, fields, rights as query terms.

Only what follows from the actor's rights, the shape and the facts of the index is in it; no record and nothing of a request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from kezhou.access.actor import Actor
from kezhou.access.policy import policy_for
from kezhou.access.versioned import Versioned
from kezhou.records.catalogue import shaped
from kezhou.records.spec import TypeSpec
from search import confidential
from search.documents import Parts, parts_of, searched
from search.engines.base import Reader
from search.scope import Sight, scopes, showing, showing_category
from tenants.context import current

KEPT = 1_000
ALWAYS = frozenset({"number", "owner", "created_at", "changed_at"})
NARROWING = ("owner", "department", "changed_at")


@dataclass(frozen=True)
class Findable:
    """`specs` are the kinds that full-text search answers for, in menu order, `parts` their searched fields, `shown` the kinds of which
    the actor may filter by a standard field, `classed` those with a class to filter by."""

    specs: Mapping[str, TypeSpec]
    parts: Mapping[str, Parts]
    sight: Sight
    shown: Mapping[str, frozenset[str]]
    classed: frozenset[str]
    kept: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
    """What follows from this and little else, by all that it follows from (`search.ranking.wishes`); it goes with it."""

    @cached_property
    def wanted(self) -> Mapping[str, frozenset[str]]:
        """The fields that a hit of each kind is shown with."""
        return {
            kind: ALWAYS | {self.specs[kind].title_field} | {field.key for field in parts.all}
            for kind, parts in self.parts.items()
        }


_kept: Versioned[tuple[int, str, str], Findable] = Versioned(limit=KEPT)


def findable_by(actor: Actor, reader: Reader) -> Findable:
    """What this actor may find in the index as it is now: remembered under the very policies, so that whoever has other rights under
    the same name never meets it."""
    place, held = current(), shaped(actor)
    rights = tuple(policy_for(actor, key) for key in held.types)
    version = (held.key, rights, reader.remembered(confidential.REMEMBERED))
    return _kept.get((place.pk, place.schema, actor.key), version, lambda: _made(actor, reader))


def _made(actor: Actor, reader: Reader) -> Findable:
    specs = searched(actor)
    return Findable(
        specs=specs,
        parts={kind: parts_of(spec, actor) for kind, spec in specs.items()},
        sight=Sight.of(scopes(actor, specs, confidential.known(reader))),
        shown={key: showing(actor, specs, key) for key in NARROWING},
        classed=showing_category(actor, specs),
    )
