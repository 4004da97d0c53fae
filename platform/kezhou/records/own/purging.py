"""Removing a hidden type for good: its records, their history, its fields and dictionaries, its rights and views.

Done in batches by a job, so that no transaction is long and a killed worker goes on where it stood; the definition goes last.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou.records import ledger, shape
from kezhou.records.dictionaries import demand_admin
from kezhou.records.own.defining import OwnTypeError, locked
from kezhou.records.own.models import OwnLine, OwnRecord, OwnType
from kezhou.records.rows import execute, run, run_one
from kezhou.records.saved import new_action
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

_OTHERS_CARE = ("records_history", "files_attachment", "comments_comment", "assignments_assignment")
"""Rows about single records that go by themselves once the history says that their record was removed for good."""


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
        while gone := _batch(actor, model._meta.db_table, each):
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


def _batch(actor: Actor, table: str, row: OwnType) -> int:
    """One batch of records in one transaction. Of their history one word remains, by which files and comments of theirs go too."""
    with transaction.atomic():
        gone = run(
            Sql(
                f"DELETE FROM {quoted(table)} WHERE id IN (SELECT id FROM {quoted(table)} WHERE own_type = %s ORDER BY id LIMIT %s) "
                "RETURNING id, version",
                (row.pk, BATCH),
            )
        )
        execute(
            Sql(
                "DELETE FROM records_history WHERE type = %s AND record = ANY(%s)",
                (row.key, [each[0] for each in gone]),
            )
        )
        steps = [ledger.Step(row.key, pk, version + 1, "purged", {}) for pk, version in sorted(gone)]
        ledger.note(actor, steps, action=new_action(), source="system", at=timezone.now())
    return len(gone)


def _settings(key: str) -> None:
    """Remove whatever else is about the type: fields, rights, views, layouts, rules, whichever table a part of the product keeps
    them in under `type`; and own links of other types that led here."""
    for (table,) in run(Sql(_ABOUT_TYPES, (list(_OTHERS_CARE),))):
        execute(Sql(f"DELETE FROM {quoted(table)} WHERE type = %s", (key,)))
    execute(Sql("DELETE FROM records_customfield WHERE target = %s", (key,)))
    for statement in _SETTINGS:
        execute(Sql(statement, (f"own.{key}.c\\_%",)))


_ABOUT_TYPES = (
    "SELECT c.table_name FROM information_schema.columns c WHERE c.table_schema = current_schema() AND c.column_name = 'type' "
    "AND c.data_type LIKE 'character%%' AND c.table_name <> ALL(%s) ORDER BY 1"
)
