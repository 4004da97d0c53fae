"""Own fields whose values may occur only once (FLD-01): asked for in every save, kept by an index of the database.

The index is built concurrently by the worker; until it stands, and to name the record that has the value (to whoever sees it), `save` asks in one
statement per batch. Deleted records do not count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from kezhou.access.policy import policy_for
from kezhou.records.fields import Format, Index
from kezhou.records.rows import run
from kezhou.records.spec import FieldSpec, TypeSpec
from kezhou.records.sql import Sql, literal, quoted

if TYPE_CHECKING:
    from kezhou.records.drafting import Batch, Work

NAMED = 3


def index_name(table: str, key: str) -> str:
    """The name of the unique index of an own field."""
    return f"ux_{table[:40]}_{key}"


def unique_index(field: FieldSpec, table: str) -> Index:
    """The partial unique index over one own field's stored text; rows without a value are not in it."""
    name, place = index_name(table, field.key), quoted(table)
    value, key = f"({quoted('custom')}->>{literal(field.key)})", literal(field.key)
    return Index(
        name=name,
        create=f"CREATE UNIQUE INDEX CONCURRENTLY {quoted(name)} ON {place} ({value}) "
        f"WHERE deleted_at IS NULL AND {quoted('custom')} ? {key}",
        analyze=f"ANALYZE {place}",
        drop=f"DROP INDEX CONCURRENTLY IF EXISTS {quoted(name)}",
    )


def doubled(spec: TypeSpec, field: FieldSpec) -> tuple[int, tuple[str, ...]]:
    """How many values occur more than once among the records that stand, and the first of them as people read them."""
    value = f"t.{quoted('custom')}->>{literal(field.key)}"
    rows = run(
        Sql(
            f"SELECT count(*) OVER (), min((t.{quoted('custom')}->{literal(field.key)})::text), count(*) FROM {spec.rows} t "
            f"WHERE t.deleted_at IS NULL AND {value} IS NOT NULL GROUP BY {value} HAVING count(*) > 1 "
            f"ORDER BY count(*) DESC, {value} LIMIT {NAMED}"
        )
    )
    return (rows[0][0] if rows else 0), tuple(_written(field, raw, times) for _all, raw, times in rows)


def _written(field: FieldSpec, raw: str, times: int) -> str:
    from kezhou.records.rows import load_custom  # reads JSON as the engine does

    value = load_custom(f'{{"v": {raw}}}')["v"]
    text = field.kind.text(field.kind.from_json(value, field), field, Format())
    return _("“%(value)s”%(times)s 次") % {"value": text[:40], "times": times}


def refuse_doubled(batch: Batch) -> None:
    """Refuse what another record has already, or another change of the same batch: one statement, none without such fields."""
    fields = [field for field in batch.fields.values() if field.unique and field.custom]
    for field in fields:
        holders: dict[str, Work] = {}
        for work in batch.alive():
            value = work.after.get(field.key)
            if field.key not in work.changed or value is None:
                continue
            first = holders.setdefault(_stored(field, value), work)
            if first is not work:
                sentence = _("%(label)s不能重复，本批第 %(row)s 条已经是“%(value)s”。")
                _refuse(work, field, sentence, value, row=first.position + 1)
        if holders:
            _refuse_standing(batch, field, holders)


def _refuse_standing(batch: Batch, field: FieldSpec, holders: dict[str, Work]) -> None:
    value = f"t.{quoted('custom')}->>{literal(field.key)}"
    own = [work.pk for work in holders.values() if work.pk is not None]
    seen = policy_for(batch.actor, batch.spec.key).condition.sql("t")
    rows = run(
        Sql(
            f"SELECT {value}, t.number, t.id, ({seen.text}) FROM {batch.spec.rows} t WHERE t.deleted_at IS NULL "
            f"AND t.{quoted('custom')} ? {literal(field.key)} AND {value} = ANY(%s) AND NOT t.id = ANY(%s)",
            (*seen.params, list(holders), own),
        )
    )
    for stored, number, pk, is_seen in rows:
        work = holders[stored]
        sentence = _("%(label)s不能重复，“%(value)s”已经在%(type)s %(number)s 里。")
        if not is_seen:
            sentence = _("%(label)s不能重复，“%(value)s”已经被用了。")
        shown = {"type": batch.spec.title, "number": number or f"#{pk}"}
        _refuse(work, field, sentence, work.after[field.key], **shown)


def _refuse(work: Work, field: FieldSpec, sentence: str, value: Any, **shown: object) -> None:
    text = field.kind.text(value, field, Format())[:40]
    work.refuse(sentence % {"label": field.label, "value": text, **shown}, field=field.key, code="unique")


def _stored(field: FieldSpec, value: Any) -> str:
    """The stored value as `->>` gives it back."""
    form = field.kind.to_json(value, field)
    return form if isinstance(form, str) else format(form, "f") if hasattr(form, "as_tuple") else str(form)
