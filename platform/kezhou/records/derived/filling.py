"""Derived values of the very records of a batch, written with them; and the locks that two changes at once need.

Locks are taken from above: what a record points to before the record itself, so that changes that meet wait for each other in one
order and the second computes from what the first has written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kezhou.records.catalogue import shaped
from kezhou.records.derived import computing
from kezhou.records.derived.declared import Rollup
from kezhou.records.derived.graph import Graph, Outside, graph_of
from kezhou.records.rows import run
from kezhou.records.spec import FieldSpec, TypeSpec
from kezhou.records.sql import Sql

if TYPE_CHECKING:
    from kezhou.access.actor import Actor
    from kezhou.records.drafting import Batch, Work


def lock_ahead(batch: Batch) -> None:
    """Lock the records whose figures this batch will change, and those whose values it will copy."""
    graph = graph_of(batch.actor)
    if not graph.outside:
        return
    watched = graph.watched.get(batch.spec.key, frozenset())
    works = [work for work in batch.alive() if work.new or watched & work.given.keys()]
    if works and watched:
        given = {key: {work.given[key] for work in works if work.given.get(key) is not None} for key in watched}
        lock_above(batch.actor, batch.spec, [work.pk for work in works if work.pk is not None], given)
    _share(batch, graph)


def lock_above(
    actor: Actor, spec: TypeSpec, pks: Sequence[int], given: Mapping[str, Iterable[int]] | None = None
) -> None:
    """Lock, topmost first, the records that hold roll-ups over these, at any distance."""
    graph, types = graph_of(actor), shaped(actor).types
    _lock_above(graph, types, spec, set(pks), given or {}, set())


def _lock_above(
    graph: Graph,
    types: Mapping[str, TypeSpec],
    spec: TypeSpec,
    pks: set[int],
    given: Mapping[str, Iterable[int]],
    seen: set[tuple[str, int]],
) -> None:
    links = {node.link.key: node for node in graph.outside if node.upward
             and node.source.key == spec.key}  # fmt: skip
    for key, node in sorted(links.items()):
        above = set(given.get(key, ())) | _pointed(spec, spec.by_key[key], pks)
        fresh = {pk for pk in above if (node.type, pk) not in seen}
        seen |= {(node.type, pk) for pk in fresh}
        if fresh:
            _lock_above(graph, types, types[node.type], fresh, {}, seen)
            _hold(types[node.type], fresh, "NO KEY UPDATE")


def _pointed(spec: TypeSpec, link: FieldSpec, pks: set[int]) -> set[int]:
    if not pks:
        return set()
    place = link.kind.sort_expression(link, "t")
    rows = run(Sql(f"SELECT DISTINCT {place} FROM {spec.rows} t WHERE t.id = ANY(%s)", (sorted(pks),)))
    return {row[0] for row in rows if row[0] is not None}


def _hold(spec: TypeSpec, pks: Iterable[int], strength: str) -> None:
    run(
        Sql(
            f"SELECT t.id FROM {spec.rows} t WHERE t.id = ANY(%s) ORDER BY t.id FOR {strength} OF t",
            (sorted(pks),),
        )
    )


def _share(batch: Batch, graph: Graph) -> None:
    """Nobody changes a value that is about to be copied."""
    wanted: dict[str, set[int]] = {}
    for node in _look_ups(graph, batch.spec.key):
        pks = {work.given.get(node.link.key) for work in batch.alive()} - {None}
        wanted.setdefault(node.source.key, set()).update(pk for pk in pks if isinstance(pk, int))
    types = shaped(batch.actor).types if any(wanted.values()) else {}
    for key, found in sorted(wanted.items()):
        if found:
            _hold(types[key], found, "SHARE")


def _look_ups(graph: Graph, type_key: str) -> list[Outside]:
    return [node for node in graph.outside if node.type == type_key and not node.upward]


def fill(batch: Batch) -> None:
    """Put the derived values of the batch's records among what will be written."""
    graph, key = graph_of(batch.actor), batch.spec.key
    outside = [node for node in graph.outside if node.type == key]
    if not outside and key not in graph.formulas:
        return
    works = [work for work in batch.alive() if work.new or work.changed]
    _copy(_look_ups(graph, key), works)
    for work in works:
        if work.new:
            _begin(outside, work)
        changed = set(work.changed)
        computing.follow(graph, key, work.after, changed, all_of_them=work.new)
        before = work.before or {}
        work.changed |= {name for name in changed if work.after.get(name) != before.get(name)}


def _copy(nodes: Sequence[Outside], works: Sequence[Work]) -> None:
    """Look-ups of records that are new or point elsewhere now."""
    places: dict[int, Work] = dict(enumerate(works))
    for node in nodes:
        moved = {n: work for n, work in places.items() if work.new or node.link.key in work.changed}
        fresh = computing.outside_values([node], {n: work.after for n, work in moved.items()}) if moved else {}
        for n, work in moved.items():
            _set(work, node.field.key, fresh[n][node.field.key])


def _begin(nodes: Sequence[Outside], work: Work) -> None:
    """Nothing points to a new record yet: counts and sums are 0."""
    for node in nodes:
        if isinstance(node.field.derived, Rollup):
            empty: Any = 0 if node.field.derived.function in {"count", "sum"} else None
            _set(work, node.field.key, None if empty is None else node.field.kind.from_json(empty, node.field))


def _set(work: Work, key: str, value: Any) -> None:
    work.after[key] = value
    if (work.before or {}).get(key) != value:
        work.changed.add(key)
    else:
        work.changed.discard(key)
