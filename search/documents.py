"""Records into documents of the index, through the same field tuples that every reader sees."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kezhou import records
from kezhou.access.actor import Actor, System
from kezhou.files.texts.keeping import MOST_OF_RECORD, recorded, spoken
from kezhou.records.reading import Entry
from kezhou.records.spec import FieldSpec, Purpose, TypeSpec
from search.analysis.fields import field_tokens
from search.engines.base import Document
from search.lines import LinePart, line_parts, line_texts
from search.schema import BODY_FIELDS, CODE_FIELDS, PINYIN_FIELDS, RELATED_FIELDS, TEXT_FIELDS, TITLE_FIELDS, Field

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Parts:
    """The searched fields of one type as one actor sees them, by the part they play."""

    title: tuple[FieldSpec, ...]
    codes: tuple[FieldSpec, ...]
    related: tuple[FieldSpec, ...]
    body: tuple[FieldSpec, ...]
    lines: tuple[LinePart, ...] = ()

    @property
    def all(self) -> tuple[FieldSpec, ...]:
        """Every searched field, names first."""
        return (*self.title, *self.codes, *self.related, *self.body)


def parts_of(spec: TypeSpec, actor: Actor) -> Parts:
    """The searched fields of a type for an actor; hidden and masked ones are not among them."""
    return _parts(spec, records.fields_for(spec, actor, Purpose.SEARCH), line_parts(spec, actor))


def whole_parts(spec: TypeSpec) -> Parts:
    """All searched fields of a type, whoever may see them: what its documents are built of."""
    fields = tuple(field for field in spec.fields if field.searchable or field.key in spec.search.related)
    return _parts(spec, fields, line_parts(spec, SYSTEM))


def _parts(spec: TypeSpec, fields: Sequence[FieldSpec], lines: tuple[LinePart, ...]) -> Parts:
    title, codes, related, body = [], [], [], []
    for field in fields:
        if field.key == (spec.search.title or spec.title_field):
            title.append(field)
        elif field.target:
            related.append(field)
        elif field.code or field.key in spec.search.codes or field.kind.coded:
            codes.append(field)
        else:
            body.append(field)
    return Parts(tuple(title), tuple(codes), tuple(related), tuple(body), lines)


def searchable_by(seen: Parts, whole: Parts) -> frozenset[Field]:
    """The index fields whose whole content the actor may see; a hidden record field closes every part it flows into,
    so that neither a hit nor a count can betray it (PRM-04, SRH-06)."""
    closed: frozenset[Field] = frozenset()
    if len(seen.title) < len(whole.title):
        closed |= TITLE_FIELDS | PINYIN_FIELDS
    if len(seen.related) < len(whole.related):
        closed |= RELATED_FIELDS | PINYIN_FIELDS
    if len(seen.body) < len(whole.body) or len(seen.lines) < len(whole.lines):
        closed |= BODY_FIELDS
    if len(seen.codes) < len(whole.codes) or len(seen.lines) < len(whole.lines):
        closed |= CODE_FIELDS
    return TEXT_FIELDS - closed


def searched(actor: Actor) -> dict[str, TypeSpec]:
    """The kinds of records that full-text search answers for this actor, in menu order."""
    return {k: spec for k, spec in records.types(actor).items() if not spec.hidden and parts_of(spec, actor).all}


def uid(kind: str, pk: int) -> str:
    """The document's id; unique in a tenant."""
    return f"{kind}:{pk}"


def kind_and_pk(document: str) -> tuple[str, int]:
    """The way back from a uid."""
    kind, _, pk = document.rpartition(":")
    return kind, int(pk)


def texts_of(entry: Entry, field: FieldSpec) -> tuple[str, ...]:
    """The texts of one searched field; of a link the title of the linked record, if the actor of `entry` may see it."""
    given = entry.values.get(field.key)
    if given is None:
        return ()
    if field.target:
        title = entry.fmt.titles.get((field.target, given))
        return (title,) if title else ()
    return tuple(text for text in field.kind.search_texts(given, field, entry.fmt) if text)


def changed_at(entry: Entry) -> datetime.datetime | None:
    """The last change, or the making of a record that was never changed."""
    return entry.values.get("changed_at") or entry.values.get("created_at")


SYSTEM = System("search index")
"""The indexer sees everything; what an actor may find is decided when it asks."""


def documents(spec: TypeSpec, pks: Iterable[int] | None = None) -> Iterator[Document]:
    """The documents of some records, or of all of a type, in batches."""
    actor = SYSTEM
    parts = parts_of(spec, actor)
    for chunk in _chunks(actor, spec, pks):
        entries = records.get_many(actor, spec, chunk)
        linked = _linked(actor, parts, entries.values())
        filed = recorded(spec.key, entries)
        rows = line_texts(actor, parts.lines, entries)
        for entry in entries.values():
            papers = files_of(spec.key, entry.pk) if entry.pk in filed else ()
            yield document(spec, parts, entry, linked, papers, rows.get(entry.pk, ()))


def files_of(kind: str, pk: int) -> tuple[str, ...]:
    """Names and texts of the files on a record, up to what the index holds of one record."""
    texts = [text for file in spoken(kind, [pk]) for text in (file.name, file.text) if text]
    left = MOST_OF_RECORD
    kept = []
    for text in texts:
        kept.append(text[:left])
        left -= len(kept[-1])
    return tuple(text for text in kept if text)


def _chunks(actor: Actor, spec: TypeSpec, pks: Iterable[int] | None) -> Iterator[list[int]]:
    if pks is not None:
        listed = list(pks)
        yield from (listed[at : at + CHUNK] for at in range(0, len(listed), CHUNK))
        return
    last = 0
    while True:
        chunk = list(
            records.query(actor, spec.key).filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:CHUNK]
        )
        if not chunk:
            return
        yield chunk
        last = chunk[-1]


Linked = Mapping[tuple[str, int], tuple[str, ...]]
"""For each linked record (type key, pk) the terms of its own policy: `owner:5`, `department:2`."""


def _linked(actor: Actor, parts: Parts, entries: Iterable[Entry]) -> Linked:
    found: dict[tuple[str, int], tuple[str, ...]] = {}
    listed = list(entries)
    for target in {field.target for field in parts.related if field.target}:
        fields = [field for field in parts.related if field.target == target]
        pks = {entry.values[f.key] for f in fields for entry in listed if entry.values.get(f.key) is not None}
        rows = records.query(actor, target).filter(pk__in=pks).values_list("pk", "owner_id", "department_id")
        found.update({(target, pk): _terms(owner, department) for pk, owner, department in rows})
    return found


def _terms(owner: int | None, department: int | None) -> tuple[str, ...]:
    given = (("owner", owner), ("department", department))
    return tuple(f"{name}:{pk}" for name, pk in given if pk is not None)


def related_terms(parts: Parts, entry: Entry, linked: Linked) -> Iterator[str]:
    """Under which policy terms the names of linked records may be searched: `customer>owner:5`, or `customer>none`."""
    for field in parts.related:
        given = entry.values.get(field.key)
        if given is None:
            yield f"{field.key}>none"
        elif field.target:
            yield from (f"{field.key}>{term}" for term in linked.get((field.target, given), ()))


def category(spec: TypeSpec, entry: Entry) -> str:
    """Kind and value of the record's class: `customers.customer:vip`; empty without one."""
    given = entry.values.get(spec.search.category) if spec.search.category else None
    return f"{spec.key}:{given}" if given else ""


def document(
    spec: TypeSpec,
    parts: Parts,
    entry: Entry,
    linked: Linked,
    files: Sequence[str] = (),
    lines: Sequence[tuple[LinePart, str]] = (),
) -> Document:
    """One record as the index holds it, with the words of its lines among its own."""
    coded = [text for part, text in lines if part.field.code or part.field.kind.coded]
    plain = [text for part, text in lines if not (part.field.code or part.field.kind.coded)]
    title = [t for f in parts.title for t in texts_of(entry, f)]
    links = (f for f in spec.fields if f.target and f.column)
    own = (f"{f.key}:{entry.values[f.key]}" for f in links if entry.values.get(f.key) is not None)
    changed = changed_at(entry)
    return Document(
        uid=uid(spec.key, entry.pk),
        kind=spec.key,
        terms=(*own, *related_terms(parts, entry, linked)),
        owner=entry.owner,
        department=entry.department,
        category=category(spec, entry),
        changed=int(changed.timestamp() * 1000) if changed else 0,
        version=entry.version,
        sign=f"{entry.owner}/{entry.department}/{'/'.join(title)}"[:200],
        tokens=field_tokens(
            title=title,
            related=[t for f in parts.related for t in texts_of(entry, f)],
            body=[*(t for f in parts.body for t in texts_of(entry, f)), *plain],
            codes=[*(t for f in parts.codes for t in texts_of(entry, f)), *coded],
            files=files,
        ),
    )
