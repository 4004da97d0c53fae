"""The plain database answer: no ranking and no segmentation, but the same records under the same rights (SRH-08)."""

from __future__ import annotations

import datetime
import re
import time
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.finding import language
from kezhou.finding.model import Excerpt, Group, Hit, SearchRequest, SearchResult
from kezhou.finding.unreviewed import filter_of
from kezhou.records.folding import pattern, words
from kezhou.records.listing import ListRequest
from kezhou.records.reading import Entry
from kezhou.records.spec import Purpose, TypeSpec

CONTEXT = 30
MOST_EXCERPTS = 2


def by_database(actor: Actor, request: SearchRequest) -> SearchResult:
    """One page of hits, kind after kind in menu order, the latest changes first within a kind."""
    started = time.perf_counter()
    specs = {key: spec for key, spec in records.types(actor).items() if _askable(actor, spec, request)}
    counts = {key: _count(actor, spec, request) for key, spec in specs.items()}
    chosen = [specs[key] for key in specs if not request.kinds or key in request.kinds]
    if request.category:
        chosen = [spec for spec in chosen if _values(spec, request)]
    hits = () if request.only_total else tuple(_hits(actor, chosen, counts, request))
    groups = tuple(
        Group(key, str(spec.title), counts[key][0], spec.icon) for key, spec in specs.items() if counts[key][0]
    )
    return SearchResult(
        hits=hits,
        total=sum(counts[spec.key][0] for spec in chosen),
        groups=groups,
        notice=_("全文搜索暂时不可用，这是数据库的简单查询结果，没有按相关程度排序。"),
        exact=all(counts[spec.key][1] for spec in chosen),
        page=request.page,
        size=request.size,
        took=time.perf_counter() - started,
    )


def _askable(actor: Actor, spec: TypeSpec, request: SearchRequest) -> bool:
    """Whether the kind is searched, and the actor is shown all that the request filters it by."""
    asked = {*request.filtered, *([spec.search.category] if _values(spec, request) else [])}
    return not spec.hidden and asked <= _shown(actor, spec)


def _shown(actor: Actor, spec: TypeSpec) -> frozenset[str]:
    return frozenset(field.key for field in records.fields_for(spec, actor, Purpose.FILTER))


def _count(actor: Actor, spec: TypeSpec, request: SearchRequest) -> tuple[int, bool]:
    """How many, and whether that is exact (up to 10,000)."""
    page = records.page(actor, spec, _listing(actor, spec, request, size=1))
    return (page.total, True) if page.total is not None else (10_000, False)


def _listing(actor: Actor, spec: TypeSpec, request: SearchRequest, *, size: int) -> ListRequest:
    latest = "changed_at" if request.sort == "oldest" else "-changed_at"
    sort = (latest,) if "changed_at" in _shown(actor, spec) else ()
    conditions = ["and", [*_conditions(spec, request), *([reviewed] if (reviewed := filter_of(actor, spec)) else [])]]
    return ListRequest(
        q=language.wanted(request.text),
        filter=conditions,
        sort=sort,
        columns=_any_column(actor, spec),
        size=size,
        sums=False,
    )


def _any_column(actor: Actor, spec: TypeSpec) -> tuple[str, ...]:
    """One column that the actor is shown: only the keys of the records are wanted."""
    shown = {field.key for field in records.fields_for(spec, actor, Purpose.LIST)}
    return tuple(key for key in ("number", spec.title_field) if key in shown)[:1]


def _values(spec: TypeSpec, request: SearchRequest) -> list[str]:
    """The asked values of this kind's class."""
    asked = [value.partition(":") for value in request.category]
    return [key for kind, _colon, key in asked if kind == spec.key and spec.search.category]


def _conditions(spec: TypeSpec, request: SearchRequest) -> Iterable[list[Any]]:
    if values := _values(spec, request):
        yield [spec.search.category, "in", values]
    if request.owner:
        yield ["owner", "in", list(request.owner)]
    if request.department:
        yield ["department", "in", list(request.department)]
    if request.since:
        yield ["changed_at", "gte", request.since.isoformat()]
    if request.until:
        yield ["changed_at", "lt", (request.until + datetime.timedelta(days=1)).isoformat()]


def _hits(
    actor: Actor, specs: Sequence[TypeSpec], counts: dict[str, tuple[int, bool]], request: SearchRequest
) -> Iterable[Hit]:
    skip, left = (request.page - 1) * request.size, request.size
    for spec in specs:
        if skip >= counts[spec.key][0]:
            skip -= counts[spec.key][0]
        elif left:
            pks = records.pks(actor, spec, _listing(actor, spec, request, size=1), limit=skip + left)[skip:]
            entries = records.get_many(actor, spec, pks)
            yield from (_hit(actor, entries[pk], request) for pk in pks if pk in entries)
            skip, left = 0, left - len(pks)


def _hit(actor: Actor, entry: Entry, request: SearchRequest) -> Hit:
    wanted = [re.compile(pattern(word), re.IGNORECASE) for word in words(language.wanted(request.text))]
    owner = entry.fmt.titles.get(("core.member", entry.owner)) if entry.owner else None
    return Hit(
        type=entry.type.key,
        kind=str(entry.type.title),
        pk=entry.pk,
        title=entry.title,
        heading=_marked(entry.title, wanted),
        excerpts=tuple(_excerpts(actor, entry, wanted))[:MOST_EXCERPTS],
        number=str(entry.values.get("number") or ""),
        owner_pk=entry.owner if owner else None,
        owner=owner or "",
        date=entry.values.get("changed_at") or entry.values.get("created_at"),
    )


def _excerpts(actor: Actor, entry: Entry, wanted: Sequence[re.Pattern[str]]) -> Iterable[Excerpt]:
    for field in records.fields_for(entry.type, actor, Purpose.SEARCH):
        text = entry.text(field.key)
        first = next((match for one in wanted if (match := one.search(text))), None)
        if first and field.key != entry.type.title_field:
            start, end = max(0, first.start() - CONTEXT), first.end() + 2 * CONTEXT
            piece = _marked(text[start:end], wanted)
            dots = ("…" if start else "", "…" if end < len(text) else "")
            yield Excerpt(str(field.label), mark_safe(f"{dots[0]}{piece}{dots[1]}"))  # noqa: S308 escaped by _marked


def _marked(text: str, wanted: Sequence[re.Pattern[str]]) -> SafeString:
    spans = sorted({match.span() for one in wanted for match in one.finditer(text) if match.end() > match.start()})
    pieces, at = [], 0
    for start, end in spans:
        if start >= at:
            pieces += [escape(text[at:start]), "<mark>", escape(text[start:end]), "</mark>"]
            at = end
    return mark_safe("".join([*pieces, escape(text[at:])]))  # noqa: S308 every piece is escaped above
