"""Whose a record is, as terms of its document: its own links, those of the records that it points to, and whether it was reviewed.

A policy's condition is asked of these terms (`search.scope`): `owner:7`, `customer:5`, `category=vip`, `customer>owner:7`,
`contact>customer:5`, `customer>none`, `reviewed`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.finding import unreviewed
from kezhou.records.reading import Entry
from kezhou.records.spec import TypeSpec
from kezhou.records.types import names

if TYPE_CHECKING:
    from search.documents import Parts

REVIEWED = "reviewed"
AUTHOR = "created_by"
IMPORTANT = "important"


def month(year: int, number: int) -> str:
    """The term of the month of the last change: it needs no writing anew when time goes by."""
    return f"month:{year:04d}-{number:02d}"


Linked = Mapping[tuple[str, int], tuple[str, ...]]
"""For each linked record (type key, pk) the terms of its own policy: `owner:5`, `department:2`."""


def own_terms(spec: TypeSpec, entry: Entry) -> tuple[str, ...]:
    """The terms of the record itself."""
    links = (field for field in spec.fields if field.target)
    found = [f"{f.key}:{entry.values[f.key]}" for f in links if entry.values.get(f.key) is not None]
    found += [f"{spec.class_field}={entry.values.get(spec.class_field) or ''}"] if spec.class_field else []
    states = unreviewed.waiting(spec)
    if states is not None and entry.values.get(states.field) not in states.unreviewed:
        found.append(REVIEWED)
    weight = max((w for key, value, w in spec.search.importance if entry.values.get(key) == value), default=0)
    return (*found, *([f"{IMPORTANT}:{weight}"] if weight else ()))


def linked_terms(actor: Actor, parts: Parts, entries: Iterable[Entry]) -> Linked:
    """The terms of the records that these point to: a statement for each type of them, two where they can wait for review."""
    found: dict[tuple[str, int], tuple[str, ...]] = {}
    listed, pointing = list(entries), parts.related
    present = records.types(actor)
    for target in {field.target for field in pointing if field.target}:
        fields = [field for field in pointing if field.target == target]
        pks = {entry.values[f.key] for f in fields for entry in listed if entry.values.get(f.key) is not None}
        rows = records.query(actor, target).filter(pk__in=pks)
        states = unreviewed.waiting(present[target]) if target in present else None
        waiting: frozenset[int] = frozenset()
        if states is not None:
            waiting = frozenset(rows.filter(unreviewed.in_review(present[target], states)).values_list("pk", flat=True))
        asked = _asked(present[target]) if target in present else ()
        columns = [f"{name}_id" for name in ("owner", "department", "created_by", *asked)]
        class_field = present[target].class_field if target in present else ""
        for pk, owner, department, author, *whose in rows.values_list("pk", *columns, *filter(None, (class_field,))):
            terms = _terms(("owner", owner), ("department", department), *zip(asked, whose, strict=False))
            classed = (f"{class_field}={whose[-1] or ''}",) if class_field else ()
            reviewed = () if states is None or pk in waiting else (REVIEWED,)
            found[target, pk] = (*terms, *classed, *reviewed, *(_terms((AUTHOR, author)) if pk in waiting else ()))
    return found


def passed_on(spec: TypeSpec, entry: Entry) -> tuple[str, ...]:
    """The terms that documents of what points here carry as well: when they change, those are written anew."""
    links = ("owner", "department", *_asked(spec))
    classed = (f"{spec.class_field}={entry.values.get(spec.class_field) or ''}",) if spec.class_field else ()
    return (*_terms(*((key, entry.values.get(key)) for key in links)), *classed)


def _asked(spec: TypeSpec) -> tuple[str, ...]:
    """The links by which partners are given records of a type."""
    portal = spec.declaration.portal
    return () if portal is None else names(portal.links)


def _terms(*given: tuple[str, int | None]) -> tuple[str, ...]:
    return tuple(f"{name}:{pk}" for name, pk in given if pk is not None)


def related_terms(parts: Parts, entry: Entry, linked: Linked) -> Iterator[str]:
    """Under which policy terms the names of linked records may be searched: `customer>owner:5`, or `customer>none`."""
    for field in parts.related:
        given = entry.values.get(field.key)
        if given is None:
            yield f"{field.key}>none"
        elif field.target:
            yield from (f"{field.key}>{term}" for term in linked.get((field.target, given), ()))
