"""The outbox: nothing is lost, nothing is out of order, everything comes at least once."""

import json
import re
import subprocess
import sys
import textwrap
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction

from tenants import outbox
from tenants.context import Current, WrongTenant, control_plane, current_or_none, tenant
from tenants.models import OutboxCursor, OutboxEvent
from tenants.outbox import Delivered, Event
from tests.jobs.workers import wait_for

TYPE = "customers.customer"


def tell(place: Current, *pks: int, kind: str = "changed") -> None:
    with tenant(place), transaction.atomic():
        outbox.append([Event(type=TYPE, pk=pk, kind=kind) for pk in pks], action="a1")


class Inbox:
    """A handler that keeps what it got."""

    def __init__(self) -> None:
        self.events: list[Delivered] = []

    def __call__(self, batch: Sequence[Delivered]) -> None:
        self.events.extend(batch)

    @property
    def pks(self) -> list[int]:
        return [event.pk for event in self.events]


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture(autouse=True)
def _one_consumer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_consumers", {"test": None})


@pytest.mark.committed
def test_events_come_in_order_once_and_with_everything(alpha: Current, inbox: Inbox) -> None:
    tell(alpha, 1, 2)
    tell(alpha, 1, kind="deleted")

    assert outbox.lag("test").events == 3
    assert outbox.consume_all("test", inbox) == 3
    assert outbox.consume_all("test", inbox) == 0

    assert [(e.schema, e.type, e.pk, e.kind, e.action) for e in inbox.events] == [
        ("t_alpha", TYPE, 1, "changed", "a1"),
        ("t_alpha", TYPE, 2, "changed", "a1"),
        ("t_alpha", TYPE, 1, "deleted", "a1"),
    ]
    assert outbox.lag("test") == outbox.Lag(events=0, seconds=0.0, problem="")


def test_events_belong_to_the_transaction_of_the_change(in_alpha: Current) -> None:
    with transaction.atomic():
        outbox.append([Event(type=TYPE, pk=1, kind="created")])
        transaction.set_rollback(True)

    with control_plane():
        assert OutboxEvent.objects.count() == 0


@pytest.mark.committed
def test_an_event_outside_a_transaction_is_refused(in_alpha: Current) -> None:
    with pytest.raises(WrongTenant, match="outside a transaction"):
        outbox.append([Event(type=TYPE, pk=1, kind="created")])


def test_an_unknown_kind_is_refused(in_alpha: Current) -> None:
    with pytest.raises(ValueError, match="An event cannot be renamed"):
        outbox.append([Event(type=TYPE, pk=1, kind="renamed")])


@pytest.mark.committed
def test_an_event_that_commits_late_is_not_lost(alpha: Current, inbox: Inbox) -> None:
    statement = (
        "INSERT INTO public.tenants_outboxevent (lane, schema, type, record, kind, action)"
        " VALUES (%s, 't_alpha', %s, %s, 'changed', '')"
    )
    with psycopg.connect(settings.DATABASE_URL) as slow:
        slow.execute(statement, [outbox.lane_of("t_alpha"), TYPE, 1])  # the smaller id, not committed yet
        tell(alpha, 2)
        early = outbox.consume_all("test", inbox)
        slow.commit()

    late = outbox.consume_all("test", inbox)

    assert (early, late) == (0, 2)
    assert inbox.pks == [1, 2]


@pytest.mark.committed
def test_a_later_event_of_a_record_waits_for_the_earlier_one(alpha: Current, inbox: Inbox) -> None:
    """The transaction that began first changed the record last: its id is smaller, its event comes later."""
    lane = outbox.lane_of("t_alpha")
    statement = (
        "INSERT INTO public.tenants_outboxevent (lane, schema, type, record, kind, action)"
        f" VALUES ({lane}, 't_alpha', '{TYPE}', %s, %s, '')"
    )
    with (
        psycopg.connect(settings.DATABASE_URL) as first,
        psycopg.connect(settings.DATABASE_URL) as blocker,
        psycopg.connect(settings.DATABASE_URL) as second,
    ):
        first.execute("SELECT pg_current_xact_id()")
        blocker.execute("SELECT pg_current_xact_id()")
        second.execute(statement, [7, "created"])
        second.commit()
        first.execute(statement, [7, "deleted"])
        first.commit()
        too_early = outbox.consume_all("test", inbox)
        blocker.rollback()

    outbox.consume_all("test", inbox)

    assert too_early == 0
    assert [event.kind for event in inbox.events] == ["created", "deleted"]


@pytest.mark.committed
def test_a_failing_handler_gets_the_events_again_later(alpha: Current, inbox: Inbox) -> None:
    tell(alpha, 1)

    def broken(batch: Sequence[Delivered]) -> None:
        raise OSError("The disk is full.")

    with pytest.raises(OSError, match="disk is full"):
        outbox.consume("test", broken)
    paused = outbox.consume("test", inbox)
    with control_plane():
        row = OutboxCursor.objects.get(consumer="test", lane=outbox.lane_of("t_alpha"))
        problem = outbox.lag("test").problem
        OutboxCursor.objects.update(not_before=None)
    again = outbox.consume("test", inbox)

    assert (paused, again) == (0, 1)
    assert row.failures == 1
    assert re.fullmatch(r"OSError \(tenants/test_outbox\.py:\d+\)", problem)  # a text could hold values of the company
    assert outbox.lag("test").problem == ""


@pytest.mark.committed
def test_what_a_failing_handler_wrote_is_undone(alpha: Current) -> None:
    tell(alpha, 1)

    def half(batch: Sequence[Delivered]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE tenants_tenant SET region = 'half' WHERE id = %s", [alpha.pk])
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError):
        outbox.consume("test", half)

    with control_plane(), connection.cursor() as cursor:
        cursor.execute("SELECT region FROM tenants_tenant WHERE id = %s", [alpha.pk])
        assert cursor.fetchone() == ("",)


@pytest.mark.committed
def test_a_handler_gets_a_batch_cut_by_tenant(alpha: Current, beta: Current) -> None:
    tell(alpha, 1, 2)
    tell(beta, 1)
    seen: list[tuple[str, list[int]]] = []

    def handle(batch: Sequence[Delivered]) -> None:
        assert current_or_none() is None
        for place, events in outbox.by_tenant(batch):
            with tenant(place):
                seen.append((place.slug, [event.pk for event in events]))

    outbox.consume_all("test", handle)

    assert sorted(seen) == [("alpha", [1, 2]), ("beta", [1])]


@pytest.mark.committed
def test_events_go_when_every_consumer_has_passed_them(
    alpha: Current, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "_consumers", {"test": None, "other": None})
    tell(alpha, 1)
    outbox.consume_all("test", inbox)

    assert outbox.prune(keep=timedelta(0)) == 0
    outbox.consume_all("other", inbox)
    assert outbox.prune(keep=timedelta(hours=1)) == 0
    assert outbox.prune(keep=timedelta(0)) == 1


@pytest.mark.committed
def test_a_process_that_knows_no_consumer_deletes_nothing_that_waits(
    alpha: Current, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(alpha, 1)
    outbox.consume("other", inbox)
    tell(alpha, 2)
    monkeypatch.setattr(outbox, "_consumers", {})

    assert outbox.prune(keep=timedelta(0)) == 1
    outbox.forget("other")
    assert outbox.prune(keep=timedelta(0)) == 1


@pytest.mark.committed
def test_after_a_restore_everything_kept_is_told_again(alpha: Current, inbox: Inbox) -> None:
    tell(alpha, 1)
    outbox.consume_all("test", inbox)
    with control_plane():
        OutboxEvent.objects.update(xid=2**60)  # as numbered by a cluster that has done more transactions

    outbox.after_restore()
    outbox.consume_all("test", inbox)

    assert inbox.pks == [1, 1]


WORKER = textwrap.dedent(
    """
    import json, sys, time, django
    django.setup()
    from tenants import outbox
    out = open(sys.argv[1], "a", buffering=1)
    def handle(batch):
        out.write(json.dumps([[e.id, e.schema, e.pk, time.monotonic_ns()] for e in batch]) + "\\n")
        time.sleep(0.002)
    deadline, idle = time.monotonic() + 30, 0
    while time.monotonic() < deadline and idle < 20:
        done = outbox.consume("test", handle, limit=7)
        idle = 0 if done else idle + 1
        if not done:
            time.sleep(0.05)
    """
)


@pytest.mark.committed
def test_two_worker_processes_keep_the_order_of_every_record(
    alpha: Current, beta: Current, process_environment: Mapping[str, str], tmp_path: Path
) -> None:
    files = [tmp_path / f"{number}.jsonl" for number in (1, 2)]
    workers = [subprocess.Popen([sys.executable, "-c", WORKER, file], env=dict(process_environment)) for file in files]
    for round_number in range(60):
        for place in (alpha, beta):
            tell(place, 1, 2, 3, 1 + round_number % 5)
        time.sleep(0.005)
    codes = [worker.wait(timeout=60) for worker in workers]

    events = sorted(
        (event for file in files for line in file.read_text().splitlines() for event in json.loads(line)),
        key=lambda event: event[3],
    )
    by_record: dict[tuple[str, int], list[int]] = {}
    for pk, schema, record, _ in events:
        by_record.setdefault((schema, record), []).append(pk)

    assert codes == [0, 0]
    assert len(events) == 2 * 60 * 4
    assert len({event[0] for event in events}) == len(events)
    assert all(pks == sorted(pks) for pks in by_record.values())


DYING = textwrap.dedent(
    """
    import sys, time, django
    django.setup()
    from tenants import outbox
    def handle(batch):
        open(sys.argv[1], "w").write(str([event.id for event in batch]))
        time.sleep(60)
    outbox.consume("test", handle)
    """
)


@pytest.mark.committed
def test_a_killed_consumers_events_come_again_with_the_same_ids(
    alpha: Current, inbox: Inbox, process_environment: Mapping[str, str], tmp_path: Path
) -> None:
    tell(alpha, 1, 2)
    trace = tmp_path / "ids"
    worker = subprocess.Popen([sys.executable, "-c", DYING, trace], env=dict(process_environment))
    wait_for(lambda: trace.exists() and trace.read_text() != "")
    meanwhile = outbox.consume("test", inbox)
    worker.kill()
    worker.wait()
    wait_for(lambda: outbox.consume("test", inbox) > 0)

    assert meanwhile == 0
    assert str([event.id for event in inbox.events]) == trace.read_text()
    assert outbox.lag("test").events == 0
