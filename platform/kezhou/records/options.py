"""What a choice field offers: the values of its dictionary as a tree, cut to the level that the field stands for (CFG-03).

A dictionary may be a tree (行业 over 行业细分 over 产品). A field that names no `parent` and narrows none offers all of it; of fields that
narrow each other the first offers the first level, the next the second.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from kezhou.records.spec import FieldSpec, OptionSpec

DEEPEST = 5


def in_tree(options: Sequence[OptionSpec]) -> tuple[OptionSpec, ...]:
    """The options with every value behind the one above it, each with its depth; below a switched-off value all is switched off.

    A value whose parent does not exist stands at the top; whatever stands in a circle as well.
    """
    known = {option.key for option in options}
    below: dict[str, list[OptionSpec]] = {}
    for option in options:
        below.setdefault(option.parent if option.parent in known else "", []).append(option)
    found = list(_walk(below, "", depth=0, enabled=True))
    seen = {option.key for option in found}
    return (*found, *(replace(option, parent="") for option in options if option.key not in seen))


def _walk(below: Mapping[str, list[OptionSpec]], parent: str, *, depth: int, enabled: bool) -> Iterable[OptionSpec]:
    for option in below.get(parent, ()):
        on = option.enabled and enabled
        as_it_is = (option.parent, option.depth, option.enabled) == (parent, depth, on)
        yield option if as_it_is else replace(option, parent=parent, depth=depth, enabled=on)
        if option.key != parent:
            yield from _walk(below, option.key, depth=depth + 1, enabled=on)


def offering(fields: Sequence[FieldSpec], options: Mapping[str, tuple[OptionSpec, ...]]) -> tuple[FieldSpec, ...]:
    """The fields with the options that each offers, and the dictionary's default where a field has none of its own."""
    known = {field.key: field for field in fields}
    narrowing = {field.parent for field in fields if _chained(field, known)}
    return tuple(_offering(field, known, narrowing, options) if field.dictionary else field for field in fields)


def _chained(field: FieldSpec, known: Mapping[str, FieldSpec]) -> bool:
    above = known.get(field.parent) if field.parent else None
    return above is not None and above.dictionary == field.dictionary


def _offering(
    field: FieldSpec,
    known: Mapping[str, FieldSpec],
    narrowing: set[str],
    options: Mapping[str, tuple[OptionSpec, ...]],
) -> FieldSpec:
    every = options.get(str(field.dictionary), ())
    chained = _chained(field, known)
    if chained or field.key in narrowing:
        every = tuple(option for option in every if option.depth == level(field, known))
    default = field.default
    if default in (None, "", ()) and not field.system and not chained:
        default = next((option.key for option in every if option.default and option.enabled), field.default)
    return replace(field, options=every, default=default, parent=field.parent if chained else "")


def level(field: FieldSpec, known: Mapping[str, FieldSpec]) -> int:
    """How many fields stand above this one."""
    depth, seen = 0, {field.key}
    while _chained(field, known) and field.parent not in seen:
        seen.add(field.parent)
        field, depth = known[field.parent], depth + 1
    return depth
