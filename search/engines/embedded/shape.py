"""The fields of the index as tantivy keeps them."""

from __future__ import annotations

from functools import cache

import tantivy

from search.schema import SHAPES, Field

_TOKENIZER = {"raw": "raw", "tokens": "whitespace", "positions": "whitespace"}
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


@cache
def schema() -> tantivy.Schema:
    """The schema of every index; one object, since each query and document is made with it."""
    builder = tantivy.SchemaBuilder()
    for field, shape in SHAPES.items():
        if shape.shape in {"number", "moment"}:
            found = shape.sortable and shape.shape == "number"
            builder.add_integer_field(field.value, stored=shape.stored, indexed=found, fast=shape.sortable)
        elif shape.shape == "kept":
            builder.add_bytes_field(field.value, stored=True, indexed=False, fast=False)
        else:
            builder.add_text_field(
                field.value, stored=shape.stored, fast=shape.sortable,
                tokenizer_name=_TOKENIZER[shape.shape], index_option=option(field),
            )  # fmt: skip
    return builder.build()
