"""What the rules of a type say about one record as it stands in a form or is about to be saved: the only evaluator there is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kezhou.records import trees
from kezhou.records.fields import Context
from kezhou.records.reading import context as reading_context
from kezhou.records.rules.declared import Rule
from kezhou.records.rules.evaluating import holds
from kezhou.records.spec import RecordError, TypeSpec

if TYPE_CHECKING:
    from kezhou.access.actor import Actor


@dataclass(frozen=True, slots=True)
class Demand:
    """A field that a rule demands or narrows: the rule's title, and the fields on which that depends."""

    rule: str
    depends: frozenset[str]
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """`hidden` fields are not shown (and not demanded); `problems` are pairs of field and sentence that refuse the save."""

    hidden: frozenset[str] = frozenset()
    required: Mapping[str, Demand] = field(default_factory=dict)
    readonly: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Demand] = field(default_factory=dict)
    problems: tuple[tuple[str, str], ...] = ()


NOTHING = Outcome()


def depends(rule: Rule) -> frozenset[str]:
    """The fields that a rule's condition asks."""
    return frozenset(leaf.field for leaf in trees.leaves(trees.parse(list(rule.when) or None)))


def outcome(
    actor: Actor,
    spec: TypeSpec,
    values: Mapping[str, Any],
    *,
    before: Mapping[str, Any] | None = None,
    context: Context | None = None,
) -> Outcome:
    """What holds for these values; `before` are those of the saved record, None for a new one.

    A field is read-only only when the rule held for the saved record too: who makes it hold may still finish the same form.
    """
    if not spec.rules:
        return NOTHING
    when = context or reading_context()
    sorted_out = [(rule, _asked(rule, spec, values, actor, when)) for rule in spec.rules]
    on = [rule for rule, now in sorted_out if now]
    locking = [rule for rule in on if before is not None and _asked(rule, spec, before, actor, when)]
    return Outcome(
        hidden=_hidden(spec.rules, on),
        required={key: Demand(str(rule.title), depends(rule)) for rule, key, _effect in _effects(on, "require")},
        readonly={key: str(rule.title) for rule, key, _effect in _effects(locking, "readonly")},
        options=_options(on),
        problems=tuple(
            (effect.fields[0] if effect.fields else "", str(effect.message))
            for rule in on
            for effect in rule.effects
            if effect.do == "refuse"
        ),
    )


def _asked(rule: Rule, spec: TypeSpec, values: Mapping[str, Any], actor: Actor, context: Context) -> bool | None:
    """Whether a rule holds; None for one that names what is gone, which is then without effect."""
    try:
        return holds(trees.parse(list(rule.when) or None), spec, values, actor, context)
    except RecordError:
        return None


def _effects(rules: Iterable[Rule], do: str) -> list[tuple[Rule, str, Any]]:
    return [
        (rule, key, effect) for rule in rules for effect in rule.effects if effect.do == do for key in effect.fields
    ]


def _hidden(rules: Iterable[Rule], on: Iterable[Rule]) -> frozenset[str]:
    conditional = {key for _rule, key, _effect in _effects(rules, "show")}
    shown = {key for _rule, key, _effect in _effects(on, "show")}
    return frozenset((conditional - shown) | {key for _rule, key, _effect in _effects(on, "hide")})


def _options(on: Iterable[Rule]) -> dict[str, Demand]:
    """Several rules on one field leave what all of them allow."""
    found: dict[str, Demand] = {}
    for rule, key, effect in _effects(on, "options"):
        old = found.get(key)
        kept = tuple(one for one in effect.options if old is None or one in old.options)
        asked = depends(rule) | (old.depends if old else frozenset())
        found[key] = Demand(str(rule.title), asked, kept)
    return found
