"""Engines behind one small interface (`search.engines.base`); the embedded one is tantivy."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings

from search.engines.base import Engine
from search.engines.embedded import EmbeddedEngine


@cache
def _embedded(folder: Path) -> EmbeddedEngine:
    return EmbeddedEngine(folder)


def engine() -> Engine:
    """The engine of this installation; one per process, since it keeps indexes open."""
    return _embedded(Path(settings.KEZHOU_SEARCH_DIR))
