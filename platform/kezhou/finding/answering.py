"""Asking: the full-text search when it answers, else the database."""

from __future__ import annotations

from kezhou.access.actor import Actor
from kezhou.finding.fallback import by_database
from kezhou.finding.model import SearchRequest, SearchResult
from kezhou.plugins import hooks


def find(actor: Actor, request: SearchRequest) -> SearchResult:
    """One page of what `actor` may find. Raises `NoTenant` outside a tenant (SRH-07)."""
    answered = hooks().search(actor=actor, request=request)
    if isinstance(answered, SearchResult):
        return answered
    return by_database(actor, request)
