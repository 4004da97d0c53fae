"""The lanes of the outbox: which events are ready, and which worker has which lane (used by `tenants.outbox` alone)."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from tenants.models import OutboxCursor

LANES = 8
_HORIZON = (
    "WITH s AS MATERIALIZED (SELECT pg_current_snapshot() AS snapshot), first AS MATERIALIZED"
    " (SELECT min(running::text::bigint) AS xid FROM s, pg_snapshot_xip(s.snapshot) AS running"
    " WHERE NOT EXISTS (SELECT 1 FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
    " WHERE l.locktype = 'transactionid' AND l.granted AND l.mode = 'ExclusiveLock'"
    " AND l.transactionid = running::xid"
    " AND a.datid <> (SELECT oid FROM pg_database WHERE datname = current_database())))"
    " SELECT coalesce(first.xid, pg_snapshot_xmax(s.snapshot)::text::bigint),"
    " coalesce(pg_xact_status(first.xid::text::xid8) <> 'in progress', false) FROM s, first"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """An event on its way to a consumer. ``id`` is unique for ever: handle an id twice like once."""

    id: int
    schema: str
    type: str
    pk: int
    kind: str
    action: str
    moment: datetime


def lane_of(schema: str) -> int:
    """The lane of a tenant's events."""
    return zlib.crc32(schema.encode()) % LANES


def take(consumer: str, ready_below: int) -> OutboxCursor | None:
    """A free lane with something to do, the one that waits longest first; locked till the end of the transaction.

    The lock is an advisory one: a row lock would give the transaction an id, and a slow consumer would then hold
    back what the others may read.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, c.lane FROM tenants_outboxcursor c"
            " JOIN LATERAL (SELECT e.id AS oldest FROM tenants_outboxevent e"
            " WHERE e.lane = c.lane AND (e.xid, e.id) > (c.xid, c.event)"
            " AND e.xid < %s ORDER BY e.xid, e.id LIMIT 1) w ON true"
            " WHERE c.consumer = %s AND (c.not_before IS NULL OR c.not_before <= now())"
            " ORDER BY w.oldest",
            [ready_below, consumer],
        )
        for pk, lane in cursor.fetchall():
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_lock_number(consumer), lane])
            if cursor.fetchone()[0]:
                return OutboxCursor.objects.get(pk=pk)
    return None


def horizon() -> int:
    """The transaction id below which everything is committed or rolled back, as far as this database goes.

    A snapshot counts the running transactions of the whole server; those that surely belong to another database
    cannot write here and do not hold us back. Of one that ended while we looked nobody knows where it was: we look again.
    """
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_HORIZON)
            found, is_over = cursor.fetchone()
        if not is_over:
            return int(found)


def _lock_number(consumer: str) -> int:
    return zlib.crc32(f"outbox:{consumer}".encode()) - 2**31


def read(place: OutboxCursor, limit: int, ready_below: int) -> list[tuple[int, Delivered]]:
    """The next events of a lane with their transactions, cut where an earlier event of the same record is not ready.

    Transactions are numbered by their first write, which may come before a lock that another one held: then a
    later event has the smaller transaction id. It waits for the earlier one.
    """
    while True:
        found = _ready(place, limit, ready_below)
        rows = found
        while (cut := _first_too_early(place, [delivered for _, delivered in rows])) is not None:
            rows = rows[:cut]
        if rows or len(found) < limit:
            return rows
        limit *= 2


def _ready(place: OutboxCursor, limit: int, ready_below: int) -> list[tuple[int, Delivered]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT xid, id, schema, type, record, kind, action, moment FROM tenants_outboxevent"
            " WHERE lane = %s AND (xid, id) > (%s, %s)"
            " AND xid < %s ORDER BY xid, id LIMIT %s",
            [place.lane, place.xid, place.event, ready_below, limit],
        )
        names = ("id", "schema", "type", "pk", "kind", "action", "moment")
        return [(row[0], Delivered(**dict(zip(names, row[1:], strict=True)))) for row in cursor.fetchall()]


def _first_too_early(place: OutboxCursor, batch: Sequence[Delivered]) -> int | None:
    """The position of the first event whose record has an earlier event that is neither done nor in front of it."""
    if not batch:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT b.id, min(e.id) FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[])"
            " AS b(id, schema, type, record)"
            " JOIN tenants_outboxevent e ON (e.schema, e.type, e.record) = (b.schema, b.type, b.record)"
            " AND e.id < b.id AND e.lane = %s AND (e.xid, e.id) > (%s, %s)"
            " WHERE NOT (e.id = ANY(%s::bigint[])) GROUP BY b.id",
            [
                [e.id for e in batch], [e.schema for e in batch], [e.type for e in batch], [e.pk for e in batch],
                place.lane, place.xid, place.event, [e.id for e in batch],
            ],
        )  # fmt: skip
        early = {row[0] for row in cursor.fetchall()}
    return next((position for position, event in enumerate(batch) if event.id in early), None)
