"""What search contributes through the same hooks as any plugin: the answer to a search, why a hit is one, and how a text is cut."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from kezhou.finding import SearchRequest, SearchResult
from kezhou.sdk.hooks import hookimpl
from search import freshness, own_words
from search.answer import answer
from search.engines import engine
from search.engines.base import EngineAway
from search.why import explained
from tenants import outbox, provisioning
from tenants.context import Current

if TYPE_CHECKING:
    from kezhou.access.actor import Actor
    from kezhou.finding.model import Cut, Explanation

log = logging.getLogger("kezhou.search")

outbox.register_consumer("search")  # events wait for the indexer; its process is `kezhou search index`


def _forget(place: Current) -> None:
    engine().remove(place)


provisioning.register_removal("search", _forget)


@hookimpl
def search(actor: Actor, request: SearchRequest) -> SearchResult | None:
    """Full-text search; None while the tenant's index is away or damaged, so that the database answers."""
    try:
        asked = engine()
        found, pulse = answer(asked, actor, request), freshness.pulse(asked)
    except (EngineAway, ValueError, OSError) as error:
        log.warning("search answers from the database: %s", error)
        return None
    up_to = freshness.as_of(pulse, found.indexed_at) if found.indexed_at else None
    return replace(found, notice=freshness.notice(pulse), indexed_at=up_to)


@hookimpl
def explain_hit(actor: Actor, request: SearchRequest, type: str, pk: int) -> Explanation | None:
    """Which words and what beside them made a record a hit; None where it is none, or the index is away."""
    try:
        return explained(engine(), actor, request, type, pk)
    except (EngineAway, ValueError, OSError) as error:
        log.warning("a hit cannot be explained: %s", error)
        return None


@hookimpl
def cut_text(actor: Actor, text: str) -> tuple[Cut, ...]:
    """The words of a text with what the company's vocabulary makes of them."""
    return own_words.cut(actor, text)
