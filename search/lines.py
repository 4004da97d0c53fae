"""The words in the lines of a record: they find the record that holds them, and an excerpt says in which lines they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.finding.model import Excerpt
from kezhou.records.lines.reading import rows_of
from kezhou.records.spec import FieldSpec, Level, Purpose, TypeSpec
from kezhou.records.structure import LinesSpec
from search.analysis.highlight import Marker

MOST = 100_000
"""Characters of one record's lines that the index holds."""


@dataclass(frozen=True, slots=True)
class LinePart:
    """One field of one kind of lines whose words are searched."""

    lines: LinesSpec
    field: FieldSpec

    @property
    def key(self) -> str:
        """The field's key among all that a record is searched by."""
        return f"{self.lines.key}.{self.field.key}"

    @property
    def home(self) -> Literal["codes", "body"]:
        """The part of the record that the field belongs to."""
        return "codes" if self.field.code or self.field.kind.coded else "body"


def line_parts(spec: TypeSpec, actor: Actor) -> tuple[LinePart, ...]:
    """What is searched in the lines of a type, as far as the actor may see it: what a line is called, and fields in the full text.

    Names of records that lines link to are left out: whether they may be seen differs from line to line.
    """
    if not spec.lines:
        return ()  # asked for every kind of every search: the catalogue is built only where there are lines
    known = records.types(actor)
    return tuple(
        LinePart(lines, field)
        for lines in spec.lines
        if lines.type in known
        for field in records.fields_for(lines.type, actor, Purpose.READ)
        if field.level is not Level.MASK and not field.target
        if field.searchable or field.key == known[lines.type].title_field
    )


def line_texts(
    actor: Actor, parts: Sequence[LinePart], pks: Iterable[int]
) -> Mapping[int, tuple[tuple[LinePart, str], ...]]:
    """The searched texts of the lines of each record, in their order: one reading per kind of lines."""
    wanted = list(pks)
    found: dict[int, list[tuple[LinePart, str]]] = {}
    for lines in {part.lines.key: part.lines for part in parts}.values():
        mine = [part for part in parts if part.lines.key == lines.key]
        for pk, rows in rows_of(actor, lines, wanted).items() if wanted else ():
            said = found.setdefault(pk, [])
            for row in rows:
                said += ((part, text) for part in mine for text in _texts(part.field, row))
    return {pk: tuple(_within(said)) for pk, said in found.items()}


def _texts(field: FieldSpec, row: records.Entry) -> tuple[str, ...]:
    given = row.values.get(field.key)
    return () if given is None else tuple(text for text in field.kind.search_texts(given, field, row.fmt) if text)


def _within(said: Iterable[tuple[LinePart, str]]) -> Iterator[tuple[LinePart, str]]:
    left = MOST
    for part, text in said:
        if left > 0:
            yield part, text[:left]
        left -= len(text)


def excerpts_in_lines(mark: Marker, actor: Actor, spec: TypeSpec, pks: Iterable[int]) -> dict[int, Excerpt]:
    """For each of these records, which the caller has read, the first line in which the words stand."""
    parts = line_parts(spec, actor)
    if not parts:
        return {}
    found: dict[int, Excerpt] = {}
    for pk, said in line_texts(actor, parts, pks).items():
        pieces = ((part, mark.excerpt(text)) for part, text in said)
        first = next(((part, piece) for part, piece in pieces if piece is not None), None)
        if first is not None:
            part, piece = first
            found[pk] = Excerpt(f"{part.lines.title} · {part.field.label}", piece)
    return found
