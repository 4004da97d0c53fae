"""How the fields lie in Elasticsearch: the same tokens as in the embedded engine, cut at spaces only."""

from __future__ import annotations

from typing import Any

from search.schema import SCHEMA_VERSION, SHAPES, Field, FieldShape

PLACE = "place"
"""The field that every document and every request carries: tenant and build. Routing is a shard, not a fence."""


def pointers_alias(prefix: str) -> str:
    """The alias of the index that says which builds are live; of this schema version, so that a new one starts anew."""
    return f"{prefix}-v{SCHEMA_VERSION}-live"


def index_alias(prefix: str, part: int) -> str:
    """The alias of one shared index; an alias, so that an index can be made anew behind it."""
    return f"{prefix}-v{SCHEMA_VERSION}-p{part:02d}"


def _property(field: Field, shape: FieldShape) -> dict[str, Any]:
    match shape.shape:
        case "number":
            return {"type": "long", "index": shape.sortable, "doc_values": True}
        case "moment":
            return {"type": "long", "doc_values": True}
        case "kept":
            return {"type": "keyword", "index": False, "doc_values": False}
        case "raw":
            return {"type": "keyword", "doc_values": shape.sortable, "ignore_above": 8191}
        case "tokens":
            return {"type": "text", "analyzer": "whitespace", "index_options": "freqs"}
        case _:
            return {"type": "text", "analyzer": "whitespace", "index_options": "positions"}


def documents_index(*, shards: int, replicas: int) -> dict[str, Any]:
    """Settings and strict mapping of a shared index. `_source` keeps only what is asked back: no text can be read there."""
    kept = [field.value for field, shape in SHAPES.items() if shape.stored]
    return {
        "settings": {"number_of_shards": shards, "number_of_replicas": replicas, "refresh_interval": "30s"},
        "mappings": {
            "dynamic": "strict",
            "_routing": {"required": True},
            "_source": {"includes": kept},
            "properties": {PLACE: {"type": "keyword"}} | {f.value: _property(f, shape) for f, shape in SHAPES.items()},
        },
    }


def pointers_index(*, replicas: int) -> dict[str, Any]:
    """Settings and strict mapping of the small index that says which build of a tenant is live."""
    return {
        "settings": {"number_of_shards": 1, "number_of_replicas": replicas},
        "mappings": {
            "dynamic": "strict",
            "properties": {
                "key": {"type": "keyword"},
                "part": {"type": "integer"},
                "build": {"type": "long"},
                "written_at": {"type": "keyword", "index": False},
                "facts": {"type": "object", "enabled": False},
            },
        },
    }
