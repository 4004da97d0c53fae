"""The steps of `tests.bench.adding` that run as a process of the installation."""

from __future__ import annotations

import time
from typing import Any

from django.db import connection

from kezhou.access.actor import System
from kezhou.records import custom
from kezhou.records.models import CustomField
from kezhou.records.registry import registered
from tenants.context import tenant
from tenants.directory import find_by_slug
from tests.bench.million_data import SLUG, TYPE

LONGEST = 900.0


def main(step: str, *keys: str) -> dict[str, Any]:
    """Do one step and say how long it took."""
    place = find_by_slug(SLUG)
    assert place is not None
    steps = {"add": _add, "index": _index, "back": _back, "plain": _plain}
    with tenant(place):
        return steps[step](System("benchmark of own fields"), *keys)


def _add(system: System) -> dict[str, Any]:
    before = _written()
    begun = time.perf_counter()
    field = custom.add_field(system, TYPE, label=f"新字段{time.time_ns()}", kind="number")
    seconds = time.perf_counter() - begun
    return {"key": field.key, "seconds": seconds, "written": _written() - before}


def _written() -> int:
    """Rows of the table that were ever inserted, changed or removed, and the file that holds them, as one number."""
    table = registered()[TYPE].table
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(
            "SELECT n_tup_ins + n_tup_upd + n_tup_del + pg_relation_filenode(relid)::bigint FROM pg_stat_user_tables "
            "WHERE schemaname = current_schema() AND relname = %s",
            [table],
        )
        return int(cursor.fetchone()[0])


def _index(system: System, key: str) -> dict[str, Any]:
    """Mark the field as an administrator does; the worker builds. Until it stands."""
    begun = time.perf_counter()
    custom.change_field(system, TYPE, key, indexed=True)
    while (state := CustomField.objects.get(pk=int(key[2:])).index_state) != "built":
        if state == "failed" or time.perf_counter() - begun > LONGEST:
            raise RuntimeError(f"The index of {key} is {state}.")
        time.sleep(0.2)
    return {"seconds": time.perf_counter() - begun}


def _back(system: System, added: str, filled: str) -> dict[str, Any]:
    """As it was before: the indexes go, the new field is hidden."""
    for key in (added, filled):
        custom.change_field(system, TYPE, key, indexed=False)
    custom.hide_field(system, TYPE, added)
    return {}


def _plain(system: System, filled: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        begun = time.perf_counter()
        cursor.execute(f"CREATE INDEX plain_filled ON plain_million.plain_company (((custom -> '{filled}')::numeric))")
        seconds = time.perf_counter() - begun
        cursor.execute("DROP INDEX plain_million.plain_filled")
    return {"seconds": seconds}
