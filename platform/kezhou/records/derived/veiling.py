"""Looked-up values of records that an actor may not see: shown as nothing, row by row, with one question per link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kezhou.access.policy import policy_for
from kezhou.records.catalogue import shaped
from kezhou.records.rows import run
from kezhou.records.spec import FieldSpec, TypeSpec
from kezhou.records.sql import Sql

if TYPE_CHECKING:
    from kezhou.access.actor import Actor
    from kezhou.records.derived.rights import Hop


def veiled(
    actor: Actor, spec: TypeSpec, fields: Sequence[FieldSpec], pks: Sequence[int], rows: Sequence[tuple[Any, ...]]
) -> list[tuple[Any, ...]]:
    """The rows without the values that this actor may not see; nothing is asked when no column is concerned.

    `pks` are the keys of the records in the order of the rows.
    """
    places = [place for place, field in enumerate(fields) if field.veils]
    if not places or not rows:
        return list(rows)
    seen = _seen(actor, spec, {hop for place in places for hop in fields[place].veils}, pks)
    return [
        tuple(
            None if field.veils and any(pk not in seen[hop] for hop in field.veils) else value
            for field, value in zip(fields, row, strict=True)
        )
        for pk, row in zip(pks, rows, strict=True)
    ]


def _seen(actor: Actor, spec: TypeSpec, hops: set[Hop], pks: Sequence[int]) -> Mapping[Hop, frozenset[int]]:
    """For each link the records whose linked record the actor may see, deleted ones included: their titles are shown as well."""
    found = {}
    for hop in sorted(hops):
        link, target = spec.by_key[hop[0]], shaped(actor).types[hop[1]]
        condition = policy_for(actor, target.key).condition.sql("s")
        rows = run(
            Sql(
                f"SELECT t.id FROM {spec.rows} t JOIN {target.rows} s ON s.id = ({link.kind.expression(link, 't')})::bigint "
                f"WHERE t.id = ANY(%s) AND {condition.text}",
                (list(pks), *condition.params),
            )
        )
        found[hop] = frozenset(row[0] for row in rows)
    return found
