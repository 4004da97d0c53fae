"""The server as this package asks it: every call through one breaker, every failure one of two errors."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from elastic_transport import TransportError
from elasticsearch import ApiError, ConflictError, Elasticsearch, NotFoundError
from elasticsearch.helpers import streaming_bulk

from search.engines.base import EngineAway, EngineRefused, EngineUnreachable
from search.engines.elastic.breaker import Breaker
from search.engines.elastic.mapping import documents_index, index_alias, pointers_alias, pointers_index

ASKING = 5.0
WRITING = 60.0
CHUNK = 500
CHUNK_BYTES = 5_000_000
LONGEST_SAID = 500
SLOW = 2.0
"""Seconds after which an answer to a question counts as none: who searches is better served by the database."""
BUSY = frozenset({429, 500, 502, 503, 504})
LOCKED = frozenset({401, 403})
GONE = "index_not_found"

Answer = TypeVar("Answer")


class WriteRefused(Exception):
    """Elasticsearch refused documents for what they hold; a fault of ours, not of the server."""


class Server:
    """One cluster of Elasticsearch 8 or 9, by its address; `prefix` keeps installations that share it apart."""

    def __init__(self, url: str, *, prefix: str, replicas: int = 0, shards: int = 1) -> None:
        self._prefix = prefix
        self._client = Elasticsearch(url, request_timeout=ASKING, max_retries=0, retry_on_timeout=False, **_trust(url))
        self._writer = self._client.options(request_timeout=WRITING)
        self._breaker = Breaker()
        self._replicas, self._shards = replicas, shards
        self._present: set[str] = set()

    def demand(self) -> None:
        """Raises `EngineUnreachable` with what keeps the cluster from answering. `ping` is not used: the smallest distribution has no
        root page."""
        self.ask(lambda client: client.cluster.health(timeout="2s"))

    def ask(self, call: Callable[[Elasticsearch], Answer], *, writing: bool = False) -> Answer:
        """The answer of one call. Raises `EngineUnreachable`, `EngineRefused`, or `EngineAway` for an index that is not there;
        a conflict of versions as the client raises it."""
        if not self._breaker.admits():
            raise EngineUnreachable("Elasticsearch did not answer lately; it is asked again in a few seconds.")
        begun = time.monotonic()
        try:
            answer = call(self._writer if writing else self._client)
        except NotFoundError as error:
            self._breaker.succeeded()
            raise self._missing(said(error)) from error
        except TransportError as error:
            self._breaker.failed()
            raise EngineUnreachable(f"Elasticsearch does not answer: {said(error)}") from error
        except ApiError as error:
            if error.status_code in BUSY:
                self._breaker.failed()
                raise EngineUnreachable(f"Elasticsearch is busy or starting: {said(error)}") from error
            if error.status_code in LOCKED:
                self._breaker.failed()
                raise EngineRefused(
                    f"Elasticsearch refuses the user or the rights of ELASTICSEARCH_URL: {said(error)}"
                ) from error
            self._breaker.succeeded()
            if isinstance(error, ConflictError):
                raise
            raise EngineRefused(f"Elasticsearch does not take a request of ours: {said(error)}") from error
        if not writing and time.monotonic() - begun > SLOW:
            self._breaker.failed()
        else:
            self._breaker.succeeded()
        return answer

    def _missing(self, why: str) -> EngineAway:
        """What is not there; of an index that somebody deleted we no longer believe that we made it."""
        if GONE in why:
            self._present.clear()
        return EngineAway(why)

    def alias(self, part: int) -> str:
        """The alias of a shared index, whether it is there or not."""
        return index_alias(self._prefix, part)

    def prepare(self, part: int, *, before: Callable[[], None]) -> None:
        """Make a shared index when it is not there yet, `before` that what is done where one was lost."""
        body = documents_index(shards=self._shards, replicas=self._replicas)
        self._make(self.alias(part), body, before=before)

    def pointers(self) -> str:
        """The index of pointers, made when it is not there yet."""
        alias = pointers_alias(self._prefix)
        self._make(alias, pointers_index(replicas=self._replicas))
        return alias

    def _make(self, alias: str, body: Mapping[str, Any], *, before: Callable[[], None] | None = None) -> None:
        if alias in self._present:
            return
        if not self.ask(lambda client: client.indices.exists_alias(name=alias)):
            if before is not None:
                before()
            try:
                self.ask(
                    lambda client: client.indices.create(index=f"{alias}-000001", aliases={alias: {}}, **body),
                    writing=True,
                )
            except EngineRefused as error:
                if "resource_already_exists" not in str(error):  # two processes at their first start
                    raise
        self._present.add(alias)

    def bulk(self, actions: Iterable[Mapping[str, Any]], *, accept: frozenset[int] = frozenset()) -> int:
        """Write in pieces, slower when the server asks for it; answers how many were written.

        `accept` names statuses of single documents that are no failure. Raises `EngineUnreachable` and `WriteRefused`.
        """
        return self.ask(lambda client: self._written(client, actions, accept), writing=True)

    def _written(self, client: Elasticsearch, actions: Iterable[Mapping[str, Any]], accept: frozenset[int]) -> int:
        refused: list[str] = []
        written = 0
        pieces = streaming_bulk(
            client, (dict(action) for action in actions), chunk_size=CHUNK, max_chunk_bytes=CHUNK_BYTES, max_retries=6,
            initial_backoff=0.5, max_backoff=8, raise_on_error=False, require_alias=True,
        )  # fmt: skip
        for ok, item in pieces:
            status = next(iter(item.values()))["status"]
            written += ok
            if not ok and GONE in str(next(iter(item.values())).get("error")):
                raise self._missing(str(item)[:LONGEST_SAID])
            if not ok and status in BUSY:
                raise EngineUnreachable(f"Elasticsearch takes no more documents now: {str(item)[:LONGEST_SAID]}")
            if not ok and status not in accept:
                refused.append(str(item)[:LONGEST_SAID])
        if refused:
            raise WriteRefused(f"Elasticsearch refused {len(refused)} documents; the first: {refused[0]}")
        return written


def _trust(url: str) -> dict[str, Any]:
    """Certificates are checked against the trust store of the system, or the file that SSL_CERT_FILE names, as a private authority needs."""
    return {"ssl_context": ssl.create_default_context()} if url.startswith("https:") else {}


def said(error: Exception) -> str:
    """What the server said, or what kept us from it, cut: a refused bulk request is answered with hundreds of kilobytes. An error of a
    certificate keeps its reason to itself when it is shown."""
    short, reason = str(error), str(getattr(error, "message", ""))
    return (short if reason in short else f"{short}: {reason}")[:LONGEST_SAID]
