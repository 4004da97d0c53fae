"""Reading one tenant's build: see `search.engines.base.Reader`."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from elasticsearch.dsl import Search

from search.engines.base import Found, Order, Tally
from search.engines.elastic.fence import Fence
from search.engines.elastic.shares import Shares
from search.engines.known import Known
from search.query.tree import NOTHING, OneOf, Query
from search.schema import Field

SORTS: Mapping[str, tuple[Any, ...]] = {
    "score": ({"_score": "desc"}, {Field.CHANGED.value: "desc"}),
    "newest": ({Field.CHANGED.value: "desc"},),
    "oldest": ({Field.CHANGED.value: "asc"},),
    "none": ("_doc",),
}
HITS = ("hits.total.value", "hits.hits._id", "hits.hits._score")
COUNTS = ("aggregations",)
"""What an answer is asked for: an empty list is not in it."""


class ElasticReader:
    """One tenant's documents as of now."""

    counts_beside: ClassVar = True

    def __init__(
        self, fence: Fence, written_at: str, facts: Mapping[str, str] | None = None, shares: Shares | None = None
    ) -> None:
        self._fence = fence
        self._written_at = written_at
        self._facts = facts or {}
        self._shares = shares or Shares()
        self._known = Known()

    @property
    def written_at(self) -> datetime.datetime:
        return datetime.datetime.fromisoformat(self._written_at)

    @property
    def documents(self) -> int:
        return self._shares.documents(self._fence)

    def prepare(self, asked: Iterable[tuple[Field, str]]) -> None:
        self._shares.prepare(self._fence, tuple(asked))

    def share(self, field: Field, token: str) -> float:
        return self._shares.share(self._fence, (field, token))

    def search(
        self, query: Query, *, limit: int, offset: int = 0, sort: Order = "score", beside: Sequence[Tally] = ()
    ) -> Found:
        asked = self._fence.search(query).sort(*SORTS[sort]).source(False)  # the id says which record it is
        asked = asked.extra(track_total_hits=True, track_scores=sort == "score")[offset : offset + limit]
        _count(asked, beside)
        answer = self._fence.answer(asked, only=(*HITS, *(COUNTS if beside else ())))
        shown = answer["hits"].get("hits", ())
        uids = tuple(self._fence.uid_of(hit["_id"]) for hit in shown)
        scores = tuple(hit["_score"] for hit in shown) if sort == "score" else ()
        counts = dict(zip(beside, _counted(answer, beside), strict=True))
        return self._known.note(query, Found(uids, answer["hits"]["total"]["value"], scores), counts)

    def counts(self, query: Query, field: Field, *, limit: int = 50) -> dict[str, int]:
        return self.tallies(query, [Tally(field, limit)])[0]

    def tallies(self, query: Query, wanted: Sequence[Tally]) -> list[dict[str, int]]:
        known = self._known.counts(query, wanted)
        if known is not None:
            return known
        fewer = self._known.fewer(query)
        if fewer == NOTHING:
            return [dict.fromkeys(map(str, one.since), 0) for one in wanted]
        asked = self._fence.search(fewer).extra(size=0)
        _count(asked, wanted)
        return _counted(self._fence.answer(asked, only=COUNTS), wanted)

    def signs(self, uids: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for start in range(0, len(uids), 1_000):
            piece = tuple(uids[start : start + 1_000])
            asked = self._fence.search(OneOf(Field.UID, piece)).source([Field.UID.value, Field.SIGN.value])[
                : len(piece)
            ]
            hits = self._fence.answer(asked)["hits"]["hits"]
            found |= {hit["_source"][Field.UID.value]: hit["_source"].get(Field.SIGN.value, "") for hit in hits}
        return found

    def remembered(self, key: str) -> str:
        return self._facts.get(key, "")

    def versions(self) -> Iterator[tuple[str, int, int]]:
        for hit in self._fence.scan(Field.UID, Field.VERSION, Field.PAPERS):
            held = hit["_source"]
            yield held[Field.UID.value], int(held[Field.VERSION.value]), int(held.get(Field.PAPERS.value, 0))


def _count(asked: Search[Any], wanted: Sequence[Tally]) -> None:
    """Ask for counts beside the hits."""
    for place, one in enumerate(wanted):
        if one.since:
            ranges = [{"key": str(start), "from": start} for start in one.since]
            asked.aggs.bucket(str(place), "range", field=one.field.value, ranges=ranges)
        else:
            asked.aggs.bucket(str(place), "terms", field=one.field.value, size=one.limit)


def _counted(answer: Mapping[str, Any], wanted: Sequence[Tally]) -> list[dict[str, int]]:
    found = answer["aggregations"] if wanted else {}
    return [
        {str(bucket["key"]): int(bucket["doc_count"]) for bucket in found[str(place)]["buckets"]}
        for place in range(len(wanted))
    ]
