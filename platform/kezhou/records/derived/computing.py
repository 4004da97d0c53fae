"""Values of outside nodes and formulas for locked rows: one statement per linked type, one per kind of referring record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kezhou.records import trees
from kezhou.records.derived.declared import Lookup, Rollup
from kezhou.records.derived.graph import Graph, Outside
from kezhou.records.fields import Context
from kezhou.records.fields.number import Number
from kezhou.records.reading import context as reading_context
from kezhou.records.rows import run, selection
from kezhou.records.spec import FieldSpec, TypeSpec
from kezhou.records.sql import TRUE, Sql, all_of, any_of

Found = dict[int, dict[str, Any]]
"""By record the values of some of its fields, by key."""


def outside_values(nodes: Sequence[Outside], rows: Mapping[int, Mapping[str, Any]]) -> Found:
    """What the outside nodes of one type are for these records, whose link values `rows` holds."""
    found: Found = {pk: {} for pk in rows}
    _look_up([node for node in nodes if not node.upward], rows, found)
    _roll_up([node for node in nodes if node.upward], rows, found)
    return found


def _look_up(nodes: Sequence[Outside], rows: Mapping[int, Mapping[str, Any]], found: Found) -> None:
    wanted: dict[str, tuple[TypeSpec, set[str], set[int]]] = {}
    for node in nodes:
        _spec, keys, pks = wanted.setdefault(node.source.key, (node.source, set(), set()))
        keys.add(_copied(node))
        pks.update(values[node.link.key] for values in rows.values() if values.get(node.link.key) is not None)
    held = {key: values_of(spec, keys, pks) for key, (spec, keys, pks) in wanted.items()}
    for node in nodes:
        for pk, values in rows.items():
            there = held[node.source.key].get(values.get(node.link.key) or 0, {})
            found[pk][node.field.key] = there.get(_copied(node))


def _copied(node: Outside) -> str:
    how = node.field.derived
    assert isinstance(how, Lookup)
    return how.field


def values_of(spec: TypeSpec, keys: Iterable[str], pks: Iterable[int]) -> Found:
    """The values of some fields of records, deleted ones included, without asking anybody's rights."""
    wanted = sorted(set(pks))
    if not wanted:
        return {}
    fields = [spec.by_key[key] for key in sorted(set(keys))]
    chosen = selection(fields, ("id",))
    rows = run(Sql(f"SELECT {chosen.text} FROM {spec.rows} t WHERE t.id = ANY(%s)", (wanted,)))
    names = [field.key for field in fields]
    return {row[0]: dict(zip(names, chosen.read(row), strict=True)) for row in rows}


# -- roll-ups ----------------------------------------------------------------------------------------------------------


def _roll_up(nodes: Sequence[Outside], rows: Mapping[int, Mapping[str, Any]], found: Found) -> None:
    groups: dict[tuple[str, str], list[Outside]] = {}
    for node in nodes:
        groups.setdefault((node.source.key, node.link.key), []).append(node)
    for group in groups.values():
        _roll_up_along(group, sorted(rows), found)


def _roll_up_along(nodes: Sequence[Outside], pks: list[int], found: Found) -> None:
    spec, link = nodes[0].source, nodes[0].link
    context, parts = reading_context(), []
    for node in nodes:
        parts.append(_aggregate(node, spec, context))
    place = link.kind.sort_expression(link, "r")
    here = link.kind.equals_any(link, pks, "r")
    listed = Sql(", ".join(part.text for part in parts), tuple(param for part in parts for param in part.params))
    answers = run(
        Sql(
            f"SELECT {place}, {listed.text} FROM {spec.rows} r WHERE r.deleted_at IS NULL AND {here.text} GROUP BY 1",
            (*listed.params, *here.params),
        )
    )
    by_pk = {row[0]: row[1:] for row in answers}
    for number, node in enumerate(nodes):
        answered = {pk: (by_pk[pk][number] if pk in by_pk else None) for pk in pks}
        for pk, value in _typed(node, spec, answered).items():
            found[pk][node.field.key] = value


def _aggregate(node: Outside, spec: TypeSpec, context: Context) -> Sql:
    how = node.field.derived
    assert isinstance(how, Rollup)
    where = condition(trees.parse(list(how.where) or None), spec, "r", context)
    if how.function == "count":
        return Sql(f"count(*) FILTER (WHERE {where.text})", where.params)
    source = spec.by_key[how.field]
    if how.function in {"first", "last"}:
        by = spec.by_key[how.by].kind.sort_expression(spec.by_key[how.by], "r") if how.by else "r.id"
        turn = "DESC" if how.function == "last" else "ASC"
        filled = all_of([where, ~source.kind.is_empty(source, "r")])
        order = f"{by} {turn} NULLS LAST, r.id {turn}"
        return Sql(f"(array_agg(r.id ORDER BY {order}) FILTER (WHERE {filled.text}))[1]", filled.params)
    expression = source.kind.numeric_expression(source, "r") if source.numeric else source.kind.order_side(source, "r")
    return Sql(f"{how.function}({expression}) FILTER (WHERE {where.text})", where.params)


def condition(tree: trees.Tree, spec: TypeSpec, ref: str, context: Context) -> Sql:
    """A filter tree of plain conditions as SQL, seen by nobody in particular."""
    if isinstance(tree, trees.Leaf):
        field = spec.by_key[tree.field]
        return field.kind.where(field, tree.operator, tree.value, ref, context=context)
    assert isinstance(tree, trees.Group)
    parts = [condition(part, spec, ref, context) for part in tree.parts]
    if tree.joint == "not":
        return ~parts[0]
    if not parts:
        return TRUE
    return all_of(parts) if tree.joint == "and" else any_of(parts)


def _typed(node: Outside, spec: TypeSpec, answered: Mapping[int, Any]) -> dict[int, Any]:
    """What the database answered as values of the derived field."""
    how, field = node.field.derived, node.field
    assert isinstance(how, Rollup)
    if how.function in {"count", "sum", "avg"}:
        kind = Number()
        read = {pk: kind.from_json(0 if value is None and how.function != "avg" else value, field)
                for pk, value in answered.items() if value is not None or how.function != "avg"}  # fmt: skip
        return {pk: field.kind.fitted(read[pk], field) if pk in read else None for pk in answered}
    source = spec.by_key[how.field]
    if how.function in {"first", "last"}:
        there = values_of(spec, (how.field,), [value for value in answered.values() if value is not None])
        return {pk: there.get(value or 0, {}).get(how.field) for pk, value in answered.items()}
    return {pk: None if value is None else source.kind.from_db(value, source) for pk, value in answered.items()}


# -- formulas ----------------------------------------------------------------------------------------------------------


def follow(
    graph: Graph, type_key: str, values: dict[str, Any], changed: set[str], *, all_of_them: bool = False
) -> None:
    """Compute the formulas of one record over its values, in order; keys of those that came out otherwise join `changed`."""
    zone = reading_context().zone
    for node in graph.formulas.get(type_key, ()):
        if all_of_them or changed & set(node.formula.uses):
            fresh = node.formula.value(values, node.field, zone=zone)
            if fresh != values.get(node.field.key):
                values[node.field.key] = fresh
                changed.add(node.field.key)


def needed(graph: Graph, type_key: str, nodes: Iterable[Outside], spec: TypeSpec) -> list[FieldSpec]:
    """The fields that have to be read to compute these nodes and the formulas above them."""
    keys: set[str] = set()
    for node in nodes:
        keys.add(node.field.key)
        if not node.upward:
            keys.add(node.link.key)
    for inside in graph.formulas.get(type_key, ()):
        keys |= {inside.field.key, *inside.formula.uses}
    return [spec.by_key[key] for key in sorted(keys)]
