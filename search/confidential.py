"""Confidential fields in the index (SRH-13): what some role may not see lies apart, under the field's key, so that those who may see it
search it and the others search everything else.

Which fields lie apart is remembered with the index. A field that is hidden from an actor and not known to lie apart, as for
some moments after a change of roles, closes the whole part of the record that it flows into: too little is found, never too much.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from kezhou.access.confidential import hidden_from_some
from kezhou.records.spec import TypeSpec
from search.engines.base import Engine, Reader

REMEMBERED = "apart"
NONE: frozenset[str] = frozenset()
Apart = Mapping[str, frozenset[str]]
OPEN: Apart = MappingProxyType({})


def wanted(types: Mapping[str, TypeSpec]) -> Apart:
    """What is to lie apart by the roles of now. A title never does: it is what hits are called."""
    found = hidden_from_some()
    return {key: keys for key, spec in types.items() if (keys := frozenset(_keys(spec, found)))}


def _keys(spec: TypeSpec, found: Apart) -> Iterator[str]:
    yield from found.get(spec.key, NONE) - {spec.search.title, spec.title_field}
    for lines in spec.lines:
        yield from (f"{lines.key}.{key}" for key in found.get(lines.type, NONE))


def known(held: Engine | Reader) -> Apart:
    """What lies apart in the index."""
    said: dict[str, list[str]] = json.loads(held.remembered(REMEMBERED) or "{}")
    return {key: frozenset(keys) for key, keys in said.items()}


def remember(engine: Engine, apart: Apart) -> None:
    """Say what lies apart from now on."""
    engine.remember(REMEMBERED, json.dumps({key: sorted(keys) for key, keys in sorted(apart.items()) if keys}))


def both(one: Apart, other: Apart) -> Apart:
    """What lies apart by either: documents of single records are never more open than the index is known to be."""
    return {key: one.get(key, NONE) | other.get(key, NONE) for key in {*one, *other}}


def common(one: Apart, other: Apart) -> Apart:
    """What lies apart by both: all that may be relied on while types are indexed anew."""
    return {key: one[key] & other[key] for key in one.keys() & other.keys()}
