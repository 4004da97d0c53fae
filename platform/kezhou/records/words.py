"""Keyword query: every word must occur somewhere in the main fields of a record (QRY-04)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kezhou.records.catalogue import fields_for, types
from kezhou.records.filters import seen
from kezhou.records.folding import finds, words
from kezhou.records.spec import FieldSpec, Purpose, TypeSpec
from kezhou.records.spelt import begins
from kezhou.records.sql import FALSE, Sql, all_of, any_of, quoted
from kezhou.records.wordindex import narrowed

if TYPE_CHECKING:
    from kezhou.access.actor import Actor


def keyword_fields(actor: Actor, spec: TypeSpec) -> tuple[FieldSpec, ...]:
    """The fields that a keyword is looked for in: the title, the number, codes and texts marked as searchable."""
    fields = fields_for(spec, actor, Purpose.FILTER)
    return tuple(f for f in fields if (f.searchable or f.title or f.key == "number") and f.kind.worded)


def keyword_condition(actor: Actor, spec: TypeSpec, text: str, ref: str) -> Sql:
    """SQL that is true where every word occurs, in the record itself or in one that points to it and that the actor may see."""
    wanted = words(text)
    return all_of([any_of(list(_places(actor, spec, word, ref))) for word in wanted])


def keyword_alternatives(actor: Actor, spec: TypeSpec, text: str, ref: str, *, spelt: bool = False) -> tuple[Sql, ...]:
    """Conditions which together find the same, each of which an index may answer alone: for one word the places where it can stand.

    `spelt` finds titles by the beginning of their pinyin as well.
    """
    wanted = words(text)
    if len(wanted) == 1:
        found = tuple(_places(actor, spec, wanted[0], ref))
        titled = any(field.title for field in keyword_fields(actor, spec))
        sound = begins(wanted[0], ref) if spelt and titled else None
        return found if sound is None else (*found, sound)
    return (all_of([_found(actor, spec, word, ref) for word in wanted]),)


def _found(actor: Actor, spec: TypeSpec, word: str, ref: str) -> Sql:
    """One of several words, as a condition on the row, so that an index meets all words before any row is read."""
    # An array is made once; as a sub-select the planner guesses its size and looks it through for every row.
    pointing = [Sql(f"{ref}.id = ANY(ARRAY({rows.text}))", rows.params) for rows in _pointing(actor, spec, word)]
    return any_of([_within(actor, spec, word, ref), *pointing])


def _places(actor: Actor, spec: TypeSpec, word: str, ref: str) -> Iterator[Sql]:
    yield _within(actor, spec, word, ref)
    for rows in _pointing(actor, spec, word):
        yield Sql(f"{ref}.id IN ({rows.text})", rows.params)


def _pointing(actor: Actor, spec: TypeSpec, word: str) -> Iterator[Sql]:
    """The keys of records to which one points that holds the word."""
    present = types(actor)
    for place, (key, link) in enumerate(spec.search.through):
        field = present[key].by_key.get(link) if key in present else None
        if field is None or field.column is None or field.target != spec.key:
            continue
        alias = f"w{place}"
        inner = all_of([*seen(present[key], actor, alias), _within(actor, present[key], word, alias)])
        yield Sql(
            f"SELECT {alias}.{quoted(field.column)} FROM {present[key].rows} {alias} WHERE {inner.text}", inner.params
        )


def _within(actor: Actor, spec: TypeSpec, word: str, ref: str) -> Sql:
    """One matching of all the fields' texts together."""
    fields = keyword_fields(actor, spec)
    if not fields:
        return FALSE
    whole = ", ".join(field.kind.expression(field, ref) for field in fields)
    exact = finds(f"concat_ws(E'\\n', {whole})", word)
    near = narrowed(spec, word, ref)
    return exact if near is None else near & exact
