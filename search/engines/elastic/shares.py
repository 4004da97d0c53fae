"""How common tokens are among one tenant's documents, remembered for a minute: they only steer how a query is built, and asking costs
a round trip for each search."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from elasticsearch.dsl import query as dsl

from search.engines.elastic.fence import Fence
from search.query.tree import EVERYTHING
from search.schema import Field

Asked = tuple[Field, str]
KEPT_FOR = 60.0
MOST_TOKENS = 2_000
MOST_PLACES = 500


@dataclass
class _Known:
    """Of one build of one tenant: how many documents, and how many of them hold a token."""

    until: float
    documents: int
    holding: dict[Asked, int] = field(default_factory=dict)


class Shares:
    """By place, which names tenant and build: nothing of one tenant is ever an answer for another."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}
        self._lock = threading.Lock()

    def documents(self, fence: Fence) -> int:
        """How many documents the tenant has."""
        return (self._of(fence.place) or self._ask(fence, ())).documents

    def share(self, fence: Fence, asked: Asked) -> float:
        """The part of the documents that hold a token."""
        known = self.prepare(fence, [asked])
        return known.holding[asked] / known.documents if known.documents else 0.0

    def prepare(self, fence: Fence, asked: Sequence[Asked]) -> _Known:
        """What holds all that was asked for, looked up in one round trip where it is not known: another thread may put a new one into its
        place at any moment, so nobody looks for it twice."""
        known = self._of(fence.place)
        wanted = [one for one in dict.fromkeys(asked) if known is None or one not in known.holding]
        return known if known is not None and not wanted else self._ask(fence, wanted)

    def _of(self, place: str) -> _Known | None:
        known = self._known.get(place)
        return known if known is not None and time.monotonic() < known.until else None

    def _ask(self, fence: Fence, wanted: Sequence[Asked]) -> _Known:
        search = fence.search(EVERYTHING).extra(size=0, track_total_hits=True)
        for place, (name, token) in enumerate(wanted):
            search.aggs.bucket(f"s{place}", "filter", filter=dsl.Term(**{name.value: token}))
        found = fence.answer(search)
        counts = {one: found["aggregations"][f"s{place}"]["doc_count"] for place, one in enumerate(wanted)}
        return self._kept(fence.place, found["hits"]["total"]["value"], counts)

    def _kept(self, place: str, documents: int, counts: dict[Asked, int]) -> _Known:
        with self._lock:
            known = self._of(place)
            if known is None or len(known.holding) > MOST_TOKENS:
                while len(self._known) >= MOST_PLACES:
                    self._known.pop(next(iter(self._known)))
                known = self._known[place] = _Known(time.monotonic() + KEPT_FOR, documents)
            known.holding.update(counts)
            return known
