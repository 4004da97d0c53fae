"""SQL text and its parameters, kept together while statements are put together.

Field types and the page compiler use this instead of the ORM: a list is one text that PostgreSQL has prepared, with new
parameters (`bones.md`, 7). Identifiers come from models only, values are always parameters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL with `%s` places and the values for them, in order."""

    text: str
    params: tuple[Any, ...] = ()

    def __and__(self, other: Sql) -> Sql:
        return join(" AND ", (self, other))

    def __or__(self, other: Sql) -> Sql:
        return join(" OR ", (self, other))

    def __invert__(self) -> Sql:
        return Sql(f"NOT COALESCE({self.text}, FALSE)", self.params)


TRUE = Sql("TRUE")
FALSE = Sql("FALSE")


def join(separator: str, parts: Iterable[Sql]) -> Sql:
    """Parts with a separator between them, the whole in brackets."""
    held = list(parts)
    if len(held) == 1:
        return held[0]
    return Sql("(" + separator.join(part.text for part in held) + ")", tuple(p for part in held for p in part.params))


def all_of(parts: Sequence[Sql]) -> Sql:
    """Every part must hold; no part at all is true."""
    return join(" AND ", parts) if parts else TRUE


def any_of(parts: Sequence[Sql]) -> Sql:
    """One part must hold; no part at all is false."""
    return join(" OR ", parts) if parts else FALSE


def quoted(name: str) -> str:
    """An identifier in double quotes. Names come from models and slugs; a quote inside one is a mistake of ours."""
    if '"' in name or "%" in name:
        raise ValueError(f"“{name}” cannot be an SQL identifier.")
    return f'"{name}"'


def literal(text: str) -> str:
    """A text constant for DDL and expressions that must match an index word for word (parameters would not match)."""
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"
