"""Counts beside the hits: each follows all the other filters, and all stand inside the actor's scope (SRH-06, SRH-09)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou.finding import Facet, Group
from search.organisation import department_names, departments_below, member_names
from search.query.tree import every
from search.schema import Field
from search.scope import days, showing, showing_category

if TYPE_CHECKING:
    from search.answer import Question

MOST_OWNERS = 30


@dataclass(frozen=True, slots=True)
class Facets:
    """The counts of one search."""

    owners: tuple[Facet, ...]
    departments: tuple[Facet, ...]
    categories: tuple[Facet, ...]
    dates: tuple[Facet, ...]


def counted(question: Question) -> Facets:
    """The facets of a question beside its kinds."""
    return Facets(_owners(question), _departments(question), _categories(question), _dates(question))


def counted_kinds(question: Question) -> tuple[Group, ...]:
    """How many hits each kind has, whatever kinds were chosen."""
    matching = question.filters.narrow(question.words(question.filters.askable))
    counts = question.reader.counts(matching, Field.KIND)
    return tuple(
        Group(key, str(spec.title), counts[key], spec.icon) for key, spec in question.specs.items() if counts.get(key)
    )


def _kinds(question: Question, key: str) -> tuple[str, ...]:
    """The chosen kinds of which the actor is shown this field."""
    shown = showing(question.actor, question.specs, key)
    return tuple(kind for kind in question.filters.kinds if kind in shown)


def _owners(question: Question) -> tuple[Facet, ...]:
    matching = question.filters.narrow(question.words(_kinds(question, "owner")), but="owner")
    counts = question.reader.counts(matching, Field.OWNER, limit=MOST_OWNERS)
    names = member_names(question.actor, {int(pk) for pk in counts})
    return tuple(Facet(pk, names[int(pk)], count) for pk, count in counts.items() if int(pk) in names)


def _departments(question: Question) -> tuple[Facet, ...]:
    matching = question.filters.narrow(question.words(_kinds(question, "department")), but="department")
    counts = {int(pk): n for pk, n in question.reader.counts(matching, Field.DEPARTMENT, limit=1_000).items()}
    if not counts:
        return ()
    below = departments_below(question.actor)
    sums = {pk: sum(counts.get(one, 0) for one in inside) for pk, inside in below.items()}
    names = department_names(question.actor, {pk for pk, count in sums.items() if count})
    return tuple(Facet(str(pk), names[pk], sums[pk]) for pk in below if pk in names)


def _categories(question: Question) -> tuple[Facet, ...]:
    classed = showing_category(question.actor, question.specs)
    kinds = tuple(kind for kind in question.filters.kinds if kind in classed)
    if not kinds:
        return ()
    matching = question.filters.narrow(question.words(kinds), but="category")
    counts = question.reader.counts(matching, Field.CATEGORY)
    found = []
    for value, count in counts.items():
        kind, _colon, key = value.partition(":")
        spec = question.specs[kind]
        option = spec.by_key[spec.search.category].option(key)
        found.append(Facet(value, str(option.label) if option else key, count))
    return tuple(found)


def _dates(question: Question) -> tuple[Facet, ...]:
    matching = question.filters.narrow(question.words(question.filters.kinds), but="days")
    today = timezone.localdate()
    spans = (
        ("7", _("最近 7 天"), today - datetime.timedelta(days=6)),
        ("30", _("最近 30 天"), today - datetime.timedelta(days=29)),
        ("year", _("今年"), today.replace(month=1, day=1)),
    )
    return tuple(
        Facet(value, title, question.reader.search(every(matching, days(since, None)), limit=1).total)
        for value, title, since in spans
    )
