"""Records, pages, histories and save results as JSON values; nothing passes through per-row serializers (bones.md, 7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kezhou.records.fields.shapes import Format
from kezhou.records.listing import Page
from kezhou.records.past import Change, FieldChange
from kezhou.records.reading import Entry
from kezhou.records.saved import Conflict, SaveResult, Twin
from kezhou.records.spec import FieldSpec, Level, TypeSpec

Convert = Callable[[Any], Any]


def converter(field: FieldSpec) -> Convert | None:
    """What turns a value of this field into JSON; None when it is JSON already (masked texts)."""
    if field.level is Level.MASK:
        return None
    rest = field.kind.rest
    return lambda value: None if value is None else rest(value, field)


def converters(fields: Sequence[FieldSpec]) -> tuple[tuple[str, Convert | None], ...]:
    """Key and converter of each field, bound once per answer; None where the value is JSON as it stands."""
    return tuple((field.key, None if field.kind.plain_json else converter(field)) for field in fields)


def values(pairs: Sequence[tuple[str, Convert | None]], row: Sequence[Any]) -> dict[str, Any]:
    """One row by key."""
    return {key: value if convert is None else convert(value) for (key, convert), value in zip(pairs, row, strict=True)}


def listed(page: Page) -> dict[str, Any]:
    """A page of a list; `titles` names what its links point to, as far as the actor may see it."""
    pairs = converters(page.columns)
    sums = {field.key: page.sums.get(field.key) for field in page.columns if field.key in page.sums}
    return {
        "results": [{"pk": row.pk, "version": row.version, **values(pairs, row.values)} for row in page.rows],
        "total": page.total,
        "capped": page.capped,
        "next": page.next or None,
        "previous": page.previous or None,
        "sums": sums,
        "titles": titles(page.fmt),
    }


def titles(fmt: Format) -> dict[str, dict[str, str]]:
    """Titles of linked records by type and key."""
    found: dict[str, dict[str, str]] = {}
    for (target, pk), title in fmt.titles.items():
        if title is not None:
            found.setdefault(target, {})[str(pk)] = title
    return found


def entry(found: Entry) -> dict[str, Any]:
    """One record with everything the actor may read."""
    pairs = converters(found.fields)
    return {
        "pk": found.pk,
        "version": found.version,
        "title": found.title,
        **values(pairs, [found.values[field.key] for field in found.fields]),
        "operations": sorted(found.operations),
        "titles": titles(found.fmt),
    }


def change(one: Change) -> dict[str, Any]:
    """One step of a history, with what happened to the rows inside."""
    return {
        "pk": one.pk, "kind": one.kind, "at": one.at, "by": one.name, "source": one.source, "action": one.action,
        "version": one.version, "verb": one.verb, "fields": [_changed(field) for field in one.fields],
        "lines": [
            {"lines": line.lines, "title": line.title, "kind": line.kind, "fields": [_changed(f) for f in line.fields]}
            for line in one.lines
        ],
    }  # fmt: skip


def _changed(field: FieldChange) -> dict[str, Any]:
    convert = converter(field.field) or (lambda value: value)
    return {"field": field.field.key, "old": convert(field.old), "new": convert(field.new)}


def conflict(spec: TypeSpec, one: Conflict) -> dict[str, Any]:
    """The comparison after somebody else's save (PLT-15): original, theirs and mine of every field."""

    def compared(found: Sequence[Any]) -> list[dict[str, Any]]:
        rows = []
        for item in found:
            field = spec.by_key.get(item.field)
            convert: Convert = (converter(field) if field else None) or (lambda value: value)
            rows.append(
                {
                    "field": item.field,
                    "original": convert(item.original),
                    "theirs": convert(item.theirs),
                    "mine": convert(item.mine),
                }
            )
        return rows

    return {
        "position": one.position, "pk": one.pk, "version": one.version, "changed_by": one.changed_by,
        "fields": compared(one.fields), "others": compared(one.others),
    }  # fmt: skip


def twin(one: Twin) -> dict[str, Any]:
    """A record that looks the same; without title and key when the actor may not see it."""
    seen = one.title is not None
    return {
        "position": one.position, "pk": one.pk if seen else None, "fields": list(one.fields), "title": one.title,
        "owner": one.owner if seen else None, "same_as": one.same_as,
    }  # fmt: skip


def saved(spec: TypeSpec, result: SaveResult) -> dict[str, Any]:
    """The outcome of a batch."""
    return {
        "action": result.action,
        "saved": [{"position": s.position, "pk": s.pk, "version": s.version, "kind": s.kind} for s in result.saved],
        "problems": [
            {"position": p.position, "field": p.field, "code": p.code, "detail": p.sentence} for p in result.problems
        ],
        "twins": [twin(one) for one in result.twins],
        "conflicts": [conflict(spec, one) for one in result.conflicts],
        "skipped": list(result.skipped),
    }


def errors(found: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Sentences by field; those of the whole record under `record`."""
    return {field or "record": list(sentences) for field, sentences in found.items()}
