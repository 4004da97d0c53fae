"""The answer to a search: two phases over the engine, then every hit loaded again through the gate (SRH-06, SRH-09)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.access.policy import policy_for
from kezhou.finding import Hit, SearchRequest, SearchResult, language
from kezhou.finding.model import Excerpt
from kezhou.finding.unreviewed import unfindable
from kezhou.records.reading import Entry
from kezhou.records.spec import Level, TypeSpec
from search import own_words
from search.analysis.highlight import Marker, marker
from search.asking import Asking
from search.documents import Parts, changed_at, kind_and_pk, texts_of
from search.engines.base import Engine, Found, Reader
from search.facets import beside, counted
from search.findable import Findable, findable_by
from search.lines import excerpts_in_lines
from search.organisation import departments_below
from search.papers import excerpts
from search.prefixes import Prefixes
from search.query.tree import Constant, Query
from search.ranking import wishes
from search.scope import Ask, Filters

MOST_EXCERPTS = 2


@dataclass(frozen=True, slots=True)
class Question:
    """A request made ready for one actor and one moment of the index."""

    actor: Actor
    request: SearchRequest
    findable: Findable
    reader: Reader
    asking: Asking
    filters: Filters

    @property
    def specs(self) -> Mapping[str, TypeSpec]:
        """The kinds that are searched, in menu order."""
        return self.findable.specs

    def words(self, kinds: Sequence[str]) -> Query:
        """What matches among some kinds."""
        return self.asking.words(kinds)

    def found(self, asking: Asking) -> Found:
        """The page of ids that the request asks for."""
        request = self.request
        first = (request.page - 1) * request.size
        if request.sort == "score" and request.text.strip():
            ranked = self.filters.narrow(asking.ranked(self.filters.kinds))
            counts = beside(replace(self, asking=asking)) if self.reader.counts_beside else ()
            return self.reader.search(asking.preferred(ranked), limit=request.size, offset=first, beside=counts)
        dated = tuple(kind for kind in self.filters.kinds if kind in self.findable.shown["changed_at"])
        others = tuple(kind for kind in self.filters.kinds if kind not in dated)
        order = request.sort if request.text.strip() else "newest"
        found = self.reader.search(self._among(asking, dated), limit=request.size, offset=first, sort=order)
        return self._then(found, asking, others) if others else found

    def _among(self, asking: Asking, kinds: Sequence[str]) -> Query:
        return self.filters.narrow(asking.words(kinds))

    def _then(self, found: Found, asking: Asking, others: Sequence[str]) -> Found:
        """Kinds of which the actor is not shown the last change come behind the dated ones, in no order of time."""
        request, left = self.request, self.request.size - len(found.uids)
        first = max(0, (request.page - 1) * request.size - found.total)
        query = Constant(self._among(asking, others), 1.0)
        more = self.reader.search(query, limit=max(1, left), offset=first, sort="none")
        return Found((*found.uids, *more.uids[:left]), found.total + more.total)

    def named(self, asking: Asking) -> bool:
        """Whether a record is called exactly as was typed."""
        called = asking.ask.named(self.filters.kinds)
        return self.reader.search(self.filters.narrow(called), limit=1).total > 0


def answer(engine: Engine, actor: Actor, request: SearchRequest) -> SearchResult:
    """One page of hits with its counts. Raises `EngineAway` when the tenant's index cannot answer."""
    started = time.perf_counter()
    question = questioned(engine.reader(), actor, request)
    asking, found = question.asking.settled(question.found, question.named)
    if request.only_total:
        return SearchResult((), found.total, (), indexed_at=question.reader.written_at)
    question = replace(question, asking=asking)
    hits = _hits(question, found)
    counts = counted(question, found)
    return SearchResult(
        hits=hits,
        total=max(0, found.total - (len(found.uids) - len(hits))),
        groups=counts.kinds,
        owners=counts.owners,
        departments=counts.departments,
        categories=counts.categories,
        dates=counts.dates,
        page=request.page,
        size=request.size,
        indexed_at=question.reader.written_at,
        took=time.perf_counter() - started,
        close=asking.close and bool(hits),
    )


def questioned(reader: Reader, actor: Actor, request: SearchRequest) -> Question:
    findable = findable_by(actor, reader)
    below = departments_below(actor) if request.department else {}
    ask = Ask(
        request.text,
        findable.sight,
        reader,
        prefixes=Prefixes(actor, findable.specs),
        vocabulary=own_words.vocabulary(actor),
    )
    asking = Asking(reader, ask, wishes(actor, request, findable, reader.documents))
    filters = Filters.of(request, findable.specs, findable.shown, findable.classed, below)
    return Question(actor, request, findable, reader, asking, filters)


def _hits(question: Question, found: Found) -> tuple[Hit, ...]:
    by_kind: dict[str, list[int]] = {}
    for kind, pk in map(kind_and_pk, found.uids):
        by_kind.setdefault(kind, []).append(pk)
    text = question.request.text
    mark = marker(language.wanted(text), own_words.others(question.asking.ask.vocabulary, text))
    seen: dict[str, Entry] = {}
    parts = question.findable.parts
    for kind, pks in by_kind.items():
        wanted = question.findable.wanted[kind]
        entries = records.get_many(question.actor, question.specs[kind], pks, only=wanted, few=True)
        waiting = unfindable(question.actor, question.specs[kind], entries)
        seen.update({f"{kind}:{pk}": entry for pk, entry in entries.items() if pk not in waiting})
    titles = {kind: str(question.specs[kind].title) for kind in by_kind}  # one translation each
    scores = found.scores or (0.0,) * len(found.uids)
    hits = tuple(
        _hit(mark, parts[entry.type.key], entry, titles[entry.type.key], score)
        for uid, score in zip(found.uids, scores, strict=True)
        if (entry := seen.get(uid)) is not None
    )
    return _elsewhere(question, mark, hits, held_in(seen, parts))


Held = Mapping[str, Mapping[int, Sequence[tuple[int, str]]]]


def held_in(seen: Mapping[str, Entry], parts: Mapping[str, Parts]) -> Held:
    """The files in fields of the records, as (key, name) by kind and record."""
    found: dict[str, dict[int, list[tuple[int, str]]]] = {}
    for entry in seen.values():
        kind = entry.type.key
        files = [file for f in parts[kind].files for file in f.kind.files_of(entry.values.get(f.key))]
        if files:
            found.setdefault(kind, {})[entry.pk] = files
    return found


def _elsewhere(question: Question, mark: Marker, hits: Sequence[Hit], held: Held) -> tuple[Hit, ...]:
    """Where no field shows the words, the lines of the record and then comments and files on it are looked at."""
    hits = _told(mark, hits, lambda kind, pks: excerpts_in_lines(mark, question.actor, question.specs[kind], pks))
    return _told(mark, hits, lambda kind, pks: _hanging(question, mark, kind, pks, held.get(kind, {})))


def _hanging(
    question: Question, mark: Marker, kind: str, pks: Sequence[int], held: Mapping[int, Sequence[tuple[int, str]]]
) -> Mapping[int, Excerpt]:
    return excerpts(mark, kind, pks, held) if policy_for(question.actor, kind).beside else {}


def _told(
    mark: Marker, hits: Sequence[Hit], look: Callable[[str, Sequence[int]], Mapping[int, Excerpt]]
) -> tuple[Hit, ...]:
    """The hits that say nothing yet with what `look` finds for them, one question per kind."""
    silent: dict[str, list[int]] = {}
    for hit in hits:
        if not hit.excerpts and not mark.covers(hit.title):
            silent.setdefault(hit.type, []).append(hit.pk)
    found = {kind: look(kind, pks) for kind, pks in silent.items()}
    return tuple(
        replace(hit, excerpts=(found[hit.type][hit.pk],)) if hit.pk in found.get(hit.type, {}) else hit for hit in hits
    )


def _owner(entry: Entry) -> tuple[int | None, str]:
    """The owner and the name, unless the actor is not shown them."""
    field = entry.field("owner")
    if entry.owner is None or field is None or field.level is Level.MASK:
        return None, ""
    name = entry.fmt.titles.get((field.target or "", entry.owner))
    return (entry.owner, name) if name else (None, "")


def _hit(mark: Marker, parts: Parts, entry: Entry, kind: str, score: float) -> Hit:
    owner, name = _owner(entry)
    return Hit(
        type=entry.type.key,
        kind=kind,
        pk=entry.pk,
        title=entry.title,
        heading=mark.mark(entry.title)[0],
        excerpts=() if mark.covers(entry.title) else _excerpts(mark, parts, entry),
        number=str(entry.values.get("number") or ""),
        owner_pk=owner,
        owner=name,
        date=changed_at(entry),
        score=score,
    )


def _excerpts(mark: Marker, parts: Parts, entry: Entry) -> tuple[Excerpt, ...]:
    found: list[Excerpt] = []
    for field in (*parts.codes, *parts.related, *parts.body):
        pieces = (mark.excerpt(text) for text in texts_of(entry, field))
        first = next((piece for piece in pieces if piece is not None), None)
        if first is not None:
            found.append(Excerpt(str(field.label), first))
        if len(found) == MOST_EXCERPTS:
            break
    return tuple(found)
