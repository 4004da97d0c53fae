"""The order of a list: up to three fields, `-` for descending, empties last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import connection
from django.utils.translation import gettext as _

from kezhou.records.catalogue import fields_for
from kezhou.records.keyset import Key
from kezhou.records.rows import run_one
from kezhou.records.spec import FieldSpec, FilterError, Purpose, TypeSpec
from kezhou.records.sql import Sql

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

MOST_KEYS = 3
UNINDEXED = 10_000


class NeedsIndex(FilterError):
    """Sorting by or a range over an own field without an index in a large table: offer to mark the field as often used."""

    def __init__(self, field: FieldSpec) -> None:
        self.field = field.key
        super().__init__(
            _(
                "“%(field)s”还没有标记为“常用筛选或排序”，记录超过 1 万条时不能按它排序或比较大小。请在字段设置里标记它。"
            )
            % {"field": field.label}
        )


def sort_keys(actor: Actor, spec: TypeSpec, sort: Sequence[str]) -> tuple[Key, ...]:
    """The keys of an order. Raises FilterError for unknown or unsortable fields and for more than three."""
    if len(sort) > MOST_KEYS:
        raise FilterError(_("最多按 %(limit)s 个字段排序。") % {"limit": MOST_KEYS})
    known = {field.key: field for field in fields_for(spec, actor, Purpose.FILTER)}
    keys = []
    for name in sort:
        field = known.get(name.lstrip("-"))
        if field is None or not field.kind.sortable:
            raise FilterError(_("“%(type)s”不能按“%(field)s”排序。") % {"type": spec.title, "field": name})
        demand_index(spec, field)
        keys.append(
            Key(
                field.key, field.kind.sort_expression(field, "t"), name.startswith("-"), nullable=_nullable(spec, field)
            )
        )
    return tuple(keys)


NEWEST = ("-created_at",)


def default_sort(actor: Actor, spec: TypeSpec, wanted: Sequence[str] = ()) -> tuple[str, ...]:
    """An order that nobody chose, that of the type or `wanted`, without fields that this actor does not see; then the key decides."""
    known = {field.key for field in fields_for(spec, actor, Purpose.FILTER)}
    return tuple(name for name in wanted or spec.sort if name.lstrip("-") in known)


def demand_index(spec: TypeSpec, field: FieldSpec) -> None:
    """Refuse what would read a large table to the end. Raises NeedsIndex."""
    if field.custom and not field.indexed and estimated_rows(spec) > UNINDEXED:
        raise NeedsIndex(field)


def order_name(keys: Sequence[Key]) -> str:
    """The order as text, to tie a cursor to it."""
    return ",".join(f"{'-' if key.descending else ''}{key.name}" for key in keys)


def _nullable(spec: TypeSpec, field: FieldSpec) -> bool:
    return field.custom or (not field.sort_column and bool(spec.model._meta.get_field(field.key).null))


def estimated_rows(spec: TypeSpec) -> int:
    """About how many rows there are, from the planner's statistics (in a shared table counted up to the limit): one cheap statement."""
    if spec.discriminator is not None:
        return int(run_one(Sql(f"SELECT count(*) FROM (SELECT 1 FROM {spec.rows} t LIMIT {UNINDEXED + 1}) c"))[0])
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(%s)", [f'"{spec.table}"'])
        row = cursor.fetchone()
    return int(row[0]) if row else 0
