"""The tables of tenant-made record types: their definitions, their records, and the rows of their line items."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from kezhou.records.link import Link
from kezhou.records.model import Line, Record

SHARED_BY_TYPES = "own_type"


class OwnType(models.Model):
    """The definition of one record type. Its key `own.t_<id>` never changes, whatever it is called.

    `parent` makes it the line items of another own type. `choices` holds what is chosen among fields, by their keys: `columns`,
    `quick`, `twins`, `sort`, `totals`; `states` the states as `kezhou.records.own.states` reads them. `version` tells two
    administrators who change it at once.
    """

    id = models.BigAutoField(primary_key=True)
    title = models.CharField(max_length=40)
    icon = models.CharField(max_length=40)
    section = models.CharField(max_length=40, blank=True)
    position = models.IntegerField(default=100)
    parent = models.ForeignKey("self", models.DO_NOTHING, null=True, related_name="+")
    access = models.CharField(max_length=10)
    name_label = models.CharField(max_length=60)
    titled_by = models.CharField(max_length=10)
    person = models.BooleanField(default=False)
    prefix = models.CharField(max_length=8, blank=True)
    operations = ArrayField(models.CharField(max_length=20), default=list)
    choices = models.JSONField(default=dict)
    states = models.JSONField(default=dict)
    removed = models.BooleanField(default=False)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"own.t_{self.pk} {self.title}"

    @property
    def key(self) -> str:
        """The type's key."""
        return f"own.t_{self.pk}"


def _indexes(label: str) -> list[models.Index]:
    """As `record_indexes`, each within one type, because the types share the table."""
    return [
        models.Index(fields=[SHARED_BY_TYPES, "-created_at", "-id"], name=f"{label}_newest"),
        models.Index(fields=[SHARED_BY_TYPES, "title_sort", "id"], name=f"{label}_title"),
        GinIndex(fields=["custom"], name=f"{label}_custom", opclasses=["jsonb_path_ops"], fastupdate=False),
        GinIndex(fields=["twin_keys"], name=f"{label}_twins", fastupdate=False),
    ]


class OwnRecord(Record):
    """One record of a tenant-made type. Everything but its name lies in `custom`."""

    discriminator: ClassVar[str] = SHARED_BY_TYPES

    own_type = models.BigIntegerField()
    name = models.CharField(_("名称"), max_length=120, blank=True)

    class Meta:
        indexes = _indexes("own")


class OwnLine(Line):
    """One row of the line items of a tenant-made type."""

    discriminator: ClassVar[str] = SHARED_BY_TYPES

    own_type = models.BigIntegerField()
    parent = Link("records.OwnRecord", "cascade", verbose_name=_("所属记录"))
    name = models.CharField(_("名称"), max_length=120, blank=True)

    class Meta:
        indexes = _indexes("ownline")
