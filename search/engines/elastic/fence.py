"""One tenant's documents of one build: the only place that makes requests for documents.

Every search carries the routing (which shard) and the filter (whose documents); a search made elsewhere would find other
tenants' documents in the same shard.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch.dsl import Search
from elasticsearch.dsl import query as dsl

from search.engines.base import Document
from search.engines.elastic.mapping import PLACE
from search.engines.elastic.render import Rendered, render
from search.engines.elastic.server import Server
from search.query.tree import Query
from search.schema import Field

SCANNED = 1_000


@dataclass(frozen=True, slots=True)
class Fence:
    """`tenant` is the tenant's key, `build` the number of the build, `alias` the shared index they lie in."""

    server: Server
    alias: str
    tenant: str
    build: int

    @property
    def place(self) -> str:
        """What the documents inside carry."""
        return f"{self.tenant}:{self.build}"

    def search(self, query: Query | Rendered) -> Search[Any]:
        """A search among these documents alone, to be refined and given to `answer`."""
        wanted = query if isinstance(query, dsl.Query) else render(query)
        return self._fenced(dsl.Term(**{PLACE: self.place})).query(wanted)

    def _fenced(self, filter: Rendered) -> Search[Any]:
        return Search(index=self.alias).params(routing=self.tenant).filter(filter)

    def answer(self, search: Search[Any], *, only: Sequence[str] = ()) -> Mapping[str, Any]:
        """The raw answer, or only these parts of it."""
        asked = _named(search.to_dict())
        found: Mapping[str, Any] = self.server.ask(
            lambda client: client.search(index=self.alias, routing=self.tenant, filter_path=list(only) or None, **asked)
        ).body
        return found

    def scan(self, *fields: Field) -> Iterator[Mapping[str, Any]]:
        """The kept fields of all documents, in no order that matters."""
        yield from self._scanned(dsl.Term(**{PLACE: self.place}), [field.value for field in fields])

    def _scanned(self, filter: Rendered, fields: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        after: list[Any] | None = None
        body = self._fenced(filter).sort("_doc").source(list(fields))[:SCANNED].to_dict()
        pit = self.server.ask(
            lambda client: client.open_point_in_time(index=self.alias, keep_alive="2m", routing=self.tenant)
        )["id"]
        try:
            while True:
                asked = {**body, "pit": {"id": pit, "keep_alive": "2m"}} | ({"search_after": after} if after else {})
                hits = self.server.ask(lambda client, asked=asked: client.search(**_named(asked)))["hits"]["hits"]  # type: ignore[misc]
                if not hits:
                    return
                yield from hits
                after = hits[-1]["sort"]
        finally:
            self.server.ask(lambda client: client.close_point_in_time(id=pit))

    def id_of(self, uid: str) -> str:
        """A document's id: routing does not make ids unique, so it holds tenant and build."""
        return f"{self.place}:{uid}"

    def uid_of(self, pk: str) -> str:
        """The way back from a document's id."""
        return pk.removeprefix(f"{self.place}:")

    def put(self, document: Document, *, fresh: bool = False) -> dict[str, Any]:
        """The action that writes a document; `fresh` never writes over one that is there."""
        return {
            "_op_type": "create" if fresh else "index",
            "_index": self.alias,
            "_id": self.id_of(document.uid),
            "routing": self.tenant,
            "_source": {PLACE: self.place, **_source(document)},
        }

    def drop(self, uid: str) -> dict[str, Any]:
        """The action that removes a document."""
        return {"_op_type": "delete", "_index": self.alias, "_id": self.id_of(uid), "routing": self.tenant}

    def refresh(self) -> None:
        """Make what was written findable."""
        self.server.ask(lambda client: client.indices.refresh(index=self.alias), writing=True)

    def purge(self, keep: Iterable[int] = ()) -> int:
        """Remove the tenant's documents of all builds but these; answers how many went."""
        self.refresh()
        kept = [dsl.Term(**{PLACE: f"{self.tenant}:{build}"}) for build in keep]
        whole = dsl.Bool(filter=[dsl.Prefix(**{PLACE: f"{self.tenant}:"})], must_not=kept)
        gone = (
            {"_op_type": "delete", "_index": self.alias, "_id": hit["_id"], "routing": self.tenant}
            for hit in self._scanned(whole, [])
        )
        return self.server.bulk(gone, accept=frozenset({404}))


def _named(body: Mapping[str, Any]) -> dict[str, Any]:
    """A body as the client's keyword arguments (`from` is a word of Python)."""
    named = {"_source": "source", "from": "from_"}
    return {named.get(key, key): value for key, value in body.items()}


def _source(document: Document) -> dict[str, Any]:
    held: dict[str, Any] = {field.value: tokens for field, tokens in document.tokens.items() if tokens}
    held |= {
        Field.UID.value: document.uid,
        Field.KIND.value: document.kind,
        Field.TERMS.value: list(document.terms),
        Field.CHANGED.value: document.changed,
        Field.VERSION.value: document.version,
        Field.SIGN.value: document.sign,
        Field.PAPERS.value: document.papers,
    }
    given = (
        (Field.CATEGORY, document.category or None),
        (Field.OWNER, document.owner),
        (Field.DEPARTMENT, document.department),
    )
    return held | {field.value: value for field, value in given if value is not None}
