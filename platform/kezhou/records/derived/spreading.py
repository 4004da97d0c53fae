"""What follows from a change, in the same transaction: level by level, each level a constant number of statements per type.

Rows are locked before anything is computed from what points to them, so of two changes at once the second sees the first. A
recomputed value is no edit: version, last change and action of the record stay, so nobody who edits it meets a conflict; history
tells it (source `derived`) and the outbox hears of it. More than `MOST` followers are left to a job.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kezhou.records import ledger, storing
from kezhou.records.catalogue import shaped
from kezhou.records.derived import computing
from kezhou.records.derived.graph import EXISTENCE, Graph, Outside, graph_of
from kezhou.records.rows import run, selection
from kezhou.records.spec import FieldSpec, TypeSpec
from kezhou.records.sql import Sql, any_of

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

MOST = 500


@dataclass(slots=True)
class Wave:
    """What has changed so far: keys of fields by type and record, and the records that links pointed to before.

    `filled` says that the changed rows hold their own derived values already.
    """

    actor: Actor
    action: str
    at: datetime
    filled: bool = True
    changed: dict[str, dict[str, set[int]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))
    left: dict[tuple[str, str], set[int]] = field(default_factory=lambda: defaultdict(set))

    def note(self, spec: TypeSpec, step: ledger.Step) -> None:
        """Take in what one written row means to others."""
        if step.kind != "changed":
            self.changed[spec.key][EXISTENCE].add(step.pk)
        for key, (old, _new) in step.changes.items():
            self.changed[spec.key][key].add(step.pk)
            if key in spec.by_key and spec.by_key[key].target and old is not None:
                self.left[spec.key, key].add(int(old))


def follow(actor: Actor, steps: Sequence[ledger.Step], *, action: str, at: datetime, filled: bool = True) -> None:
    """Bring everything up to date that follows from rows just written, inside their transaction."""
    graph = graph_of(actor)
    if not any(step.type in graph.watched for step in steps) and (filled or not graph.outside):
        return
    wave = Wave(actor, action, at, filled)
    types = shaped(actor).types
    for step in steps:
        wave.note(types[step.type], step)
    spread(wave, graph, types)


def spread(wave: Wave, graph: Graph, types: Mapping[str, TypeSpec]) -> None:
    """Walk up the levels from what the wave holds."""
    for level in graph.levels:
        for type_key, nodes in level:
            touched = [node for node in nodes if _touches(wave, node)]
            if touched:
                _renew(wave, graph, types[type_key], touched)


def _touches(wave: Wave, node: Outside) -> bool:
    """Whether something changed over there; a changed link of one's own is seen to by `filling`, if it was asked."""
    if not wave.filled and wave.changed.get(node.type, {}).get(node.link.key) and not node.upward:
        return True
    there = wave.changed.get(node.source.key, {})
    return any(type_key == node.source.key and there.get(key) for type_key, key in node.needs)


def _renew(wave: Wave, graph: Graph, spec: TypeSpec, nodes: Sequence[Outside]) -> None:
    where = any_of([_affected(wave, node) for node in nodes])
    pks = locked(spec, where, MOST + 1)
    if len(pks) > MOST:
        from kezhou.records.derived.jobs import continue_later  # which spreads as well

        continue_later(wave, spec, nodes, {node.field.key: _causes(wave, node) for node in nodes})
    elif pks:
        renew(wave, graph, spec, nodes, pks)


def _causes(wave: Wave, node: Outside) -> dict[str, list[int]]:
    """The records over there that changed, and those here that are pointed to no longer."""
    there = wave.changed.get(node.source.key, {})
    changed = set().union(*(there.get(key, set()) for type_key, key in node.needs if type_key == node.source.key))
    return {"changed": sorted(changed), "left": sorted(wave.left.get((node.source.key, node.link.key), ()))}


def _affected(wave: Wave, node: Outside) -> Sql:
    causes = _causes(wave, node)
    own = wave.changed.get(node.type, {}).get(node.link.key, set())
    if own and not wave.filled and not node.upward:
        return any_of([affected(node, causes["changed"], causes["left"]), Sql("(t.id = ANY(%s))", (sorted(own),))])
    return affected(node, causes["changed"], causes["left"])


def affected(node: Outside, changed: Sequence[int], left: Sequence[int]) -> Sql:
    """The rows `t` of the node's type that follow from changed records of the other type."""
    link, source = node.link, node.source
    if not node.upward:
        return link.kind.equals_any(link, list(changed), "t")
    place = link.kind.sort_expression(link, "r")
    return Sql(
        f"(t.id IN (SELECT {place} FROM {source.rows} r WHERE r.id = ANY(%s)) OR t.id = ANY(%s))",
        (list(changed), list(left)),
    )


def locked(spec: TypeSpec, where: Sql, most: int, *, after: int = 0) -> list[int]:
    """Lock the rows of a condition in the order of their keys, deleted ones too."""
    rows = run(
        Sql(
            f"SELECT t.id FROM {spec.rows} t WHERE t.id > %s AND {where.text} ORDER BY t.id LIMIT %s FOR NO KEY UPDATE OF t",
            (after, *where.params, most),
        )
    )
    return [row[0] for row in rows]


def renew(
    wave: Wave, graph: Graph, spec: TypeSpec, nodes: Sequence[Outside], pks: Sequence[int], *, told: bool = True
) -> int:
    """Compute outside nodes and formulas of locked rows anew and write what differs; how many rows that were."""
    fields = computing.needed(graph, spec.key, nodes, spec)
    chosen = selection(fields, ("id", "version"))
    rows = run(Sql(f"SELECT {chosen.text} FROM {spec.rows} t WHERE t.id = ANY(%s) ORDER BY t.id", (list(pks),)))
    names = [each.key for each in fields]
    values = {row[0]: dict(zip(names, chosen.read(row), strict=True)) for row in rows}
    versions = {row[0]: row[1] for row in rows}
    fresh = computing.outside_values(nodes, values)
    steps, written = [], {}
    for pk, now in values.items():
        before, changed = dict(now), {key for key, value in fresh[pk].items() if value != now[key]}
        now |= fresh[pk]
        computing.follow(graph, spec.key, now, changed, all_of_them=not nodes)
        if changed:
            written[pk] = now
            pairs = {key: (_stored(spec, key, before), _stored(spec, key, now)) for key in sorted(changed)}
            steps.append(ledger.Step(spec.key, pk, versions[pk], "changed", pairs))
    _put(spec, sorted({key for step in steps for key in step.changes}), written)
    ledger.note(wave.actor, steps, action=wave.action, source="derived", at=wave.at, history=told)
    for step in steps:
        for key in step.changes:
            wave.changed[spec.key][key].add(step.pk)
    return len(steps)


def _stored(spec: TypeSpec, key: str, values: Mapping[str, Any]) -> Any:
    return storing.stored(spec.by_key[key], values[key])


def _put(spec: TypeSpec, keys: Sequence[str], rows: Mapping[int, Mapping[str, Any]]) -> None:
    """Write these derived fields of rows: columns as they are, own fields into `custom`, where empties drop their key."""
    if not rows:
        return
    fields = [spec.by_key[key] for key in keys]
    columns = [str(each.column) for each in fields if each.column is not None]
    own = [each for each in fields if each.custom]
    given = [_row(pk, values, fields, bool(own)) for pk, values in rows.items()]
    run(storing.put(spec, columns, [each.key for each in own], given))


def _row(pk: int, values: Mapping[str, Any], fields: Iterable[FieldSpec], own: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"id": pk} | ({"custom": {}} if own else {})
    for each in fields:
        value = values[each.key]
        if each.column is not None:
            row[each.column] = storing.stored_column(each, value)
        elif value is not None:
            row["custom"][each.key] = storing.stored(each, value)
    return row
