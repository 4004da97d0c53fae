"""Ways on from a search that found nothing: the same asked less strictly, each with what it would find (SRH-04)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from kezhou.access.actor import Actor
from kezhou.finding.answering import find
from kezhou.finding.language import Clause, clauses, plain
from kezhou.finding.model import SearchRequest

MOST_TRIED = 6
MOST_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Way:
    """A search that finds something: how it differs from the one that was asked, and how many hits it has."""

    how: str
    request: SearchRequest
    count: int


def ways(actor: Actor, request: SearchRequest) -> tuple[Way, ...]:
    """The less strict searches that find something, the most first; with the actor's rights, as every search.

    Only their totals are asked: no record is read for a way on.
    """
    found = []
    for how, wanted in list(_tried(request))[:MOST_TRIED]:
        count = find(actor, replace(wanted, page=1, size=1, facets=False, only_total=True)).total
        if count:
            found.append(Way(how, wanted, count))
    return tuple(sorted(found, key=lambda way: -way.count)[:MOST_SHOWN])


def narrowed(request: SearchRequest) -> bool:
    """Whether anything but words narrows the search."""
    chosen = (request.kinds, request.owner, request.department, request.category, request.since, request.until)
    return any(chosen)


def wide(request: SearchRequest) -> SearchRequest:
    """The same words under no other condition."""
    return replace(request, kinds=(), owner=(), department=(), category=(), since=None, until=None)


def _tried(request: SearchRequest) -> Iterator[tuple[str, SearchRequest]]:
    if narrowed(request):
        yield _("不限条件"), wide(request)
        if request.since or request.until:
            yield _("不限日期"), replace(request, since=None, until=None)
    parts = clauses(request.text)
    if not plain(request.text):
        yield from ((how, replace(request, text=text)) for how, text in _plainer(parts))
    if sum(not part.excluded for part in parts) > 1:
        for at, part in enumerate(parts):
            if not part.excluded:
                rest = " ".join(_written(other) for place, other in enumerate(parts) if place != at)
                yield _("不要“%(word)s”") % {"word": part.text}, replace(request, text=rest)


def _plainer(parts: tuple[Clause, ...]) -> Iterator[tuple[str, str]]:
    """Without quotation marks, exclusions and fields, where there are any."""
    if any(part.phrase for part in parts):
        yield _("不要求连在一起"), " ".join(_written(replace(part, phrase=False)) for part in parts)
    if any(part.excluded for part in parts):
        yield _("什么都不排除"), " ".join(_written(part) for part in parts if not part.excluded)
    if any(part.prefix for part in parts):
        yield _("在哪里都可以"), " ".join(_written(replace(part, prefix="")) for part in parts)


def _written(part: Clause) -> str:
    text = f"“{part.text}”" if part.phrase else part.text
    return f"{'-' if part.excluded else ''}{part.prefix + ':' if part.prefix else ''}{text}"
