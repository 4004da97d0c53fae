"""The outbox: what happened to which record, for those who act on it after the commit, at least once and in order.

One shared table holds ids only. A row carries the id of its transaction, and a consumer reads only rows older than
every transaction that still runs: by the serial alone, rows that commit late would be lost. A tenant's rows all lie in one of
eight lanes; a lane is worked on by one worker at a time and has its own cursor per consumer, so several workers of a
consumer never change the order of a record's events.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from tenants import lanes
from tenants.context import Current, WrongTenant, current, in_control_plane
from tenants.directory import by_schema
from tenants.faults import without_data
from tenants.lanes import LANES, Delivered, lane_of
from tenants.models import OutboxCursor

KINDS = frozenset({"created", "changed", "deleted", "restored", "purged"})
LONGEST_PAUSE = timedelta(minutes=5)
_consumers: dict[str, None] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened to a record: type key, primary key, and one of KINDS."""

    type: str
    pk: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """How far a consumer is behind: events, seconds of the oldest, and what stops it, if anything does."""

    events: int
    seconds: float
    problem: str


Handler = Callable[[Sequence[Delivered]], None]


def append(events: Iterable[Event], *, action: object = "") -> None:
    """Note events in the entered tenant's transaction: one statement, after the rows themselves were locked.

    Raises:
        WrongTenant: no transaction is open, so that events and changes could part ways.
        ValueError: an unknown kind.
    """
    batch = tuple(events)
    if not batch:
        return
    strange = {event.kind for event in batch} - KINDS
    if strange:
        raise ValueError(f"An event cannot be {', '.join(sorted(strange))}. Use one of {', '.join(sorted(KINDS))}.")
    if not connection.in_atomic_block:
        raise WrongTenant("Outbox events were appended outside a transaction. Append them in that of the change.")
    schema = current().schema
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO public.tenants_outboxevent (lane, schema, type, record, kind, action)"
            " SELECT %s, %s, e.type, e.record, e.kind, %s"
            " FROM unnest(%s::text[], %s::bigint[], %s::text[]) WITH ORDINALITY AS e(type, record, kind, place)"
            " ORDER BY e.place",
            [
                lane_of(schema), schema, str(action or ""),
                [event.type for event in batch], [event.pk for event in batch], [event.kind for event in batch],
            ],
        )  # fmt: skip


def register_consumer(name: str) -> None:
    """Make a consumer known (in ``AppConfig.ready``): events wait for it until it has handled them."""
    _consumers[name] = None


def consumers() -> tuple[str, ...]:
    """The registered consumers' names."""
    return tuple(_consumers)


@in_control_plane
def consume(consumer: str, handler: Handler, *, limit: int = 500) -> int:
    """Hand the next events of one lane to ``handler`` and note that they are done; says how many there were.

    Several workers may call it at once: each takes another lane. ``handler`` runs in the control plane's scope and
    enters the tenants itself (`by_tenant`). When it raises, nothing is noted, the lane pauses for
    longer and longer, and the error goes on to the caller.
    """
    _prepare_cursors(consumer)
    with transaction.atomic():
        horizon = lanes.horizon()
        cursor_row = lanes.take(consumer, horizon)
        if cursor_row is None:
            return 0
        batch = lanes.read(cursor_row, limit, horizon)
        problem: Exception | None = None
        if batch:
            try:
                with transaction.atomic():
                    handler(tuple(sorted((delivered for _, delivered in batch), key=lambda event: event.id)))
            except Exception as error:  # noqa: BLE001  # noted, then raised below
                problem = error
        _note(cursor_row, batch, problem)
    if problem is not None:
        raise problem
    return len(batch)


def consume_all(consumer: str, handler: Handler, *, limit: int = 500) -> int:
    """Consume until nothing is ready; says how many events there were."""
    total = 0
    while done := consume(consumer, handler, limit=limit):
        total += done
    return total


def by_tenant(batch: Sequence[Delivered]) -> Iterator[tuple[Current, list[Delivered]]]:
    """A batch cut by tenant, in order, for handlers: ``for place, events in by_tenant(batch): with tenant(place): …``.

    Events of companies that are gone are left out.
    """
    groups: dict[str, list[Delivered]] = {}
    for event in batch:
        groups.setdefault(event.schema, []).append(event)
    for schema, events in groups.items():
        place = by_schema(schema)
        if place is not None:
            yield place, events


def _prepare_cursors(consumer: str) -> None:
    known = OutboxCursor.objects.filter(consumer=consumer).count()
    if known < LANES:
        rows = (OutboxCursor(consumer=consumer, lane=lane) for lane in range(LANES))
        OutboxCursor.objects.bulk_create(rows, ignore_conflicts=True)


def _note(place: OutboxCursor, batch: Sequence[tuple[int, Delivered]], problem: Exception | None) -> None:
    if problem is None:
        if batch:
            place.xid, place.event = batch[-1][0], batch[-1][1].id
        place.failures, place.problem, place.not_before = 0, "", None
    else:
        place.failures += 1
        pause = min(timedelta(seconds=2**place.failures), LONGEST_PAUSE)
        place.problem = without_data(problem)
        place.not_before = timezone.now() + pause
    place.save(update_fields=["xid", "event", "failures", "problem", "not_before"])


@in_control_plane
def lag(consumer: str) -> Lag:
    """How far behind a consumer is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), coalesce(extract(epoch FROM now() - min(e.moment)), 0) FROM tenants_outboxevent e"
            " LEFT JOIN tenants_outboxcursor c ON c.consumer = %s AND c.lane = e.lane"
            " WHERE c.id IS NULL OR (e.xid, e.id) > (c.xid, c.event)",
            [consumer],
        )
        events, seconds = cursor.fetchone()
    problem = OutboxCursor.objects.filter(consumer=consumer).exclude(problem="").first()
    return Lag(events=events, seconds=float(seconds), problem=problem.problem if problem else "")


@in_control_plane
def lags() -> Mapping[str, Lag]:
    """The lag of every registered consumer."""
    return {name: lag(name) for name in consumers()}


@in_control_plane
def prune(*, keep: timedelta = timedelta(hours=1), limit: int = 20_000) -> int:
    """Delete events that every consumer has passed, registered here or known by a cursor; says how many."""
    waiting = {*consumers(), *OutboxCursor.objects.values_list("consumer", flat=True).distinct()}
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM tenants_outboxevent WHERE id IN (SELECT e.id FROM tenants_outboxevent e"
            " WHERE e.moment < now() - make_interval(secs => %s) AND (SELECT count(*) FROM tenants_outboxcursor c"
            " WHERE c.lane = e.lane AND (c.xid, c.event) >= (e.xid, e.id)) >= %s"
            " AND e.xid < %s LIMIT %s)",
            [keep.total_seconds(), len(waiting), lanes.horizon(), limit],
        )
        return int(cursor.rowcount)


@in_control_plane
def forget(consumer: str) -> None:
    """A consumer that is gone for good no longer keeps events from being deleted."""
    OutboxCursor.objects.filter(consumer=consumer).delete()


@in_control_plane
def go_on(consumer: str) -> None:
    """Let a consumer that pauses after an error try again at once."""
    OutboxCursor.objects.filter(consumer=consumer).update(not_before=None)


@in_control_plane
def restart(consumer: str) -> None:
    """Forget how far a consumer has come: it gets every event that is still kept once more."""
    OutboxCursor.objects.filter(consumer=consumer).update(xid=-1, event=0, failures=0, problem="", not_before=None)


@in_control_plane
def after_restore() -> None:
    """After a restore into another database cluster, whose transactions are numbered anew: deliver all again."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE tenants_outboxevent SET xid = 0")
        cursor.execute("UPDATE tenants_outboxcursor SET xid = -1, event = 0")
