"""A tenant's own fields and dictionaries as specs: two statements whenever the shape version has changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from kezhou.records.models import CustomField, DictionaryValue
from kezhou.records.options import in_tree
from kezhou.records.spec import FieldSpec, OptionSpec, TypeSpec

Own = Mapping[str, tuple[FieldSpec, ...]]
Options = Mapping[str, tuple[OptionSpec, ...]]


def load(present: Mapping[str, TypeSpec]) -> tuple[Own, Options]:
    """Own fields by type key, and options by dictionary key, of the present tenant."""
    own: dict[str, tuple[FieldSpec, ...]] = defaultdict(tuple)
    for row in CustomField.objects.filter(removed=False, type__in=present).order_by("position", "id"):
        own[row.type] += (field_spec(row),)
    options: dict[str, list[OptionSpec]] = defaultdict(list)
    rows = DictionaryValue.objects.order_by("dictionary_id", "position", "id")
    for dictionary, *value in rows.values_list("dictionary_id", *_OF_OPTION):
        options[dictionary].append(_option(*value))
    return own, {key: in_tree(found) for key, found in options.items()}


_OF_OPTION = ("key", "label", "hue", "enabled", "aliases", "parent", "default", "merged")


def option_of(row: DictionaryValue) -> OptionSpec:
    """One value as fields show it; where it stands in the tree is not known yet."""
    return _option(*(getattr(row, name) for name in _OF_OPTION))


def _option(
    key: str, label: str, hue: str, enabled: bool, aliases: list[str], parent: str, default: bool, merged: str
) -> OptionSpec:
    return OptionSpec(
        key=key,
        label=label,
        hue=hue,
        enabled=enabled and not merged,
        aliases=tuple(aliases),
        parent=parent,
        default=default,
        merged=merged,
    )


def field_spec(row: CustomField) -> FieldSpec:
    """One own field as readers see it."""
    from kezhou.records.derived.definitions import derived_of  # needs field types
    from kezhou.records.fields import custom_facts, field_types  # field types need Django's models

    how, result, rules = derived_of(row.kind, row.rules)
    return FieldSpec(
        key=f"c_{row.pk}",
        type=result,
        label=row.label,
        help=row.help,
        required=row.required,
        unique=row.unique,
        dictionary=row.dictionary or None,
        target=row.target or None,
        searchable=row.searchable,
        listed=row.listed,
        classes=tuple(row.classes),
        indexed=row.indexed and row.index_state == "built",
        personal=row.personal or field_types()[result].personal,
        pk=row.pk,
        system=how is not None,
        derived=how,
        **custom_facts(result, rules),
    )
