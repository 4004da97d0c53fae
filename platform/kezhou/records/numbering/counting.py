"""Counters: gapless ones count inside the transaction, fast ones on a connection of their own.

A gapless counter is a row that stays locked to the end of the transaction: whoever comes next waits, and what is rolled
back was never counted. A fast one is counted and committed at once; nobody waits, and a rollback leaves a gap.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping

import psycopg
from django.conf import settings

from kezhou.records.rows import run
from kezhou.records.sql import Sql
from tenants.context import current


def take(wanted: Mapping[str, int], *, gapless: bool) -> dict[str, int]:
    """Take so many serials of each counter; the last one taken of each. One statement, counters in fixed order."""
    keys = sorted(wanted)
    counts = [wanted[key] for key in keys]
    if gapless:
        return dict(run(Sql(_TAKE % {"table": "records_numbercounter"}, (keys, counts))))
    return _apart.take(f'"{current().schema}".records_numbercounter', keys, counts)


_TAKE = (
    "INSERT INTO %(table)s AS c (key, last) "
    "SELECT w.key, w.n FROM unnest(%%s::text[], %%s::bigint[]) AS w(key, n) ORDER BY w.key "
    "ON CONFLICT (key) DO UPDATE SET last = c.last + excluded.last RETURNING c.key, c.last"
)


class _Apart:
    """One connection per process for counting outside the transaction; opened anew in a forked worker or when it broke."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: tuple[int, str, psycopg.Connection[tuple[object, ...]]] | None = None

    def take(self, table: str, keys: list[str], counts: list[int]) -> dict[str, int]:
        with self._lock:
            try:
                return self._run(table, keys, counts)
            except psycopg.OperationalError:
                self._close()
                return self._run(table, keys, counts)

    def _run(self, table: str, keys: list[str], counts: list[int]) -> dict[str, int]:
        rows = self._connection().execute((_TAKE % {"table": table}).encode(), (keys, counts)).fetchall()
        return {str(key): int(str(last)) for key, last in rows}

    def _connection(self) -> psycopg.Connection[tuple[object, ...]]:
        address = settings.DATABASE_DIRECT_URL.replace("postgres://", "postgresql://")
        if self._held is not None and (self._held[:2] != (os.getpid(), address) or self._held[2].closed):
            self._close()
        if self._held is None:
            fresh = psycopg.connect(address, autocommit=True, application_name="kezhou numbers")
            self._held = (os.getpid(), address, fresh)
        return self._held[2]

    def _close(self) -> None:
        if self._held is not None and self._held[0] == os.getpid():
            self._held[2].close()
        self._held = None


_apart = _Apart()
