"""Whether declared computed columns and rules can work: asked once, when the registry freezes, so that a wrong one stops the start."""

from __future__ import annotations

from collections.abc import Mapping

from kezhou.records import trees
from kezhou.records.derived.declared import Formula
from kezhou.records.derived.formula import RESULTS, compiled
from kezhou.records.derived.graph import build
from kezhou.records.rules.declared import EFFECTS, Rule
from kezhou.records.spec import FieldSpec, RecordError, TypeSpec
from kezhou.records.types import DeclarationError

ON_INPUT = frozenset({"require", "readonly", "options"})
"""Effects that make no sense for a value that nobody enters."""


def demand(types: Mapping[str, TypeSpec]) -> None:
    """Raise DeclarationError for the first computed column or rule that names what is not there or goes round in a circle."""
    for (type_key, key), why in sorted(build(types).broken.items()):
        raise DeclarationError(f"Record type {type_key} computes “{key}” in a way that cannot be: {why}")
    for spec in types.values():
        for each in spec.fields:
            _demand_result(spec, each)
        for rule in spec.rules:
            _demand_rule(spec, rule)


def _demand_result(spec: TypeSpec, each: FieldSpec) -> None:
    if not isinstance(each.derived, Formula):
        return
    kind = compiled(each.derived.text, spec.fields).kind
    if RESULTS.get(each.type) != kind:
        raise DeclarationError(
            f"The formula of “{each.key}” in record type {spec.key} gives a {kind}, which a {each.type} column cannot hold."
        )


def _demand_rule(spec: TypeSpec, rule: Rule) -> None:
    place = f"The rule “{rule.title}” of record type {spec.key}"
    try:
        asked = [leaf.field for leaf in trees.leaves(trees.parse(list(rule.when) or None))]
    except RecordError as error:
        raise DeclarationError(f"{place} has a condition that cannot be asked: {error}") from error
    for key in asked:
        if key not in spec.by_key:
            raise DeclarationError(f"{place} asks for “{key}”, and there is no such field.")
    for effect in rule.effects:
        if effect.do not in EFFECTS:
            raise DeclarationError(f"{place} wants “{effect.do}”; known are: {', '.join(EFFECTS)}.")
        for key in effect.fields:
            if effect.do in ON_INPUT and spec.by_key[key].system:
                raise DeclarationError(f"{place} wants “{effect.do}” for “{key}”, which nobody enters.")
        if effect.do == "options" and not effect.options:
            raise DeclarationError(f"{place} leaves nothing to choose for “{effect.fields[0]}”.")
        if effect.do == "refuse" and not (rule.when and str(effect.message)):
            raise DeclarationError(f"{place} refuses without a condition or without a sentence.")
