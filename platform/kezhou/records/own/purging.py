"""Removing a hidden type for good: its records, their history, its fields and dictionaries, its rights and views.

Done in batches by a job, so that no transaction is long and a killed worker goes on where it stood; the definition goes last.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from kezhou.records import shape
from kezhou.records.dictionaries import demand_admin
from kezhou.records.own.defining import OwnTypeError, locked
from kezhou.records.own.models import OwnLine, OwnRecord, OwnType
from kezhou.records.rows import execute, run_one
from kezhou.records.sql import Sql, quoted

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

BATCH = 500
Told = Callable[[int, int], None]

_SETTINGS = (
    "DELETE FROM records_dictionaryvalue WHERE dictionary_id LIKE %s",
    "DELETE FROM records_dictionary WHERE key LIKE %s",
)
"""What is named after the type: `own.<type key>.c_<n>`."""

_NAMED = ("records_customfield", "records_listpreference", "records_layout", "records_savedview", "records_rule",
          "access_rolegrant", "access_rolefield")  # fmt: skip
"""Tables whose rows say in `type` which record type they are about."""


def demand_purgeable(actor: Actor, key: str) -> OwnType:
    """The definition, if it may be removed for good. Raises OwnTypeError while it is in use, and NotAllowed."""
    demand_admin(actor)
    with transaction.atomic():
        row = locked(key)
    if not row.removed:
        raise OwnTypeError(_("请先停用“%(title)s”，确认没有人需要以后再彻底删除。") % {"title": row.title})
    return row


def purge(actor: Actor, key: str, *, told: Told = lambda done, total: None) -> int:
    """Remove the type and everything in it; answers how many records went. Raises OwnTypeError and NotAllowed."""
    row = demand_purgeable(actor, key)
    lines = list(OwnType.objects.filter(parent_id=row.pk))
    kinds = [*((OwnLine, line) for line in lines), (OwnRecord, row)]
    total = sum(_count(model._meta.db_table, each.pk) for model, each in kinds)
    done = 0
    for model, each in kinds:
        while gone := _batch(model._meta.db_table, each):
            done += gone
            told(done, total)
    with transaction.atomic():
        for each in [*lines, row]:
            _settings(each.key)
            OwnType.objects.filter(pk=each.pk).delete()
        shape.bump()
    return done


def _count(table: str, own_type: int) -> int:
    return int(run_one(Sql(f"SELECT count(*) FROM {quoted(table)} WHERE own_type = %s", (own_type,)))[0])


def _batch(table: str, row: OwnType) -> int:
    """One batch of records with their history, in one transaction."""
    with transaction.atomic():
        return execute(
            Sql(
                f"WITH gone AS (DELETE FROM {quoted(table)} WHERE id IN (SELECT id FROM {quoted(table)} WHERE own_type = %s "
                "ORDER BY id LIMIT %s) RETURNING id), past AS (DELETE FROM records_history h USING gone "
                "WHERE h.type = %s AND h.record = gone.id) SELECT id FROM gone",
                (row.pk, BATCH, row.key),
            )
        )


def _settings(key: str) -> None:
    for statement in _SETTINGS:
        execute(Sql(statement, (f"own.{key}.c\\_%",)))
    for table in _NAMED:
        execute(Sql(f"DELETE FROM {quoted(table)} WHERE type = %s", (key,)))
