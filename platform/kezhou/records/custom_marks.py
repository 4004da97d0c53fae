"""What the database keeps for an own field: an index for those often used, and that a value occurs only once."""

from __future__ import annotations

from django.utils.translation import gettext as _

from kezhou.records.custom_checks import CustomFieldError
from kezhou.records.custom_specs import field_spec
from kezhou.records.models import CustomField
from kezhou.records.spec import TypeSpec
from kezhou.records.uniqueness import doubled

MOST_INDEXED = 8


def mark(row: CustomField, indexed: bool) -> None:
    """Mark a field as often filtered or sorted; the worker builds its index after the commit."""
    from kezhou.records.indexing import build_soon  # needs the task queue

    if indexed and not field_spec(row).kind.indexable:
        raise CustomFieldError(_("这类字段不需要也不能标记为“常用筛选或排序”。"), field="indexed")
    marked = CustomField.objects.filter(type=row.type, indexed=True, removed=False).exclude(pk=row.pk)
    if indexed and marked.count() >= MOST_INDEXED:
        raise CustomFieldError(
            _("每类记录最多标记 %(limit)s 个“常用筛选或排序”的字段，请先取消用得最少的一个。")
            % {"limit": MOST_INDEXED},
            field="indexed",
        )
    row.indexed = indexed
    row.index_state = "waiting"
    row.save(update_fields=["indexed", "index_state"])
    build_soon()


def demand_unique(spec: TypeSpec, row: CustomField, unique: bool) -> None:
    """Let each value occur only once from now on, or no longer. Raises CustomFieldError naming values that occur twice."""
    from kezhou.records.indexing import build_soon  # needs the task queue

    if unique is row.unique:
        return
    if unique and not field_spec(row).kind.single:
        raise CustomFieldError(_("这类字段不能设为“不能重复”。"), field="unique")
    count, named = doubled(spec, field_spec(row)) if unique else (0, ())
    if count:
        raise CustomFieldError(
            _("“%(label)s”已有 %(count)s 个重复的值，例如%(named)s。请先改掉这些，再设为不能重复。")
            % {"label": row.label, "count": f"{count:,}", "named": "、".join(named)},
            field="unique",
        )
    row.unique, row.unique_state = unique, "waiting"
    row.save(update_fields=["unique", "unique_state"])
    build_soon()
