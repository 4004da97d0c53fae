"""Trees: records of one type above each other. No record stands above itself, none deeper than the type allows, whoever else moves
branches at the same time; a filter reaches a record with all below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from kezhou.records.rows import run
from kezhou.records.spec import FieldSpec, TypeSpec
from kezhou.records.sql import Sql, quoted
from tenants.context import current

if TYPE_CHECKING:
    from kezhou.access.actor import Actor
    from kezhou.records.drafting import Batch, Work
    from kezhou.records.fields import Context

WITHIN = "within"
"""The operator 含下级: the record itself or one below it."""


def hold(batch: Batch) -> None:
    """One mover of branches at a time per type: taken before any row is locked, so that two of them cannot wait for each other."""
    if batch.spec.tree and any(batch.spec.tree in work.given for work in batch.works):
        run(Sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", (f"{current().schema} {batch.spec.key}",)))


def check(batch: Batch, written: Sequence[tuple[Work, int]]) -> None:
    """After the rows were written: refuse cycles and trees too deep. One statement, only when a branch was moved."""
    spec = batch.spec
    moved = {pk: work for work, pk in written if spec.tree and work.after.get(spec.tree) and spec.tree in work.changed}
    if not moved:
        return
    for pk, cyclic, depth in run(_paths(spec, sorted(moved))):
        work = moved[pk]
        if cyclic:
            work.refuse(_cycle(spec, work, pk), field=spec.tree, code="tree")
        elif depth > spec.tree_depth:
            sentence = _("%(type)s最多 %(limit)d 层，这样会有 %(depth)d 层。请接到更高的一层。")
            shown = {"type": spec.title, "limit": spec.tree_depth, "depth": depth}
            work.refuse(sentence % shown, field=spec.tree, code="tree")


def _cycle(spec: TypeSpec, work: Work, pk: int) -> str:
    label = spec.by_key[spec.tree].label
    if work.after[spec.tree] == pk:
        return _("%(label)s不能是它自己。") % {"label": label}
    return _("%(label)s不能是它自己的下级，那样会绕成一圈。") % {"label": label}


def _paths(spec: TypeSpec, pks: Sequence[int]) -> Sql:
    """For each record whether it stands above itself, and the length of the longest path through it."""
    link, most = quoted(str(spec.by_key[spec.tree].column)), spec.tree_depth + 1
    return Sql(
        f"WITH RECURSIVE up(start, id, depth) AS (SELECT t.id, t.{link}, 1 FROM {spec.rows} t WHERE t.id = ANY(%s) "
        f"UNION ALL SELECT up.start, t.{link}, up.depth + 1 FROM up JOIN {spec.rows} t ON t.id = up.id "
        f"WHERE up.id <> up.start AND up.depth <= {most}), "
        f"down(start, id, depth) AS (SELECT t.id, t.id, 0 FROM {spec.rows} t WHERE t.id = ANY(%s) "
        f"UNION ALL SELECT down.start, t.id, down.depth + 1 FROM down JOIN {spec.rows} t ON t.{link} = down.id "
        f"WHERE t.deleted_at IS NULL AND t.id <> down.start AND down.depth <= {most}) "
        "SELECT up.start, bool_or(up.id = up.start), max(up.depth) + (SELECT max(d.depth) FROM down d WHERE d.start = up.start) "
        "FROM up GROUP BY up.start",
        (list(pks), list(pks)),
    )


def subtree(spec: TypeSpec, pks: Sequence[int]) -> Sql:
    """A sub-select of the keys of these records and of everything below them."""
    link = quoted(str(spec.by_key[spec.tree].column))
    return Sql(
        "WITH RECURSIVE branch(id) AS (SELECT unnest(%s::bigint[]) UNION "
        f"SELECT t.id FROM {spec.rows} t JOIN branch ON t.{link} = branch.id) SELECT branch.id FROM branch",
        (list(pks),),
    )


def branch(spec: TypeSpec, pks: Sequence[int], found: Sql) -> Sql:
    """Rows `t` right below these records; without any those that have no parent for which `found` (under the alias `p`) holds."""
    link = f"t.{quoted(str(spec.by_key[spec.tree].column))}"
    if pks:
        return Sql(f"({link} = ANY(%s))", (list(pks),))
    there = f"EXISTS (SELECT 1 FROM {spec.rows} p WHERE p.id = {link} AND {found.text})"
    return Sql(f"({link} IS NULL OR NOT {there})", found.params)


def within(field: FieldSpec, target: TypeSpec, value: Any, ref: str, context: Context) -> Sql:
    """Rows whose link leads to one of these records or to one below it. Raises FieldError."""
    given = value if isinstance(value, (list, tuple)) else [value]
    pks = [field.kind.parse(item, field, context) for item in given]
    inside = subtree(target, [pk for pk in pks if pk is not None])
    expression = f"{ref}.{quoted(field.column)}" if field.column else field.kind.sort_expression(field, ref)
    return Sql(f"{expression} IN ({inside.text})", inside.params)


def path(actor: Actor, spec: TypeSpec, pk: int) -> tuple[int, ...]:
    """The records above one, the highest first, as far as there are any: one statement. Titles are asked by the caller's rights."""
    link = quoted(str(spec.by_key[spec.tree].column))
    rows = run(
        Sql(
            f"WITH RECURSIVE up(id, parent, depth) AS (SELECT t.id, t.{link}, 0 FROM {spec.rows} t WHERE t.id = %s "
            f"UNION ALL SELECT t.id, t.{link}, up.depth + 1 FROM up JOIN {spec.rows} t ON t.id = up.parent "
            f"WHERE up.depth < {spec.tree_depth}) SELECT up.id FROM up WHERE up.depth > 0 ORDER BY up.depth DESC",
            (pk,),
        )
    )
    return tuple(row[0] for row in rows)
