"""What two records clashed over, as the database tells it: the values of the new one, for the sentence of an exclusion constraint."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import DatabaseError
from django.db.models import F, Value

from kezhou.records.reading import formatting, show_text, titles
from kezhou.records.spec import FieldSpec, TypeSpec

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

_PLAIN = r"([^,]*)"
_RANGE = r'[\[(]"?([^",]*)"?,"?([^",)\]]*)"?[\])]'


@dataclass(frozen=True, slots=True)
class _Part:
    """One expression of the constraint: the fields whose values stand in it, and whether its end counts."""

    names: tuple[str, ...]
    closed: bool = False

    @property
    def pattern(self) -> str:
        return _PLAIN if len(self.names) == 1 else _RANGE


def clashed(actor: Actor, spec: TypeSpec, name: str, error: DatabaseError) -> dict[str, str]:
    """The fields of the constraint `name` with their values in the refused record, as this actor may read them.

    Nothing of the record that was there before is told: it may be one that the actor does not see.
    """
    found = clashing(spec, name, error)
    wanted = {field.target: {found[field.key]} for field in spec.fields if field.target and field.key in found}
    fmt = formatting(titles(actor, wanted))
    return {key: show_text(spec.by_key[key], value, fmt) for key, value in found.items()}


def clashing(spec: TypeSpec, name: str, error: DatabaseError) -> dict[str, Any]:
    """The values of the refused record in the fields of the constraint; empty where the database does not tell them."""
    return {field.key: value for field, value in _values(spec, name, error) if value is not None}


def _values(spec: TypeSpec, name: str, error: DatabaseError) -> Iterator[tuple[FieldSpec, Any]]:
    parts = _parts(spec, name)
    detail = str(getattr(getattr(error.__cause__, "diag", None), "message_detail", "") or "")
    match = re.search(r"\)=\(" + ", ".join(part.pattern for part in parts), detail) if parts else None
    if match is None:
        return
    texts = iter(match.groups())
    for part in parts:
        for place, key in enumerate(part.names):
            text = next(texts)
            field = spec.by_key[key]
            value = field.kind.from_json(int(text) if field.target else text, field) if text else None
            if part.closed and place == 1 and value is not None:
                value -= timedelta(days=1)  # the database writes ranges of days up to the day after the last
            yield field, value


def _parts(spec: TypeSpec, name: str) -> list[_Part]:
    for constraint in spec.model._meta.constraints:
        if constraint.name == name and isinstance(constraint, ExclusionConstraint):
            return [_part(expression) for expression, _operator in constraint.expressions]
    return []


def _part(expression: Any) -> _Part:
    if isinstance(expression, F | str):
        return _Part((str(getattr(expression, "name", expression)),))
    inside = expression.get_source_expressions()
    closed = any(isinstance(each, Value) and each.value == "[]" for each in inside)
    return _Part(tuple(str(getattr(each, "name", "")) for each in inside if isinstance(each, F)), closed)
