"""Reading one tenant's build: see `search.engines.base.Reader`."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from elasticsearch.dsl import query as dsl

from search.engines.base import Found, Tally
from search.engines.elastic.fence import Fence
from search.query.tree import EVERYTHING, OneOf, Query
from search.schema import Field

SORTS: Mapping[str, tuple[Any, ...]] = {
    "score": ({"_score": "desc"}, {Field.CHANGED.value: "desc"}),
    "newest": ({Field.CHANGED.value: "desc"},),
    "oldest": ({Field.CHANGED.value: "asc"},),
}


class ElasticReader:
    """One tenant's documents as of now."""

    def __init__(self, fence: Fence, written_at: str, facts: Mapping[str, str] | None = None) -> None:
        self._fence = fence
        self._written_at = written_at
        self._facts = facts or {}
        self._shares: dict[tuple[Field, str], float] = {}

    @property
    def written_at(self) -> datetime.datetime:
        return datetime.datetime.fromisoformat(self._written_at)

    def prepare(self, asked: Iterable[tuple[Field, str]]) -> None:
        wanted = [pair for pair in dict.fromkeys(asked) if pair not in self._shares]
        if not wanted:
            return
        search = self._fence.search(EVERYTHING).extra(size=0, track_total_hits=True)
        for place, (field, token) in enumerate(wanted):
            search.aggs.bucket(f"s{place}", "filter", filter=dsl.Term(**{field.value: token}))
        found = self._fence.answer(search)
        total = found["hits"]["total"]["value"]
        for place, pair in enumerate(wanted):
            count = found["aggregations"][f"s{place}"]["doc_count"]
            self._shares[pair] = count / total if total else 0.0

    def share(self, field: Field, token: str) -> float:
        self.prepare([(field, token)])
        return self._shares[(field, token)]

    def search(
        self, query: Query, *, limit: int, offset: int = 0, sort: Literal["score", "newest", "oldest"] = "score"
    ) -> Found:
        asked = self._fence.search(query).sort(*SORTS[sort]).source([Field.UID.value])
        asked = asked.extra(track_total_hits=True, track_scores=sort == "score")[offset : offset + limit]
        hits = self._fence.answer(asked)["hits"]
        uids = tuple(hit["_source"][Field.UID.value] for hit in hits["hits"])
        scores = tuple(hit["_score"] for hit in hits["hits"]) if sort == "score" else ()
        return Found(uids, hits["total"]["value"], scores)

    def counts(self, query: Query, field: Field, *, limit: int = 50) -> dict[str, int]:
        return self.tallies(query, [Tally(field, limit)])[0]

    def tallies(self, query: Query, wanted: Sequence[Tally]) -> list[dict[str, int]]:
        asked = self._fence.search(query).extra(size=0)
        for place, one in enumerate(wanted):
            if one.since:
                ranges = [{"key": str(start), "from": start} for start in one.since]
                asked.aggs.bucket(str(place), "range", field=one.field.value, ranges=ranges)
            else:
                asked.aggs.bucket(str(place), "terms", field=one.field.value, size=one.limit)
        found = self._fence.answer(asked)["aggregations"]
        return [
            {str(bucket["key"]): int(bucket["doc_count"]) for bucket in found[str(place)]["buckets"]}
            for place in range(len(wanted))
        ]

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
