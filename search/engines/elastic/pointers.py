"""Which build of a tenant is live: one small document per tenant, changed by compare and swap.

While a build is made its number stands there too, and batches are written to both; so no lock is needed between processes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from elasticsearch import ConflictError

from search.engines.base import EngineAway, EngineUnreachable
from search.engines.elastic.server import Server
from search.engines.pointer import now

REMEMBERED = 1.0
TRIES = 20
MOST_TENANTS = 10_000


@dataclass(frozen=True, slots=True)
class Pointer:
    """`build` 0: none is live yet; `making` 0: none is being made; `stale` are builds to be removed."""

    key: str
    part: int
    build: int = 0
    making: int = 0
    written_at: str = ""
    stale: tuple[int, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)

    def as_source(self) -> dict[str, Any]:
        """As it is stored: what is not asked for lies in the field that is not indexed."""
        said = asdict(self)
        return {
            "key": self.key, "part": self.part, "build": self.build, "written_at": self.written_at,
            "facts": {"making": self.making, "stale": list(self.stale), "facts": said["facts"]},
        }  # fmt: skip

    @classmethod
    def of(cls, source: dict[str, Any]) -> Pointer:
        """The way back."""
        inner = source["facts"]
        return cls(
            source["key"], source["part"], source["build"], inner["making"], source["written_at"],
            tuple(inner["stale"]), inner["facts"],
        )  # fmt: skip


class Pointers:
    """The pointers of all tenants; `read` may be a second old, `fresh` and `change` are not."""

    def __init__(self, server: Server, *, parts: int) -> None:
        self._server = server
        self._parts = parts
        self._held: dict[str, tuple[float, Pointer]] = {}
        self._lock = threading.Lock()

    def read(self, key: str) -> Pointer | None:
        """As of at most a second ago: a search costs no round trip more."""
        held = self._held.get(key)
        if held and time.monotonic() - held[0] < REMEMBERED:
            return held[1]
        found = self.fresh(key)
        with self._lock:
            if found is None:
                self._held.pop(key, None)
            else:
                self._held[key] = (time.monotonic(), found)
        return found

    def fresh(self, key: str) -> Pointer | None:
        """As of now; None when there is none."""
        got = self._get(key)
        return got[0] if got else None

    def _get(self, key: str) -> tuple[Pointer, int, int] | None:
        index = self._server.pointers()
        try:
            found = self._server.ask(lambda client: client.get(index=index, id=key))
        except EngineUnreachable:
            raise
        except EngineAway:
            return None
        return Pointer.of(found["_source"]), found["_seq_no"], found["_primary_term"]

    def change(self, key: str, how: Callable[[Pointer], Pointer]) -> Pointer:
        """Write what `how` makes of the present pointer, again and again while somebody else is quicker."""
        for _ in range(TRIES):
            got = self._get(key)
            before = got[0] if got else Pointer(key, self._part(key))
            after = replace(how(before), written_at=now())
            guard: dict[str, Any] = {"if_seq_no": got[1], "if_primary_term": got[2]} if got else {"op_type": "create"}
            if self._put(key, after, guard):
                with self._lock:
                    self._held[key] = (time.monotonic(), after)
                return after
        raise EngineUnreachable(f"The pointer of {key} is changed by others all the time.")

    def _put(self, key: str, pointer: Pointer, guard: dict[str, Any]) -> bool:
        index = self._server.pointers()
        try:
            self._server.ask(
                lambda client: client.index(
                    index=index, id=key, document=pointer.as_source(), refresh="true", require_alias=True, **guard
                ),
                writing=True,
            )
        except ConflictError:
            return False
        return True

    def _part(self, key: str) -> int:
        return int(key.rpartition(".")[2]) % self._parts

    def everyone(self) -> tuple[Pointer, ...]:
        """The pointers of all tenants, for the sweep."""
        index = self._server.pointers()
        try:
            found = self._server.ask(
                lambda client: client.search(index=index, size=MOST_TENANTS, query={"match_all": {}})
            )
        except EngineUnreachable:
            raise
        except EngineAway:
            return ()
        return tuple(Pointer.of(hit["_source"]) for hit in found["hits"]["hits"])

    def forget(self, key: str) -> None:
        """Remove a pointer; one that is not there is no error."""
        index = self._server.pointers()
        try:
            self._server.ask(lambda client: client.delete(index=index, id=key, refresh="true"), writing=True)
        except EngineUnreachable:
            raise
        except EngineAway:
            pass
        self._held.pop(key, None)
