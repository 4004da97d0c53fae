"""The server as this package asks it: every call through one breaker, every failure one of two errors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch, NotFoundError
from elasticsearch.helpers import streaming_bulk

from search.engines.base import EngineAway, EngineUnreachable
from search.engines.elastic.breaker import Breaker
from search.engines.elastic.mapping import documents_index, index_alias, pointers_alias, pointers_index

ASKING = 5.0
WRITING = 60.0
CHUNK = 500
CHUNK_BYTES = 5_000_000
LONGEST_SAID = 500
BUSY = frozenset({429, 502, 503, 504})

Answer = TypeVar("Answer")


class WriteRefused(Exception):
    """Elasticsearch refused documents for what they hold; a fault of ours, not of the server."""


class Server:
    """One cluster of Elasticsearch 8 or 9, by its address; `prefix` keeps installations that share it apart."""

    def __init__(self, url: str, *, prefix: str, replicas: int = 0, shards: int = 1) -> None:
        self._prefix = prefix
        self._client = Elasticsearch(url, request_timeout=ASKING, max_retries=0, retry_on_timeout=False)
        self._writer = self._client.options(request_timeout=WRITING)
        self._breaker = Breaker()
        self._replicas, self._shards = replicas, shards
        self._present: set[str] = set()

    def reachable(self) -> bool:
        """Whether the cluster answers. `ping` is not used: the smallest distribution has no root page."""
        try:
            self.ask(lambda client: client.cluster.health(timeout="2s"))
        except EngineAway:
            return False
        return True

    def ask(self, call: Callable[[Elasticsearch], Answer], *, writing: bool = False) -> Answer:
        """The answer of one call. Raises `EngineUnreachable`, or `EngineAway` for an index that is not there."""
        if not self._breaker.admits():
            raise EngineUnreachable("Elasticsearch did not answer lately; it is asked again in a few seconds.")
        try:
            answer = call(self._writer if writing else self._client)
        except NotFoundError as error:
            self._breaker.succeeded()
            raise EngineAway(said(error)) from error
        except TransportError as error:
            self._breaker.failed()
            raise EngineUnreachable(f"Elasticsearch does not answer: {said(error)}") from error
        except ApiError as error:
            if error.status_code in BUSY:
                self._breaker.failed()
                raise EngineUnreachable(f"Elasticsearch is busy or starting: {said(error)}") from error
            self._breaker.succeeded()
            raise
        self._breaker.succeeded()
        return answer

    def prepare(self, part: int) -> str:
        """The alias of a shared index, made with its index when it is not there yet."""
        alias = index_alias(self._prefix, part)
        self._make(alias, documents_index(shards=self._shards, replicas=self._replicas))
        return alias

    def pointers(self) -> str:
        """The index of pointers, made when it is not there yet."""
        alias = pointers_alias(self._prefix)
        self._make(alias, pointers_index(replicas=self._replicas))
        return alias

    def _make(self, alias: str, body: Mapping[str, Any]) -> None:
        if alias in self._present:
            return
        if not self.ask(lambda client: client.indices.exists(index=alias)):
            try:
                self.ask(
                    lambda client: client.indices.create(index=f"{alias}-000001", aliases={alias: {}}, **body),
                    writing=True,
                )
            except ApiError as error:
                if "resource_already_exists" not in str(error):  # two processes at their first start
                    raise
        self._present.add(alias)

    def bulk(self, actions: Iterable[Mapping[str, Any]], *, accept: frozenset[int] = frozenset()) -> int:
        """Write in pieces, slower when the server asks for it; answers how many were written.

        `accept` names statuses of single documents that are no failure. Raises `EngineUnreachable` and `WriteRefused`.
        """
        return self.ask(lambda client: _written(client, actions, accept), writing=True)


def _written(client: Elasticsearch, actions: Iterable[Mapping[str, Any]], accept: frozenset[int]) -> int:
    refused: list[str] = []
    written = 0
    pieces = streaming_bulk(
        client, (dict(action) for action in actions), chunk_size=CHUNK, max_chunk_bytes=CHUNK_BYTES, max_retries=6,
        initial_backoff=0.5, max_backoff=8, raise_on_error=False,
    )  # fmt: skip
    for ok, item in pieces:
        status = next(iter(item.values()))["status"]
        written += ok
        if not ok and status in BUSY:
            raise EngineUnreachable(f"Elasticsearch takes no more documents now: {str(item)[:LONGEST_SAID]}")
        if not ok and status not in accept:
            refused.append(str(item)[:LONGEST_SAID])
    if refused:
        raise WriteRefused(f"Elasticsearch refused {len(refused)} documents; the first: {refused[0]}")
    return written


def said(error: Exception) -> str:
    """What the server said, cut: a refused bulk request is answered with hundreds of kilobytes."""
    return str(error)[:LONGEST_SAID]
