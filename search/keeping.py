"""Keeping one tenant's index equal to its database: changes, rebuilding, checking, and changed fields. Runs in the tenant."""

from __future__ import annotations

import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.records.spec import FieldSpec, TypeSpec
from search import confidential
from search.confidential import NONE, Apart
from search.documents import SYSTEM, documents, kind_and_pk, parts_of, searched, uid
from search.engines.base import Batch, Document, Engine, EngineAway, Reader
from search.papers import prints

log = logging.getLogger("kezhou.search")

FIELDS = "fields"
MOST_REFERRERS = 5_000
"""Documents of linked records that one batch writes anew; a check repairs what lies beyond."""

Records = Mapping[str, set[int]]


@dataclass(frozen=True, slots=True)
class Report:
    """Differences between database and index that a check found (SRH-12)."""

    checked: int
    missing: int
    outdated: int
    surplus: int

    @property
    def right(self) -> bool:
        """No difference."""
        return not (self.missing or self.outdated or self.surplus)


def apply(engine: Engine, changed: Records) -> None:
    """Writes the present state of these records (and removes those that are gone); doing it twice changes nothing."""
    types = searched(SYSTEM)
    reader = engine.reader()
    apart = confidential.both(confidential.known(reader), confidential.wanted(types))
    wanted: dict[str, set[int]] = defaultdict(set)
    for key, pks in changed.items():
        if key in types:
            wanted[key] |= pks
    written = list(_present(types, wanted, apart))
    before = reader.signs([document.uid for document in written])
    renamed: dict[str, set[int]] = defaultdict(set)
    for document in written:
        if before.get(document.uid, document.sign) != document.sign:
            kind, pk = kind_and_pk(document.uid)
            renamed[kind].add(pk)
    followers = _referring(types, renamed)
    with engine.batch() as batch:
        _write(batch, wanted, written)
        _write(batch, followers, _present(types, followers, apart))


def _present(types: Mapping[str, TypeSpec], wanted: Records, apart: Apart) -> Iterator[Document]:
    for key, pks in wanted.items():
        yield from documents(types[key], sorted(pks), apart.get(key, NONE))


def _write(batch: Batch, wanted: Records, written: Iterable[Document]) -> None:
    left = {uid(key, pk) for key, pks in wanted.items() for pk in pks}
    for document in written:
        batch.put(document)
        left.discard(document.uid)
    for gone in left:
        batch.drop(gone)


def _referring(types: Mapping[str, TypeSpec], renamed: Records) -> dict[str, set[int]]:
    """Records whose documents hold the name of a renamed one."""
    actor = SYSTEM
    found: dict[str, set[int]] = defaultdict(set)
    for key, spec in types.items():
        for field in parts_of(spec, actor).related:
            if field.target and field.target in renamed:
                found[key] |= set(_pointing(actor, spec, field, renamed[field.target]))
    return found


def _pointing(actor: Actor, spec: TypeSpec, field: FieldSpec, pks: set[int]) -> Iterable[int]:
    path = field.column if field.column is not None else f"custom__{field.key}"
    pointing: Iterable[int] = (
        records.query(actor, spec).filter(**{f"{path}__in": sorted(pks)}).values_list("pk", flat=True)[:MOST_REFERRERS]
    )
    return pointing


def rebuild(engine: Engine) -> int:
    """Builds the tenant's index anew beside the live one and switches; search goes on meanwhile (SRH-12)."""
    types = searched(SYSTEM)
    apart = confidential.wanted(types)
    confidential.remember(engine, confidential.common(confidential.known(engine), apart))
    written = 0

    def all_documents() -> Iterator[Document]:
        nonlocal written
        for spec in types.values():
            for document in documents(spec, apart=apart.get(spec.key, NONE)):
                written += 1
                yield document

    with engine.rebuild(all_documents()) as (reader, batch):
        _repair(types, reader, batch, apart)  # what changed while the new index was filled
    confidential.remember(engine, apart)
    engine.remember(FIELDS, json.dumps(_signatures(types)))
    log.info("index rebuilt with %d records", written)
    return written


def check(engine: Engine, *, repair: bool = True) -> Report:
    """Compares every record's version with the index and, when asked, puts the differences right."""
    types = searched(SYSTEM)
    reader = engine.reader()
    if not repair:
        return _differences(types, reader)[0]
    with engine.batch() as batch:
        apart = confidential.both(confidential.known(reader), confidential.wanted(types))
        return _repair(types, reader, batch, apart)


def _repair(types: Mapping[str, TypeSpec], reader: Reader, batch: Batch, apart: Apart) -> Report:
    report, wrong = _differences(types, reader)
    present = {key: pks for key, pks in wrong.items() if key in types}
    _write(batch, present, _present(types, present, apart))
    for key in wrong.keys() - types.keys():
        for pk in wrong[key]:
            batch.drop(uid(key, pk))
    return report


def _differences(types: Mapping[str, TypeSpec], reader: Reader) -> tuple[Report, dict[str, set[int]]]:
    actor = SYSTEM
    held = {uid: (version, papers) for uid, version, papers in reader.versions()}
    wrong: dict[str, set[int]] = defaultdict(set)
    checked = missing = outdated = 0
    for key, spec in types.items():
        hanging = prints(key)
        for pk, version in records.query(actor, spec).values_list("pk", "version"):
            checked += 1
            known = held.pop(uid(key, pk), None)
            if known != (version, hanging.get(pk, 0)):
                wrong[key].add(pk)
                missing += known is None
                outdated += known is not None
    for surplus in held:
        kind, pk = kind_and_pk(surplus)
        wrong[kind].add(pk)
    return Report(checked, missing, outdated, len(held)), wrong


def follow_fields(engine: Engine) -> tuple[str, ...]:
    """Indexes anew the types whose searched fields changed since they were indexed; returns their keys (SRH-11)."""
    types = searched(SYSTEM)
    now = _signatures(types)
    known: dict[str, str] = json.loads(engine.remembered(FIELDS) or "{}")
    changed = tuple(key for key in types if known.get(key) != now[key])
    if changed:
        apart, before = confidential.wanted(types), confidential.known(engine)
        confidential.remember(engine, confidential.common(before, apart))
        for key in changed:
            _index_type(engine, types[key], apart.get(key, NONE))
        confidential.remember(engine, apart)
        engine.remember(FIELDS, json.dumps({**known, **now}))
    return changed


def _index_type(engine: Engine, spec: TypeSpec, apart: frozenset[str]) -> None:
    with engine.batch() as batch:
        for document in documents(spec, apart=apart):
            batch.put(document)


def _signatures(types: Mapping[str, TypeSpec]) -> dict[str, str]:
    """What each type's documents are built of: fields with their parts, and the labels of their options."""
    apart = confidential.wanted(types)
    return {key: _signature(spec, apart.get(key, NONE)) for key, spec in types.items()}


def _signature(spec: TypeSpec, apart: frozenset[str]) -> str:
    parts = parts_of(spec, SYSTEM)
    groups = (parts.title, parts.codes, parts.related, parts.body, parts.files)
    said = [[(f.key, f.type, f.target, [(o.key, str(o.label)) for o in f.options]) for f in group] for group in groups]
    lines = [(part.lines.key, part.field.key, part.field.type) for part in parts.lines]
    kept = sorted({key for keys in parts.homes.values() for key in keys} & apart)
    about = [said, lines, spec.search.category, spec.search.importance, _states(spec), kept]
    return hashlib.sha256(json.dumps(about).encode()).hexdigest()[:16]


def _states(spec: TypeSpec) -> tuple[str, ...]:
    return spec.states.unreviewed if spec.states is not None else ()


__all__ = ["EngineAway", "Report", "apply", "check", "follow_fields", "rebuild"]
