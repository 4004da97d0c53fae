"""The one process that writes indexes: reads the outbox, keeps every tenant's index equal to its database (SRH-08).

At least once and in order per record: a batch is acknowledged after its commit, and always the present state of a record is
written, so a batch that is delivered twice changes nothing. `kill -9` at any moment costs a repetition.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress

from django.db import DatabaseError, InterfaceError, connection

from kezhou.local import alive
from search import keeping
from search.engines.base import Engine, EngineAway, EngineUnreachable
from search.freshness import beat
from tenants import directory, outbox
from tenants.context import Current, tenant
from tenants.lanes import Delivered
from tenants.states import KEPT

log = logging.getLogger("kezhou.search")

CONSUMER = "search"
SHAPE = "core.shape"
BATCH = 500
PAUSE = 0.25
SWEEP = 10.0
BROKEN = (EngineAway, ValueError, OSError)
"""What an index that is missing or damaged raises; it is built anew from the database, which holds all events too."""


class Indexer:
    """Feeds one engine. `step` does what is to be done now, `run` goes on until it is told to stop."""

    def __init__(self, target: Engine) -> None:
        self._engine = target
        self._stop = threading.Event()
        self._next_sweep = 0.0
        self._broken: dict[str, Current] = {}
        self._seen: dict[str, int] = {}

    def stop(self, *_: object) -> None:
        """Ends `run` after the present batch; fits as a signal handler."""
        self._stop.set()

    def run(self) -> None:
        """Works until stopped; a database or a disk that is away is waited for."""
        while not self._stop.is_set():
            alive.note("indexer")
            try:
                done = self.step()
            except (DatabaseError, InterfaceError, OSError, EngineUnreachable) as error:
                log.warning("indexing pauses for a second: %s", error)
                with suppress(DatabaseError, InterfaceError):
                    connection.close()
                self._stop.wait(1.0)
            else:
                if not done:
                    self._stop.wait(PAUSE)

    def step(self) -> int:
        """One batch of the outbox, and now and then a look at all tenants; returns the number of events handled.

        While the engine does not answer nothing is taken: changes wait in the outbox (SRH-08).
        """
        self._engine.demand()
        if time.monotonic() >= self._next_sweep:
            self.sweep()
            self._next_sweep = time.monotonic() + SWEEP
        done = outbox.consume(CONSUMER, self.handle, limit=BATCH)
        while self._broken:
            _, place = self._broken.popitem()
            with tenant(place):
                self._rebuild(place)
        beat(self._engine, outbox.lag(CONSUMER).seconds if done else 0.0)
        return done

    def handle(self, events: Sequence[Delivered]) -> None:
        """A batch of events of any tenants; one of a tenant that is gone is nobody's business."""
        by_schema: dict[str, list[Delivered]] = defaultdict(list)
        for event in events:
            by_schema[event.schema].append(event)
        for schema, own in by_schema.items():
            place = directory.by_schema(schema)
            if place is not None:
                with tenant(place):
                    self._apply(place, own)

    def _apply(self, place: Current, events: Sequence[Delivered]) -> None:
        changed: dict[str, set[int]] = defaultdict(set)
        for event in events:
            changed[event.type].add(event.pk)
        try:
            if changed.pop(SHAPE, None):
                keeping.follow_fields(self._engine)
            keeping.apply(self._engine, changed)
        except EngineUnreachable:
            raise  # the index is not at fault; the events come again
        except BROKEN as error:
            log.warning("the index of %s will be built anew: %s", place.slug, error)
            self._engine.remove(
                place
            )  # before the events count as done: whatever happens to this process, it is missed and built
            self._broken[place.schema] = place

    def sweep(self) -> None:
        """Every tenant that is not closed has an index of this schema version and its present fields; others have none."""
        places = directory.tenants(states=KEPT)
        for gone in self._engine.sweep(places):
            log.info("removed the index of %s, which is no tenant any more", gone)
        for place in places:
            with tenant(place):
                self._look_at(place)

    def _look_at(self, place: Current) -> None:
        """Whether the index is there; at first sight and after a change of plugins also whether it opens and what it holds.

        Changed fields come by the outbox, so that many tenants cost one look at a file each.
        """
        try:
            if not self._engine.exists():
                raise EngineAway(f"{place.slug} has no index yet.")
            if self._seen.get(place.schema) != place.version:
                self._engine.reader()
                keeping.follow_fields(self._engine)
        except EngineUnreachable:
            raise
        except BROKEN:
            self._rebuild(place)
        else:
            self._seen[place.schema] = place.version

    def _rebuild(self, place: Current) -> None:
        """Builds a tenant's index anew; one that cannot be built (a full disk) holds up nobody else's and is tried at every sweep."""
        try:
            keeping.rebuild(self._engine)
        except EngineUnreachable:
            raise
        except BROKEN:
            log.exception("The index of %s cannot be built; it is tried again in some seconds.", place.slug)
