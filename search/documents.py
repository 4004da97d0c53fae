"""Records into documents of the index, through the same field tuples that every reader sees."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kezhou import records
from kezhou.access.actor import Actor, System
from kezhou.records.fields.shapes import Format
from kezhou.records.spec import FieldSpec, Purpose, TypeSpec
from search.analysis.fields import field_tokens
from search.engines.base import Document
from search.schema import BODY_FIELDS, CODE_FIELDS, PINYIN_FIELDS, RELATED_FIELDS, TEXT_FIELDS, TITLE_FIELDS, Field
from tenants.context import current

CODE_TYPES = frozenset({"phone", "email", "credit_code"})
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Parts:
    """The searched fields of one type as one actor sees them, by the part they play."""

    title: tuple[FieldSpec, ...]
    codes: tuple[FieldSpec, ...]
    related: tuple[FieldSpec, ...]
    body: tuple[FieldSpec, ...]

    @property
    def all(self) -> tuple[FieldSpec, ...]:
        """Every searched field, names first."""
        return (*self.title, *self.codes, *self.related, *self.body)


def parts_of(spec: TypeSpec, actor: Actor) -> Parts:
    """The searched fields of a type for an actor; hidden and masked ones are not among them."""
    title, codes, related, body = [], [], [], []
    for field in records.fields_for(spec, actor, Purpose.SEARCH):
        if field.key == (spec.search.title or spec.title_field):
            title.append(field)
        elif field.target:
            related.append(field)
        elif field.code or field.key in spec.search.codes or field.type in CODE_TYPES:
            codes.append(field)
        else:
            body.append(field)
    return Parts(tuple(title), tuple(codes), tuple(related), tuple(body))


def searchable_by(seen: Parts, whole: Parts) -> frozenset[Field]:
    """The index fields whose whole content the actor may see; a hidden record field closes every part it flows into,
    so that neither a hit nor a count can betray it (PRM-04, SRH-06)."""
    closed: frozenset[Field] = frozenset()
    if len(seen.title) < len(whole.title):
        closed |= TITLE_FIELDS | PINYIN_FIELDS
    if len(seen.related) < len(whole.related):
        closed |= RELATED_FIELDS | PINYIN_FIELDS
    if len(seen.body) < len(whole.body):
        closed |= BODY_FIELDS
    if len(seen.codes) < len(whole.codes):
        closed |= CODE_FIELDS
    return TEXT_FIELDS - closed


def uid(kind: str, pk: int) -> str:
    """The document's id; unique in a tenant."""
    return f"{kind}:{pk}"


def kind_and_pk(document: str) -> tuple[str, int]:
    """The way back from a uid."""
    kind, _, pk = document.rpartition(":")
    return kind, int(pk)


_KEPT = (
    "id",
    "number",
    "owner_id",
    "department_id",
    "created_by_id",
    "collector_id",
    "created_at",
    "changed_at",
    "version",
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """One record's values with the texts of its searched fields."""

    pk: int
    row: Mapping[str, Any]
    texts: Mapping[str, tuple[str, ...]]

    @property
    def changed(self) -> datetime.datetime | None:
        """The last change, or the making of a record that was never changed."""
        moment: datetime.datetime | None = self.row["changed_at"] or self.row["created_at"]
        return moment


def load(actor: Actor, spec: TypeSpec, parts: Parts, pks: Sequence[int]) -> list[Loaded]:
    """Records by primary key, read through the gate for this actor; those that may not be seen are missing."""
    columns = {f.column for f in parts.all if f.column}
    links = {f.column for f in _links(spec)}
    wanted = sorted({*_KEPT, "custom", *columns, *links} - {None})
    rows = list(records.query(actor, spec.key).filter(pk__in=list(pks)).values(*wanted))
    names = _titles(actor, parts.related, rows)
    fmt = Format(zone=current().zone)
    return [Loaded(row["id"], row, _texts(row, parts, names, fmt)) for row in rows]


def _links(spec: TypeSpec) -> Iterator[FieldSpec]:
    return (f for f in spec.fields if f.target and f.column)


def value(row: Mapping[str, Any], field: FieldSpec) -> Any:
    """The value of a field in a row of columns."""
    raw = (row["custom"] or {}).get(field.key) if field.column is None else row[field.column]
    return field.kind.from_db(raw, field)


def _titles(
    actor: Actor, related: Sequence[FieldSpec], rows: Sequence[Mapping[str, Any]]
) -> Mapping[tuple[str, int], str]:
    found: dict[tuple[str, int], str] = {}
    for target in {f.target for f in related if f.target}:
        pks = {pk for f in related if f.target == target for row in rows if (pk := value(row, f)) is not None}
        found.update({(target, pk): title for pk, title in records.titles(actor, target, sorted(pks)).items()})
    return found


def _texts(
    row: Mapping[str, Any], parts: Parts, names: Mapping[tuple[str, int], str], fmt: Format
) -> dict[str, tuple[str, ...]]:
    texts: dict[str, tuple[str, ...]] = {}
    for field in parts.all:
        given = value(row, field)
        if field.target:
            name = names.get((field.target, given)) if given is not None else None
            texts[field.key] = (name,) if name else ()
        else:
            texts[field.key] = tuple(t for t in field.kind.search_texts(given, field, fmt) if t)
    return texts


SYSTEM_WHY = "search index"


def documents(spec: TypeSpec, pks: Iterable[int] | None = None) -> Iterator[Document]:
    """The documents of some records, or of all of a type, in batches."""
    actor = System(SYSTEM_WHY)
    parts = parts_of(spec, actor)
    for chunk in _chunks(actor, spec, pks):
        for loaded in load(actor, spec, parts, chunk):
            yield document(spec, parts, loaded)


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


def document(spec: TypeSpec, parts: Parts, loaded: Loaded) -> Document:
    """One record as the index holds it."""
    texts, row = loaded.texts, loaded.row
    title = [t for f in parts.title for t in texts[f.key]]
    related = [t for f in parts.related for t in texts[f.key]]
    body = [t for f in parts.body for t in texts[f.key]]
    codes = [t for f in parts.codes for t in texts[f.key]]
    changed = loaded.changed
    return Document(
        uid=uid(spec.key, loaded.pk),
        kind=spec.key,
        terms=tuple(f"{f.key}:{row[f.column]}" for f in _links(spec) if f.column and row[f.column] is not None),
        owner=row["owner_id"],
        department=row["department_id"],
        changed=int(changed.timestamp() * 1000) if changed else 0,
        version=row["version"],
        tokens=field_tokens(title=title, related=related, body=body, codes=codes),
    )
