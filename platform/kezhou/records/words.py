"""Keyword query: every word must occur somewhere in the main fields of a record (QRY-04)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kezhou.records.catalogue import fields_for
from kezhou.records.folding import finds, words
from kezhou.records.spec import FieldSpec, Purpose, TypeSpec
from kezhou.records.sql import FALSE, TRUE, Sql, all_of

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

_TEXTS = frozenset({"text", "long_text", "phone", "email", "credit_code"})


def keyword_fields(actor: Actor, spec: TypeSpec) -> tuple[FieldSpec, ...]:
    """The fields that a keyword is looked for in: the title, the number, codes and texts marked as searchable."""
    fields = fields_for(spec, actor, Purpose.FILTER)
    return tuple(f for f in fields if (f.searchable or f.title or f.key == "number") and f.type in _TEXTS)


def keyword_condition(actor: Actor, spec: TypeSpec, text: str, ref: str) -> Sql:
    """SQL that is true where every word occurs; one matching of the fields' texts together per word."""
    wanted = words(text)
    if not wanted:
        return TRUE
    fields = keyword_fields(actor, spec)
    if not fields:
        return FALSE
    whole = ", ".join(field.kind.expression(field, ref) for field in fields)
    return all_of([finds(f"concat_ws(E'\\n', {whole})", word) for word in wanted])
