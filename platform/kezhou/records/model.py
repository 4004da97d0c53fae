"""What every stored record has, and the gate that lets nobody read one without naming an actor.

`Record.objects` answers only a query that `kezhou.records.query(actor, type)` has opened for this tenant; everything else
raises `AccessUndecided` when it is about to become SQL (`bones.md`, 4). Rows are written by `kezhou.records.save` alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from kezhou.records.gate import AccessUndecided, Gate
from kezhou.records.link import Link

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["AccessUndecided", "Gate", "Line", "Link", "Record"]


class Record(models.Model):
    """Base of every business entity (BAS-02). Abstract; a subclass adds its own columns and nothing else.

    `recorder` (信息录入人) is `created_by`, written by the system; `collector` (信息采集人) is chosen by the user.
    `title_sort` is the pinyin key by which titles sort; `custom` holds the tenant's own fields by immutable key;
    `twin_keys` the forms by which twins are found;
    `action` is the id of the user action that changed the row last; `version` is the optimistic lock.

    `discriminator` names the column that tells apart the types whose rows share one table; "" where a table holds one type.
    """

    discriminator: ClassVar[str] = ""

    id = models.BigAutoField(primary_key=True)
    number = models.CharField(_("编号"), max_length=40, blank=True)
    owner = Link("access.Member", null=True, blank=True, verbose_name=_("负责人"))
    department = Link("access.Department", null=True, blank=True, verbose_name=_("所属部门"))
    collector = Link("access.Member", null=True, blank=True, verbose_name=_("信息采集人"), db_index=False)
    created_by = Link("access.Member", null=True, blank=True, verbose_name=_("信息录入人"), db_index=False)
    created_at = models.DateTimeField(_("录入时间"))
    changed_by = Link("access.Member", null=True, blank=True, verbose_name=_("最后修改人"), db_index=False)
    changed_at = models.DateTimeField(_("最后修改时间"))
    registered_on = models.DateField(_("登记日期"), null=True, blank=True)
    remark = models.TextField(_("备注"), blank=True)
    version = models.IntegerField(_("修改标记"), default=1)
    deleted_at = models.DateTimeField(null=True, blank=True)
    action = models.UUIDField(null=True, blank=True)
    title_sort = models.CharField(max_length=240, blank=True, db_collation="C")
    twin_keys = ArrayField(models.TextField(), default=list, blank=True)
    custom = models.JSONField(default=dict, blank=True)

    objects = Gate()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused: rows are written by `kezhou.records.save`, which checks rights and keeps history."""
        raise AccessUndecided(f"{type(self).__name__}.save() is closed. Use kezhou.records.save(actor, type, changes).")

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused: rows are deleted by `kezhou.records.delete`, which asks what refers to them."""
        raise AccessUndecided(f"{type(self).__name__}.delete() is closed. Use kezhou.records.delete(actor, type, pks).")


class Line(Record):
    """Base of line items: rows that are edited inside their parent, in an order. Abstract.

    A subclass adds `order = Link("Order", "cascade")` and its columns; its record type says `access = Access.PARENT`
    and `parent = "order"`.
    """

    position = models.IntegerField(_("序号"), default=0)

    class Meta:
        abstract = True


SYSTEM_COLUMNS: frozenset[str] = frozenset(
    {"id", "created_by", "created_at", "changed_by", "changed_at", "version", "deleted_at", "action"}
    | {"title_sort", "twin_keys", "custom"}
)
"""Columns that the engine keeps itself; `save` refuses them in changes."""

HIDDEN_COLUMNS: frozenset[str] = frozenset(
    {"id", "version", "deleted_at", "action", "title_sort", "twin_keys", "custom"}
)
"""Columns that are no fields: no reader is shown them through `fields_for`."""


def record_indexes(label: str, *, twins: bool = False) -> Sequence[models.Index]:
    """The indexes that every record table of some size wants: newest first, title order, equality of own fields, twins.

    Use in `Meta.indexes = [*record_indexes("cust", twins=True)]`; `label` makes the names unique in the schema. `twins` only for
    types that declare twins.
    """
    found: list[models.Index] = [
        models.Index(fields=["-created_at", "-id"], name=f"{label}_newest"),
        models.Index(fields=["title_sort", "id"], name=f"{label}_title"),
        GinIndex(fields=["custom"], name=f"{label}_custom", opclasses=["jsonb_path_ops"], fastupdate=False),
    ]
    return [*found, GinIndex(fields=["twin_keys"], name=f"{label}_twins", fastupdate=False)] if twins else found
