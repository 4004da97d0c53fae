"""Engines behind one small interface (`search.engines.base`): tantivy on one machine, Elasticsearch for many."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings

from search.engines.base import Engine
from search.engines.embedded import EmbeddedEngine


@cache
def _embedded(folder: Path | str) -> EmbeddedEngine:
    return EmbeddedEngine(Path(folder))


@cache
def _shared(url: str, prefix: str, parts: int, replicas: int) -> Engine:
    from search.engines.elastic.engine import ElasticEngine  # the client is loaded where it is used
    from search.engines.elastic.server import Server

    return ElasticEngine(Server(url, prefix=prefix, replicas=replicas), parts=parts)


def engine() -> Engine:
    """The engine of this installation; one per process, since it keeps indexes or connections open."""
    if settings.KEZHOU_ELASTICSEARCH_URL:
        return _shared(
            settings.KEZHOU_ELASTICSEARCH_URL,
            settings.KEZHOU_ELASTICSEARCH_PREFIX,
            settings.KEZHOU_ELASTICSEARCH_PARTS,
            settings.KEZHOU_ELASTICSEARCH_REPLICAS,
        )
    return _embedded(settings.KEZHOU_SEARCH_DIR)
