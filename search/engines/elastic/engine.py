"""The shared engine: see `search.engines.base.Engine`."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from search.engines.base import Document, EngineAway, EngineUnreachable, Pulse
from search.engines.elastic.fence import Fence
from search.engines.elastic.pointers import Pointer, Pointers
from search.engines.elastic.reader import ElasticReader
from search.engines.elastic.server import Server
from search.engines.elastic.shares import Shares
from tenants.context import Current, current

log = logging.getLogger("kezhou.search")

PARTS = 8
CONFLICT, MISSING = 409, 404
PULSE = "pulse.0"
"""The indexer's sign of life lies beside the pointers; no tenant's key looks like it."""


def key_of(place: Current) -> str:
    """The key of a tenant; the number tells a new tenant from a removed one of the same name."""
    return f"{place.schema}.{place.pk}"


class ElasticBatch:
    """Changes of one request, to every build that must have them."""

    def __init__(self) -> None:
        self.changes: dict[str, Document | None] = {}

    def put(self, document: Document) -> None:
        self.changes[document.uid] = document

    def drop(self, uid: str) -> None:
        self.changes[uid] = None


class ElasticEngine:
    """Documents of all tenants in a few shared indexes, each tenant in one of them, by its number."""

    def __init__(self, server: Server, *, parts: int = PARTS) -> None:
        self._server = server
        self._pointers = Pointers(server, parts=parts)
        self._shares = Shares()

    def beat(self, pulse: Pulse) -> None:
        self._pointers.change(PULSE, lambda now: replace(now, facts={"at": str(pulse.at), "lag": str(pulse.lag)}))

    def pulse(self) -> Pulse | None:
        held = self._pointers.read(PULSE)
        return Pulse(float(held.facts["at"]), float(held.facts["lag"])) if held else None

    def demand(self) -> None:
        self._server.demand()

    def exists(self) -> bool:
        pointer = self._pointers.fresh(key_of(current()))
        return bool(pointer and pointer.build)

    def reader(self) -> ElasticReader:
        pointer = self._pointers.read(key_of(current()))
        if pointer is None or not pointer.build:
            raise EngineAway(f"There is no index for {key_of(current())} yet.")
        return ElasticReader(self._fence(pointer, pointer.build), pointer.written_at, pointer.facts, self._shares)

    def _fence(self, pointer: Pointer, build: int) -> Fence:
        return Fence(self._server, self._server.alias(pointer.part), pointer.key, build)

    @contextmanager
    def batch(self) -> Iterator[ElasticBatch]:
        key = key_of(current())
        before = self._pointers.fresh(key)
        if before is None or not before.build:
            raise EngineAway(f"There is no index for {key} yet: rebuild it first.")
        batch = ElasticBatch()
        yield batch
        done: set[int] = set()
        pointer: Pointer | None = before
        while pointer and (left := _builds(pointer) - done):  # a build begun or switched meanwhile gets them as well
            for build in left:
                self._write(self._fence(pointer, build), batch)
            done |= left
            pointer = self._pointers.fresh(key)
        self._pointers.change(key, lambda now: now)

    def _write(self, fence: Fence, batch: ElasticBatch) -> None:
        actions = (fence.put(given) if given else fence.drop(uid) for uid, given in batch.changes.items())
        self._server.bulk(actions, accept=frozenset({MISSING}))
        fence.refresh()

    @contextmanager
    def rebuild(self, documents: Iterable[Document]) -> Iterator[tuple[ElasticReader, ElasticBatch]]:
        key = key_of(current())
        begun = self._pointers.change(key, _begin)
        fence = self._fence(begun, begun.making)
        try:
            self._server.prepare(begun.part, before=lambda: self._lost(begun.part))
            if begun.making == 1:
                self._purge(begun)  # of builds that a lost pointer knew
            fresh = (fence.put(document, fresh=True) for document in documents)
            self._server.bulk(fresh, accept=frozenset({CONFLICT}))  # a batch was quicker: it knows better
            fence.refresh()
            batch = ElasticBatch()
            yield ElasticReader(fence, begun.written_at), batch
            self._write(fence, batch)
            self._pointers.change(key, lambda now: _switch(now, begun.making))
        except BaseException:
            self._pointers.change(key, lambda now: _give_up(now, begun.making))
            raise

    def _lost(self, part: int) -> None:
        """A shared index is made where one was: no build of any tenant in it is live any more, and all are built anew."""
        for pointer in self._pointers.everyone():
            if pointer.part == part and pointer.build:
                self._pointers.change(pointer.key, lambda now: replace(now, build=0, facts={}))

    def remember(self, key: str, value: str) -> None:
        place = key_of(current())
        if self._pointers.fresh(place) is not None:
            self._pointers.change(place, lambda now: replace(now, facts={**now.facts, key: value}))

    def remembered(self, key: str) -> str:
        pointer = self._pointers.fresh(key_of(current()))
        return pointer.facts.get(key, "") if pointer else ""

    def remove(self, place: Current) -> None:
        pointer = self._pointers.fresh(key_of(place))
        if pointer is not None:
            self._remove(pointer)

    def _remove(self, pointer: Pointer) -> None:
        self._purge(pointer)
        self._pointers.forget(pointer.key)

    def _purge(self, pointer: Pointer, keep: Iterable[int] = ()) -> None:
        """Remove documents of all builds but these; where the index is gone they went with it."""
        try:
            self._fence(pointer, 0).purge(keep=keep)
        except EngineUnreachable:
            raise
        except EngineAway as error:
            log.warning("nothing to remove for %s: %s", pointer.key, error)

    def sweep(self, keep: Iterable[Current]) -> tuple[str, ...]:
        kept = {key_of(place) for place in keep}
        gone = []
        for pointer in self._pointers.everyone():
            if pointer.key == PULSE:
                continue
            if pointer.key not in kept:
                self._remove(pointer)
                gone.append(pointer.key)
            elif pointer.stale:
                self._purge(pointer, keep=_builds(pointer))
                stale = set(pointer.stale)
                self._pointers.change(
                    pointer.key,
                    lambda now, stale=stale: replace(now, stale=tuple(set(now.stale) - stale)),  # type: ignore[misc]
                )
        return tuple(sorted(gone))


def _builds(pointer: Pointer) -> set[int]:
    return {build for build in (pointer.build, pointer.making) if build}


def _begin(now: Pointer) -> Pointer:
    number = max(now.build, now.making, *now.stale, 0) + 1
    stale = {*now.stale, *({now.making} if now.making else set())}
    return replace(now, making=number, stale=tuple(sorted(stale)))


def _switch(now: Pointer, build: int) -> Pointer:
    stale = {*now.stale, *({now.build} if now.build else set())}
    making = 0 if now.making == build else now.making
    return replace(now, build=build, making=making, stale=tuple(sorted(stale - {build})), facts={})


def _give_up(now: Pointer, build: int) -> Pointer:
    making = 0 if now.making == build else now.making
    return replace(now, making=making, stale=tuple(sorted({*now.stale, build})))
