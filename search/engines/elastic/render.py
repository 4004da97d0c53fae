"""The neutral query tree as queries of Elasticsearch's DSL."""

from __future__ import annotations

from typing import Any

from elasticsearch.dsl import query as dsl

from search.query import tree
from search.schema import SHAPES, Field

Rendered = dsl.Query


def render(query: tree.Query) -> Rendered:
    """A query that finds and scores as the tree says."""
    match query:
        case tree.Term(field, value):
            return dsl.Term(**{field.value: {"value": value}})
        case tree.OneOf(field, values):
            return _one_of(field, values)
        case tree.Phrase(field, tokens, open_end):
            return _phrase(field, tokens, open_end=open_end)
        case tree.Fuzzy(field, value, distance):
            slips = {"value": value, "fuzziness": distance, "transpositions": True, "prefix_length": 1}
            return dsl.Fuzzy(**{field.value: slips})
        case tree.Between(field, low, high):
            bounds = {name: bound for name, bound in (("gte", low), ("lte", high)) if bound is not None}
            return dsl.Range(**{field.value: bounds})
        case tree.Everything():
            return dsl.MatchAll()
        case tree.Nothing():
            return dsl.MatchNone()
        case tree.Weighted(inner, weight):
            return dsl.Bool(must=[render(inner)], boost=weight)
        case tree.Constant(inner, score):
            return (
                dsl.Bool(filter=[render(inner)]) if not score else dsl.ConstantScore(filter=render(inner), boost=score)
            )
        case _:
            return _compound(query)


def _one_of(field: Field, values: tuple[str | int, ...]) -> Rendered:
    terms: dict[str, Any] = {field.value: list(values)}
    return dsl.Terms(**terms) if values else dsl.MatchNone()


def _phrase(field: Field, tokens: tuple[str, ...], *, open_end: bool) -> Rendered:
    """Tokens one behind another. Fields without positions hold single tokens only."""
    if SHAPES[field].shape != "positions":
        raise ValueError(f"{field} keeps no positions: ask for terms instead of a phrase.")
    if tree.ANY in tokens:
        return _gapped(field, tokens)
    text = {"query": " ".join(tokens)}
    if open_end:
        return dsl.MatchPhrasePrefix(**{field.value: text | {"max_expansions": 50}})
    return dsl.MatchPhrase(**{field.value: text})


class SpanGap(dsl.Query):  # the client knows all clauses of `span_near` but this one
    """Any token."""

    name = "span_gap"


def _gapped(field: Field, tokens: tuple[str, ...]) -> Rendered:
    gap, term = SpanGap(None, **{field.value: 1}), dsl.SpanTerm
    clauses: list[Any] = [gap if t == tree.ANY else term(**{field.value: {"value": t}}) for t in tokens]
    return dsl.SpanNear(clauses=clauses, slop=0, in_order=True)


def _compound(query: tree.Every | tree.Some | tree.Best | tree.Preferring | tree.Without) -> Rendered:
    match query:
        case tree.Every(clauses):
            free = [c for c in clauses if isinstance(c, tree.Constant) and not c.score]
            scored = [render(c) for c in clauses if c not in free]
            return dsl.Bool(must=scored, filter=[render(c.query) for c in free])
        case tree.Some(clauses, least):
            return dsl.Bool(should=[render(c) for c in clauses], minimum_should_match=max(1, least))
        case tree.Best(clauses, tie):
            return dsl.DisMax(queries=[render(c) for c in clauses], tie_breaker=tie)
        case tree.Without(required, excluded):
            return dsl.Bool(must=[render(required)], must_not=[render(excluded)])
        case tree.Preferring(required, wished):
            return dsl.Bool(must=[render(required)], should=[render(c) for c in wished])
