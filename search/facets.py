"""Counts beside the hits: each follows all the other filters, and all stand inside the actor's scope (SRH-06, SRH-09).

Counts whose queries are the same, which they are as long as nobody filters, are one question to the engine.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou.finding import Facet, Group
from search.documents import kind_and_pk
from search.engines.base import Found, Tally
from search.organisation import department_names, departments_below, member_names
from search.query.tree import Query
from search.schema import Field
from search.scope import start_of

if TYPE_CHECKING:
    from search.answer import Question

MOST_KINDS = 1_000
MOST_OWNERS = 30
MOST_DEPARTMENTS = 1_000
KINDS, OWNERS, DEPARTMENTS, CATEGORIES, DATES = "kinds", "owner", "department", "category", "days"

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Facets:
    """The counts of one search: always by kind, by the others where they were asked for."""

    kinds: tuple[Group, ...]
    owners: tuple[Facet, ...] = ()
    departments: tuple[Facet, ...] = ()
    categories: tuple[Facet, ...] = ()
    dates: tuple[Facet, ...] = ()


def counted(question: Question, found: Found) -> Facets:
    """The counts of a question whose page of hits is `found`."""
    request = question.request
    if not request.facets and not request.kinds and request.page == 1 and found.total == len(found.uids):
        return Facets(_kinds(question, Counter(kind_and_pk(uid)[0] for uid in found.uids)))  # all hits are here
    spans = _spans()
    counts = _asked(question, spans)
    if not request.facets:
        return Facets(_kinds(question, counts[KINDS]))
    return Facets(
        _kinds(question, counts[KINDS]),
        _owners(question, counts[OWNERS]),
        _departments(question, counts[DEPARTMENTS]),
        _categories(question, counts[CATEGORIES]),
        tuple(Facet(value, title, counts[DATES][str(start_of(day))]) for value, title, day in spans),
    )


def beside(question: Question) -> tuple[Tally, ...]:
    """The counts of the very documents that are searched: all of them, as long as nobody filters."""
    if not question.request.facets:
        return ()
    searched = question.filters.narrow(question.words(question.filters.kinds))
    return tuple(tally for query, tally in _wanted(question, _spans()).values() if query == searched)


Span = tuple[str, str, datetime.date]


def _spans() -> tuple[Span, ...]:
    today = timezone.localdate()
    return (
        ("7", _("最近 7 天"), today - datetime.timedelta(days=6)),
        ("30", _("最近 30 天"), today - datetime.timedelta(days=29)),
        ("year", _("今年"), today.replace(month=1, day=1)),
    )


def _asked(question: Question, spans: tuple[Span, ...]) -> dict[str, Counts]:
    """What the engine says, by name."""
    found: dict[str, Counts] = {}
    alike: list[tuple[Query, list[tuple[str, Tally]]]] = []  # compared: a hash reads the whole tree each time
    for name, (query, tally) in _wanted(question, spans).items():
        same = next((wanted for other, wanted in alike if other == query), None)
        if same is None:
            alike.append((query, [(name, tally)]))
        else:
            same.append((name, tally))
    for query, wanted in alike:
        counts = question.reader.tallies(query, [tally for _name, tally in wanted])
        found |= {name: count for (name, _tally), count in zip(wanted, counts, strict=True)}
    return found


def _wanted(question: Question, spans: tuple[Span, ...]) -> dict[str, tuple[Query, Tally]]:
    filters = question.filters
    words: dict[tuple[str, ...], Query] = {}

    def matching(kinds: tuple[str, ...], but: str) -> Query:
        if kinds not in words:
            words[kinds] = question.words(kinds)
        return filters.narrow(words[kinds], but=but)

    wanted = {KINDS: (matching(filters.askable, ""), Tally(Field.KIND, MOST_KINDS))}
    if question.request.facets:
        classed = question.findable.classed
        wanted[OWNERS] = (matching(_shown(question, OWNERS), OWNERS), Tally(Field.OWNER, MOST_OWNERS))
        wanted[DEPARTMENTS] = (
            matching(_shown(question, DEPARTMENTS), DEPARTMENTS), Tally(Field.DEPARTMENT, MOST_DEPARTMENTS)
        )  # fmt: skip
        categories = tuple(kind for kind in filters.kinds if kind in classed)
        wanted[CATEGORIES] = (matching(categories, CATEGORIES), Tally(Field.CATEGORY))
        starts = tuple(sorted({start_of(day) for _value, _title, day in spans}))
        wanted[DATES] = (matching(_shown(question, "changed_at"), DATES), Tally(Field.CHANGED, since=starts))
    return wanted


def _shown(question: Question, key: str) -> tuple[str, ...]:
    """The chosen kinds of which the actor is shown this field."""
    shown = question.findable.shown[key]
    return tuple(kind for kind in question.filters.kinds if kind in shown)


def _kinds(question: Question, counts: Counts) -> tuple[Group, ...]:
    """How many hits each kind has, whatever kinds were chosen."""
    return tuple(
        Group(key, str(spec.title), counts[key], spec.icon) for key, spec in question.specs.items() if counts.get(key)
    )


def _owners(question: Question, counts: Counts) -> tuple[Facet, ...]:
    names = member_names(question.actor, {int(pk) for pk in counts})
    return tuple(Facet(pk, names[int(pk)], count) for pk, count in counts.items() if int(pk) in names)


def _departments(question: Question, found: Counts) -> tuple[Facet, ...]:
    counts = {int(pk): count for pk, count in found.items()}
    if not counts:
        return ()
    below = departments_below(question.actor)
    sums = {pk: sum(counts.get(one, 0) for one in inside) for pk, inside in below.items()}
    names = department_names(question.actor, {pk for pk, count in sums.items() if count})
    widest = sorted((pk for pk in below if pk in names), key=lambda pk: len(below[pk]), reverse=True)
    return tuple(Facet(str(pk), names[pk], sums[pk]) for pk in widest)  # what stands above others comes before them


def _categories(question: Question, counts: Counts) -> tuple[Facet, ...]:
    found = []
    for value, count in counts.items():
        kind, _colon, key = value.partition(":")
        spec = question.specs[kind]
        option = spec.by_key[spec.search.category].option(key)
        found.append(Facet(value, str(option.label) if option else key, count))
    return tuple(found)
