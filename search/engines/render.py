"""The neutral query tree as tantivy queries, built as objects: user text is never parsed."""

from __future__ import annotations

import tantivy

from search.query import tree
from search.schema import SHAPES, Field

FEW = 100
_OPTION = {
    "raw": "basic",
    "tokens": "freq",
    "positions": "position",
    "number": "basic",
    "moment": "basic",
    "kept": "basic",
}


def option(field: Field) -> str:
    """What tantivy records of the tokens of a field; terms must be asked for with the same."""
    return _OPTION[SHAPES[field].shape]


def render(query: tree.Query, schema: tantivy.Schema) -> tantivy.Query:
    """A tantivy query that finds and scores as the tree says."""
    match query:
        case tree.Term(field, value):
            return tantivy.Query.term_query(schema, field.value, value, option(field))
        case tree.OneOf(field, values):
            return _one_of(field, values, schema)
        case tree.Phrase(field, tokens, open_end):
            words: list[str | tuple[int, str]] = list(tokens)
            if open_end:
                return tantivy.Query.phrase_prefix_query(schema, field.value, words)
            return tantivy.Query.phrase_query(schema, field.value, words)
        case tree.Fuzzy(field, value, distance):
            return tantivy.Query.fuzzy_term_query(schema, field.value, value, distance, True, False)
        case tree.Between(field, low, high):
            return tantivy.Query.range_query(schema, field.value, tantivy.FieldType.Integer, low, high)
        case tree.Everything():
            return tantivy.Query.all_query()
        case tree.Nothing():
            return tantivy.Query.empty_query()
        case tree.Weighted(inner, weight):
            return tantivy.Query.boost_query(render(inner, schema), weight)
        case tree.Constant(inner, score):
            return tantivy.Query.const_score_query(render(inner, schema), score)
        case _:
            return _compound(query, schema)


def _one_of(field: Field, values: tuple[str | int, ...], schema: tantivy.Schema) -> tantivy.Query:
    """Few values as single terms, which is faster than a set; none finds nothing."""
    if not values:
        return tantivy.Query.empty_query()
    if len(values) > FEW:
        return tantivy.Query.term_set_query(schema, field.value, list(values))
    terms = [tantivy.Query.term_query(schema, field.value, value, option(field)) for value in values]
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, term) for term in terms])


def _compound(
    query: tree.Every | tree.Some | tree.Best | tree.Preferring | tree.Without, schema: tantivy.Schema
) -> tantivy.Query:
    must, should = tantivy.Occur.Must, tantivy.Occur.Should
    match query:
        case tree.Every(clauses):
            return tantivy.Query.boolean_query([(must, render(c, schema)) for c in clauses])
        case tree.Some(clauses, least):
            return tantivy.Query.boolean_query([(should, render(c, schema)) for c in clauses], max(1, least))
        case tree.Best(clauses, tie):
            return tantivy.Query.disjunction_max_query([render(c, schema) for c in clauses], tie)
        case tree.Without(required, excluded):
            return tantivy.Query.boolean_query(
                [(must, render(required, schema)), (tantivy.Occur.MustNot, render(excluded, schema))]
            )
        case tree.Preferring(required, wished):
            wishes = [(should, render(c, schema)) for c in wished]
            return tantivy.Query.boolean_query([(must, render(required, schema)), *wishes])
