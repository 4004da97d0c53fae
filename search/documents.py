"""Records into documents of the index, through the same field tuples that every reader sees."""

from __future__ import annotations

import datetime
import hashlib
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kezhou import records
from kezhou.access.actor import Actor, System
from kezhou.records.reading import Entry
from kezhou.records.spec import FieldSpec, Purpose, TypeSpec
from search.analysis.fields import Confidential, Home, field_tokens
from search.confidential import NONE
from search.engines.base import Document
from search.lines import LinePart, line_parts, line_texts
from search.linked import REVIEWED, Linked, linked_terms, month, own_terms, passed_on, related_terms
from search.papers import Papers, held_texts, papers
from search.schema import (
    APART,
    BODY_FIELDS,
    CODE_FIELDS,
    FILE_FIELDS,
    PINYIN_FIELDS,
    RELATED_FIELDS,
    TEXT_FIELDS,
    TITLE_FIELDS,
    Field,
)
from tenants.context import current

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Parts:
    """The searched fields of one type as one actor sees them, by the part they play."""

    title: tuple[FieldSpec, ...]
    codes: tuple[FieldSpec, ...]
    related: tuple[FieldSpec, ...]
    body: tuple[FieldSpec, ...]
    files: tuple[FieldSpec, ...]
    lines: tuple[LinePart, ...] = ()

    @property
    def all(self) -> tuple[FieldSpec, ...]:
        """Every searched field, names first."""
        return (*self.title, *self.codes, *self.related, *self.body, *self.files)

    @property
    def fields(self) -> Mapping[Home, tuple[FieldSpec, ...]]:
        """The fields that may lie apart, by where they are at home."""
        return {"codes": self.codes, "related": self.related, "body": self.body, "files": self.files}

    @property
    def homes(self) -> Mapping[Home, frozenset[str]]:
        """The keys of all that may lie apart, fields of lines among them, by where it is at home."""
        own = {home: {field.key for field in fields} for home, fields in self.fields.items()}
        for part in self.lines:
            own[part.home].add(part.key)
        return {home: frozenset(keys) for home, keys in own.items()}


def parts_of(spec: TypeSpec, actor: Actor) -> Parts:
    """The searched fields of a type for an actor; hidden and masked ones are not among them."""
    return _parts(spec, records.fields_for(spec, actor, Purpose.SEARCH), line_parts(spec, actor))


def whole_parts(spec: TypeSpec) -> Parts:
    """All searched fields of a type, whoever may see them: what its documents are built of."""
    fields = tuple(field for field in spec.fields if field.searchable or field.key in spec.search.related)
    return _parts(spec, fields, line_parts(spec, SYSTEM))


def _parts(spec: TypeSpec, fields: Sequence[FieldSpec], lines: tuple[LinePart, ...]) -> Parts:
    title, codes, related, body, files = [], [], [], [], []
    for field in fields:
        if field.key == (spec.search.title or spec.title_field):
            title.append(field)
        elif field.target:
            related.append(field)
        elif field.code or field.key in spec.search.codes or field.kind.coded:
            codes.append(field)
        elif field.kind.holds_files:
            files.append(field)
        else:
            body.append(field)
    return Parts(tuple(title), tuple(codes), tuple(related), tuple(body), tuple(files), lines)


HOMES: Mapping[Home, frozenset[Field]] = {
    "codes": CODE_FIELDS,
    "related": RELATED_FIELDS,
    "body": BODY_FIELDS,
    "files": FILE_FIELDS,
}


def searchable_by(seen: Parts, whole: Parts, apart: frozenset[str] = NONE) -> frozenset[Field]:
    """The index fields whose whole content the actor may see; a hidden record field that does not lie apart closes every part it
    flows into, so that neither a hit nor a count can betray it (PRM-04, SRH-06)."""
    closed: frozenset[Field] = frozenset()
    if len(seen.title) < len(whole.title):
        closed |= TITLE_FIELDS | PINYIN_FIELDS
    for home, keys in whole.homes.items():
        if keys - seen.homes[home] - apart:
            closed |= HOMES[home]
    return TEXT_FIELDS - closed


def confidential_to(seen: Parts, apart: frozenset[str]) -> tuple[tuple[Field, tuple[str, ...]], ...]:
    """What lies apart and the actor may see, by the index fields where it is at home."""
    keys = {home: tuple(sorted(found & apart)) for home, found in seen.homes.items()}
    return tuple((field, keys[home]) for home in HOMES for field in APART if field in HOMES[home] and keys[home])


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
    if field.kind.holds_files:
        return held_texts(entry, field)
    return tuple(text for text in field.kind.search_texts(given, field, entry.fmt) if text)


def changed_at(entry: Entry) -> datetime.datetime | None:
    """The last change, or the making of a record that was never changed."""
    return entry.values.get("changed_at") or entry.values.get("created_at")


SYSTEM = System("search index")
"""The indexer sees everything; what an actor may find is decided when it asks."""


def documents(spec: TypeSpec, pks: Iterable[int] | None = None, apart: frozenset[str] = NONE) -> Iterator[Document]:
    """The documents of some records, or of all of a type, in batches; `apart` names the confidential fields."""
    actor = SYSTEM
    parts = parts_of(spec, actor)
    for chunk in _chunks(actor, spec, pks):
        entries = records.get_many(actor, spec, chunk)
        linked = linked_terms(actor, parts, entries.values())
        hanging = papers(spec.key, entries)
        rows = line_texts(actor, parts.lines, entries)
        for entry in entries.values():
            yield document(spec, parts, entry, linked, hanging, apart, rows.get(entry.pk, ()))


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


def category(spec: TypeSpec, entry: Entry) -> str:
    """Kind and value of the record's class: `customers.customer:vip`; empty without one."""
    given = entry.values.get(spec.search.category) if spec.search.category else None
    return f"{spec.key}:{given}" if given else ""


def document(
    spec: TypeSpec,
    parts: Parts,
    entry: Entry,
    linked: Linked,
    hanging: Papers,
    apart: frozenset[str],
    lines: Sequence[tuple[LinePart, str]] = (),
) -> Document:
    """One record as the index holds it, with the words of its lines among its own."""
    title = [t for f in parts.title for t in texts_of(entry, f)]
    changed = changed_at(entry)
    terms = own_terms(spec, entry)
    local = changed.astimezone(current().zone) if changed else None
    return Document(
        uid=uid(spec.key, entry.pk),
        kind=spec.key,
        terms=(
            *terms,
            *related_terms(parts, entry, linked),
            *((month(local.year, local.month),) if local else ()),
        ),
        owner=entry.owner,
        department=entry.department,
        category=category(spec, entry),
        changed=int(changed.timestamp() * 1000) if changed else 0,
        version=entry.version,
        sign=signed(f"{'/'.join(sorted(passed_on(spec, entry)))}/{REVIEWED in terms:d}/{'/'.join(title)}"),
        papers=hanging.prints.get(entry.pk, 0),
        tokens=field_tokens(
            title=title,
            notes=hanging.said.get(entry.pk, ()),
            confidential=tuple(_confidential(parts, entry, apart, lines)),
            **_open_texts(parts, entry, hanging.files(entry.pk), apart, lines),
        ),
    )


def signed(facts: str) -> str:
    """A short sign of what the documents of linked records are built of: six bytes as eight characters, one per document kept."""
    return b64encode(hashlib.blake2b(facts.encode(), digest_size=6).digest()).decode()


def _open_texts(
    parts: Parts, entry: Entry, filed: Sequence[str], apart: frozenset[str], lines: Sequence[tuple[LinePart, str]]
) -> dict[Home, list[str]]:
    found: dict[Home, list[str]] = {
        home: [text for field in fields if field.key not in apart for text in texts_of(entry, field)]
        for home, fields in parts.fields.items()
    }
    for part, text in lines:
        if part.key not in apart:
            found[part.home].append(text)
    found["files"] += filed
    return found


def _confidential(
    parts: Parts, entry: Entry, apart: frozenset[str], lines: Sequence[tuple[LinePart, str]]
) -> Iterator[Confidential]:
    for home, fields in parts.fields.items():
        for field in fields:
            if field.key in apart and (texts := texts_of(entry, field)):
                yield Confidential(field.key, home, texts)
    yield from (Confidential(part.key, part.home, (text,)) for part, text in lines if part.key in apart)
