"""One tenant's index as of one moment, read."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import tantivy

from search.engines.base import Found, Order, Tally
from search.engines.embedded.lexicon import Lexicon
from search.engines.embedded.render import Rendering
from search.engines.known import Known
from search.query.tree import NOTHING, Everything, OneOf, Query
from search.schema import Field


class EmbeddedReader:
    """See `search.engines.base.Reader`."""

    counts_beside: ClassVar = False

    def __init__(self, lexicon: Lexicon, written_at: str, facts: Mapping[str, str] | None = None) -> None:
        self._searcher = lexicon.searcher
        self._lexicon = lexicon
        self._written_at = written_at
        self._facts = facts or {}
        self._known = Known()
        self._rendered = Rendering(lexicon).query

    @property
    def written_at(self) -> datetime.datetime:
        return datetime.datetime.fromisoformat(self._written_at)

    @property
    def documents(self) -> int:
        return self._searcher.num_docs

    def prepare(self, asked: Iterable[tuple[Field, str]]) -> None:
        """Nothing to prepare: a share is a look into the open index."""

    def share(self, field: Field, token: str) -> float:
        return self._lexicon.frequency(field, token) / self.documents if self.documents else 0.0

    def search(
        self, query: Query, *, limit: int, offset: int = 0, sort: Order = "score", beside: Sequence[Tally] = ()
    ) -> Found:
        rendered = self._rendered(query)
        if sort in {"score", "none"}:
            result = self._searcher.search(rendered, limit, offset=offset)
        else:
            order = tantivy.Order.Desc if sort == "newest" else tantivy.Order.Asc
            result = self._searcher.search(
                rendered, limit, offset=offset, order_by_field=Field.CHANGED.value, order=order
            )
        uids = tuple(str(self._searcher.doc(address).get_first(Field.UID.value)) for _, address in result.hits)
        scores = tuple(score for score, _ in result.hits) if sort == "score" else ()
        return self._known.note(query, Found(uids, result.count or 0, scores))  # type: ignore[attr-defined]  # the stub forgets it

    def counts(self, query: Query, field: Field, *, limit: int = 50) -> dict[str, int]:
        return self.tallies(query, [Tally(field, limit)])[0]

    def tallies(self, query: Query, wanted: Sequence[Tally]) -> list[dict[str, int]]:
        fewer = self._known.fewer(query)
        if fewer == NOTHING:
            return [_counted(one, ()) for one in wanted]
        asked = {str(place): _aggregation(one) for place, one in enumerate(wanted)}
        found: dict[str, Any] = self._searcher.aggregate(self._rendered(fewer), asked)
        return [_counted(one, found[str(place)]["buckets"]) for place, one in enumerate(wanted)]

    def signs(self, uids: Sequence[str]) -> dict[str, str]:
        if not uids:
            return {}
        result = self._searcher.search(self._rendered(OneOf(Field.UID, tuple(uids))), len(uids), count=False)
        found = (self._searcher.doc(address) for _, address in result.hits)
        return {str(d.get_first(Field.UID.value)): bytes(d.get_first(Field.SIGN.value) or b"").decode() for d in found}

    def remembered(self, key: str) -> str:
        return self._facts.get(key, "")

    def versions(self) -> Iterator[tuple[str, int, int]]:
        total = self._searcher.num_docs
        if not total:
            return
        result = self._searcher.search(self._rendered(Everything()), total, count=False)
        for _, address in result.hits:
            document = self._searcher.doc(address)
            version, papers = (int(document.get_first(f.value) or 0) for f in (Field.VERSION, Field.PAPERS))
            yield str(document.get_first(Field.UID.value)), version, papers


def _aggregation(wanted: Tally) -> dict[str, Any]:
    if not wanted.since:
        return {"terms": {"field": wanted.field.value, "size": wanted.limit}}
    ends = [*({"to": end} for end in wanted.since[1:]), {}]  # tantivy knows no ranges that overlap
    ranges = [{"key": str(start), "from": start, **end} for start, end in zip(wanted.since, ends, strict=True)]
    return {"range": {"field": wanted.field.value, "ranges": ranges}}


def _counted(wanted: Tally, buckets: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    counts = {_plain(bucket["key"]): int(bucket["doc_count"]) for bucket in buckets}
    if not wanted.since:
        return counts
    pieces = [counts.get(str(start), 0) for start in wanted.since]
    return {str(start): sum(pieces[place:]) for place, start in enumerate(wanted.since)}


def _plain(key: object) -> str:
    return str(int(key)) if isinstance(key, float) else str(key)
