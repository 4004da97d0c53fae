"""The engine-neutral query tree."""

from __future__ import annotations

from dataclasses import dataclass

from search.schema import Field

ANY = ""


@dataclass(frozen=True, slots=True)
class Term:
    """Documents with this exact token or number."""

    field: Field
    value: str | int


@dataclass(frozen=True, slots=True)
class OneOf:
    """Documents with any of these tokens or numbers, all alike; empty matches nothing."""

    field: Field
    values: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens one behind another; `open_end` lets the last one be the beginning of a token. `ANY` among them, neither first nor last,
    is any token."""

    field: Field
    tokens: tuple[str, ...]
    open_end: bool = False


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """Documents with a token at most `distance` slips away (letters exchanged, added, left out or changed), all alike. The first letter
    is right: an engine need not look through its whole dictionary."""

    field: Field
    value: str
    distance: int


@dataclass(frozen=True, slots=True)
class Without:
    """What `required` finds, less what `excluded` finds."""

    required: Query
    excluded: Query


@dataclass(frozen=True, slots=True)
class Between:
    """Numbers from `low` to `high`, both included; None is open."""

    field: Field
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Everything:
    """All documents."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """No document."""


@dataclass(frozen=True, slots=True)
class Every:
    """All of these; scores add up."""

    clauses: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least `least` of these; scores add up."""

    clauses: tuple[Query, ...]
    least: int = 1


@dataclass(frozen=True, slots=True)
class Best:
    """Any of these; the best one counts, the others `tie` as much."""

    clauses: tuple[Query, ...]
    tie: float = 0.0


@dataclass(frozen=True, slots=True)
class Preferring:
    """What `required` finds, with more score where one of `wished` matches too."""

    required: Query
    wished: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Weighted:
    """The same documents, scores multiplied."""

    query: Query
    weight: float


@dataclass(frozen=True, slots=True)
class Constant:
    """The same documents, all with this score."""

    query: Query
    score: float


Query = (
    Term | OneOf | Phrase | Fuzzy | Between | Everything | Nothing
    | Every | Some | Best | Preferring | Without | Weighted | Constant
)  # fmt: skip
NOTHING = Nothing()
EVERYTHING = Everything()


def every(*clauses: Query) -> Query:
    """All of these, without the ones that change nothing."""
    left: list[Query] = []
    for clause in clauses:
        if isinstance(clause, Nothing):
            return NOTHING
        if not isinstance(clause, Everything):
            left.append(clause)
    return left[0] if len(left) == 1 else Every(tuple(left)) if left else EVERYTHING


def best(clauses: list[Query], *, tie: float) -> Query:
    """The best of these, without the impossible ones."""
    left = [c for c in clauses if not isinstance(c, Nothing)]
    return left[0] if len(left) == 1 else Best(tuple(left), tie) if left else NOTHING


def some(*clauses: Query) -> Query:
    """At least one of these, without the impossible ones."""
    left = [c for c in clauses if not isinstance(c, Nothing)]
    return left[0] if len(left) == 1 else Some(tuple(left)) if left else NOTHING
