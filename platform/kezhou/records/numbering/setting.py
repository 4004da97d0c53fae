"""Rules as administrators set them: reading, changing, and what the next numbers would be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou.records import dictionaries, shape
from kezhou.records.catalogue import shaped
from kezhou.records.fields.pinyin import sort_key
from kezhou.records.numbering.models import NumberCounter, NumberRule
from kezhou.records.numbering.rules import NumberingError, Part, Rule, demand_sound
from kezhou.records.spec import FieldSpec, TypeSpec, UnknownType
from tenants.context import current

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

PREVIEWED = 3


def numberable(actor: Actor) -> tuple[TypeSpec, ...]:
    """The types whose records have numbers of their own: everything but lines and what only the core keeps."""
    found = [spec for spec in shaped(actor).types.values() if spec.parent is None and not spec.key.startswith("core.")]
    return tuple(sorted(found, key=lambda spec: (spec.order, spec.key)))


def category_fields(spec: TypeSpec) -> tuple[FieldSpec, ...]:
    """The choice fields that can stand in a number, the record's class first."""
    first = (spec.class_field, spec.search.category)
    found = [field for field in spec.fields if field.type == "choice" and field.options]
    return tuple(sorted(found, key=lambda field: first.index(field.key) if field.key in first else len(first)))


def codes_of(field: FieldSpec, given: Mapping[str, str] | None = None) -> dict[str, str]:
    """What stands in a number for each value: what was given, else the first letters of its pinyin, in capitals."""
    known = given or {}
    return {option.key: known.get(option.key) or _initials(str(option.label)) for option in field.options}


def _initials(label: str) -> str:
    syllables = (sort_key(label) or "").rpartition(" ")[0].split()
    return "".join(syllable[0] for syllable in syllables if syllable[:1].isalnum()).upper()[:4]


def rules_of(actor: Actor, type: str) -> tuple[Rule, ...]:
    """The rules of a type, those of one category first. Raises UnknownType."""
    return _type(actor, type).numbering


def set_rule(actor: Actor, type: str, rule: Rule) -> Rule:
    """Set the rule of a type (or of the rule's category); it numbers records made from now on.

    `rule.version` is the version that was changed, 0 for a new rule. Raises NumberingError and NotAllowed.
    """
    dictionaries.demand_admin(actor)
    spec = _type(actor, type)
    rule = _with_codes(spec, rule)
    demand_sound(rule, spec.by_key)
    with transaction.atomic():
        row = NumberRule.objects.select_for_update().filter(type=spec.key, category=rule.category).first()
        if (row.version if row else 0) != rule.version:
            raise NumberingError(_("这条编号规则刚被别人改过，请看过现在的规则再改。"), field="version")
        row = row or NumberRule(type=spec.key, category=rule.category, version=0)
        row.category_field, row.mode, row.restart = rule.category_field, rule.mode, rule.restart
        row.per_category, row.gapless, row.codes = rule.per_category, rule.gapless, dict(rule.codes)
        row.parts = [[part.kind, part.value] for part in rule.parts]
        row.version += 1
        row.save()
        shape.bump()
    return replace(rule, pk=row.pk, version=row.version)


def _with_codes(spec: TypeSpec, rule: Rule) -> Rule:
    field = spec.by_key.get(rule.category_field)
    if rule.category and (field is None or field.option(rule.category) is None):
        raise NumberingError(_("没有类别“%(category)s”。") % {"category": rule.category}, field="category_field")
    codes = codes_of(field, rule.codes) if field is not None else {}
    return replace(rule, codes={key: code.strip()[:10] for key, code in codes.items()})


def remove_rule(actor: Actor, type: str, category: str = "") -> None:
    """Go back to the prefix and the row's serial (for a category: to the type's rule). Numbers given stay."""
    dictionaries.demand_admin(actor)
    spec = _type(actor, type)
    with transaction.atomic():
        NumberRule.objects.filter(type=spec.key, category=category).delete()
        shape.bump()


def preview(
    spec: TypeSpec, rule: Rule, *, values: Mapping[str, Any] | None = None, at: datetime | None = None
) -> Sequence[str]:
    """The next numbers of a rule, without taking them. Raises NumberingError for one that cannot be."""
    rule = _with_codes(spec, rule)
    demand_sound(rule, spec.by_key)
    if rule.mode == "manual":
        return ()
    at = (at or timezone.now()).astimezone(current().zone)
    values = values or _example(spec, rule)
    last = NumberCounter.objects.filter(key=rule.scope(values, at)).values_list("last", flat=True).first() or 0
    return tuple(rule.number(last + step, values, at) for step in range(1, PREVIEWED + 1))


def _example(spec: TypeSpec, rule: Rule) -> dict[str, Any]:
    field = spec.by_key.get(rule.category_field)
    options = [option.key for option in field.options if option.enabled] if field else []
    return {rule.category_field: rule.category or options[0]} if options else {}


def default_example(spec: TypeSpec) -> str:
    """What numbers look like without a rule."""
    prefix = spec.declaration.number
    return f"{prefix}000001" if prefix else ""


def blank_rule(spec: TypeSpec) -> Rule:
    """The rule that the editor begins with: the type's prefix, year and month, four digits."""
    prefix = spec.declaration.number
    parts = (Part("time", "YYYYMM"), Part("serial", "4"))
    return Rule(parts=(Part("text", prefix), *parts) if prefix else parts, restart="month")


def _type(actor: Actor, key: str) -> TypeSpec:
    if key not in shaped(actor).types:
        raise UnknownType(_("没有“%(type)s”这类记录，或者它没有启用。") % {"type": key})
    return shaped(actor).types[key]
