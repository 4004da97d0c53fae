"""Expression indexes of own fields that are often filtered or sorted.

Built concurrently on a direct connection with a time limit, outside any transaction, so that writing goes on meanwhile; leftovers of
failed builds are dropped and tried again (`bones.md`, 6). A field counts as indexed only when its index is valid.
"""

from __future__ import annotations

import logging
from dataclasses import replace

import psycopg
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from kezhou.records import shape
from kezhou.records.custom_specs import field_spec
from kezhou.records.fields import Index
from kezhou.records.models import CustomField
from kezhou.records.own import compiling as own_types
from kezhou.records.registry import registered
from kezhou.records.uniqueness import unique_index
from tenants.context import current

log = logging.getLogger("kezhou.records")

LONGEST_BUILD = "10min"
WAITING = ("waiting", "failed")


def build_soon() -> None:
    """Ask the worker, after the commit, to bring this tenant's indexes in order."""
    from kezhou.records.tasks import build_indexes  # the task imports this module

    build_indexes.after_commit()


def build_all() -> tuple[int, int]:
    """Build what is waiting and drop what is no longer wanted, in the present tenant; (built, failed)."""
    built = failed = 0
    waits = Q(index_state__in=WAITING) | Q(unique_state__in=WAITING)
    for row in CustomField.objects.filter(waits).order_by("id"):
        if table_of(row.type) is None:
            continue
        done = [_bring_about(row)] if row.index_state in WAITING else []
        done += [_make_unique(row)] if row.unique_state in WAITING else []
        built += sum(done)
        failed += len(done) - sum(done)
    if built:
        with transaction.atomic():
            shape.bump()
    return built, failed


def _bring_about(row: CustomField) -> bool:
    index = index_of(row)
    wanted = row.indexed and not row.removed
    try:
        run_direct([index.drop, index.create, index.analyze] if wanted else [index.drop])
    except psycopg.Error as error:
        log.warning("index %s was not built: %s", index.name, error)
        CustomField.objects.filter(pk=row.pk).update(index_state="failed")
        return False
    CustomField.objects.filter(pk=row.pk).update(index_state="built" if wanted else "")
    return True


def _make_unique(row: CustomField) -> bool:
    """Bring the unique index in line with what is wanted; values that meet while it is built leave it failed."""
    place = table_of(row.type)
    index = unique_index(field_spec(row), place[0] if place else "")
    try:
        run_direct([index.drop, index.create] if row.unique else [index.drop])
    except psycopg.Error as error:
        log.warning("unique index %s was not built: %s", index.name, error)
        CustomField.objects.filter(pk=row.pk).update(unique_state="failed")
        return False
    CustomField.objects.filter(pk=row.pk).update(unique_state="built" if row.unique else "")
    return True


def index_of(row: CustomField) -> Index:
    """The index of an own field: its name and statements."""
    spec = replace(field_spec(row), indexed=True)
    place = table_of(row.type)
    if place is None:
        raise LookupError(f"There is no record type {row.type} whose field {spec.key} could be indexed.")
    table, only = place
    index = spec.kind.index(spec, table)
    return replace(index, create=f"{index.create} WHERE {only}") if only else index


def table_of(type: str) -> tuple[str, str] | None:
    """The table of a type, and in a shared one the condition of its rows, so that others' writes do not touch its indexes."""
    if type in registered():
        return registered()[type].table, ""
    spec = own_types.declared(own_types.load()).get(type)
    return None if spec is None else (spec.table, spec.only("x").removeprefix(" AND x."))


def run_direct(statements: list[str]) -> None:
    """Run DDL one by one on a connection of its own: CONCURRENTLY cannot run in a transaction or through a pooler."""
    schema = current().schema.replace('"', "")
    with psycopg.connect(
        settings.DATABASE_DIRECT_URL.replace("postgres://", "postgresql://"), autocommit=True
    ) as direct:
        direct.execute(f'SET search_path = "{schema}", extensions')
        direct.execute(f"SET statement_timeout = '{LONGEST_BUILD}'")
        direct.execute("SET lock_timeout = '30s'")
        for statement in statements:
            direct.execute(statement.replace("%%", "%"))


def is_valid(name: str) -> bool:
    """True when the index exists in this tenant and was built to the end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [f'"{name}"'])
        row = cursor.fetchone()
    return bool(row and row[0])
