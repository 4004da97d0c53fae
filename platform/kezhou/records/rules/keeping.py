"""The rules that administrators make: loaded with the tenant's shape, checked for sense before they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from kezhou.records import dictionaries, shape, trees
from kezhou.records.models import RuleRow
from kezhou.records.reading import context as reading_context
from kezhou.records.rules.declared import EFFECTS, Effect, Rule
from kezhou.records.rules.evaluating import holds
from kezhou.records.rules.loading import rule_of
from kezhou.records.rules.outcome import depends
from kezhou.records.spec import RecordError, TypeSpec, UnknownType

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

LONGEST_TITLE = 60
LONGEST_MESSAGE = 200
MOST_RULES = 100


class RuleError(RecordError):
    """A rule that cannot be; `field` names the input: title, when, or effect and its number, such as effect-2."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        self.field = field
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Kept:
    """A rule as its settings page lists it; `broken` says why it is without effect at present."""

    rule: Rule
    enabled: bool
    position: int
    broken: str = ""


def _type(actor: Actor, key: str) -> TypeSpec:
    from kezhou.records.catalogue import shaped  # which loads rules

    dictionaries.demand_admin(actor)
    if key not in shaped(actor).types:
        raise UnknownType(_("没有“%(type)s”这类记录，或者它没有启用。") % {"type": key})
    return shaped(actor).types[key]


def kept(actor: Actor, type: str) -> tuple[Kept, ...]:
    """All rules of a type made here, those that are off included. Raises NotAllowed."""
    spec = _type(actor, type)
    rows = RuleRow.objects.filter(type=spec.key).order_by("position", "id")
    return tuple(Kept(rule_of(row), row.enabled, row.position, _broken(actor, spec, rule_of(row))) for row in rows)


def _broken(actor: Actor, spec: TypeSpec, rule: Rule) -> str:
    try:
        _sensible(actor, spec, rule)
    except RecordError as error:
        return str(error)
    return ""


def keep(
    actor: Actor,
    type: str,
    *,
    title: str,
    when: Any,
    effects: Sequence[Effect],
    pk: int | None = None,
    enabled: bool = True,
) -> Kept:
    """Make or change a rule; it is in force at once. Raises RuleError at its input, NotAllowed."""
    spec = _type(actor, type)
    title = title.strip()
    if not 0 < len(title) <= LONGEST_TITLE:
        raise RuleError(_("规则名称要有 1 到 %(limit)s 个字。") % {"limit": LONGEST_TITLE}, field="title")
    try:
        tree = trees.parse(when or None)
    except RecordError as error:
        raise RuleError(str(error), field="when") from None
    empty = isinstance(tree, trees.Group) and not tree.parts
    rule = Rule(title, () if empty else tuple(trees.dump(tree)), tuple(effects), pk)
    _sensible(actor, spec, rule)
    _demand_no_clash(spec, rule)
    with transaction.atomic():
        row = _row(spec, pk) if pk else RuleRow(type=spec.key, position=_next(spec))
        row.title, row.condition, row.enabled = title, list(rule.when), enabled
        row.effects = [{**asdict(each), "message": str(each.message)} for each in rule.effects]
        row.save()
        shape.bump()
    return Kept(rule_of(row), row.enabled, row.position)


def _row(spec: TypeSpec, pk: int) -> RuleRow:
    row = RuleRow.objects.select_for_update().filter(type=spec.key, pk=pk).first()
    if row is None:
        raise RuleError(_("没有这条规则，可能已被别人删除。请刷新后再看。"))
    return row


def _next(spec: TypeSpec) -> int:
    rows = RuleRow.objects.filter(type=spec.key).order_by("-position")
    if rows.count() >= MOST_RULES:
        raise RuleError(_("每类记录最多 %(limit)s 条规则。") % {"limit": MOST_RULES})
    last = rows.values_list("position", flat=True).first()
    return (last or 0) + 10


def remove(actor: Actor, type: str, pk: int) -> None:
    """Delete a rule for good."""
    spec = _type(actor, type)
    with transaction.atomic():
        _row(spec, pk).delete()
        shape.bump()


def switch(actor: Actor, type: str, pk: int, *, on: bool) -> None:
    """Switch a rule on or off; one that makes no sense any more stays off. Raises RuleError."""
    spec = _type(actor, type)
    with transaction.atomic():
        row = _row(spec, pk)
        if on:
            _sensible(actor, spec, rule_of(row))
        row.enabled = on
        row.save(update_fields=["enabled"])
        shape.bump()


def move(actor: Actor, type: str, pk: int, *, up: bool) -> None:
    """Change places with the rule before or after."""
    spec = _type(actor, type)
    with transaction.atomic():
        rows = list(RuleRow.objects.select_for_update().filter(type=spec.key).order_by("position", "id"))
        place = next((n for n, row in enumerate(rows) if row.pk == pk), None)
        if place is None:
            raise RuleError(_("没有这条规则，可能已被别人删除。请刷新后再看。"))
        other = place - 1 if up else place + 1
        if 0 <= other < len(rows):
            rows[place], rows[other] = rows[other], rows[place]
        for number, row in enumerate(rows):
            row.position = (number + 1) * 10
        RuleRow.objects.bulk_update(rows, ["position"])
        shape.bump()


# -- sense -------------------------------------------------------------------------------------------------------------


def _sensible(actor: Actor, spec: TypeSpec, rule: Rule) -> None:
    """Refuse conditions that cannot be asked and effects that contradict themselves."""
    try:
        holds(trees.parse(list(rule.when) or None), spec, {}, actor, reading_context())
    except RecordError as error:
        raise RuleError(str(error), field="when") from None
    if not rule.effects:
        raise RuleError(_("请至少给一个结果：显示、必填、只读、限定选项或不许保存。"), field="effect-0")
    for number, effect in enumerate(rule.effects):
        _effect(spec, rule, effect, f"effect-{number}")
    _demand_no_contradiction(spec, rule)


def _effect(spec: TypeSpec, rule: Rule, effect: Effect, place: str) -> None:
    if effect.do not in EFFECTS:
        raise RuleError(_("没有“%(do)s”这种结果。") % {"do": effect.do[:20]}, field=place)
    if not effect.fields and effect.do != "refuse":
        raise RuleError(_("请选择字段。"), field=place)
    for key in effect.fields:
        if key not in spec.by_key:
            raise RuleError(_("“%(type)s”没有字段“%(field)s”。") % {"type": spec.title, "field": key[:40]}, field=place)
        if spec.by_key[key].system and effect.do in {"require", "readonly", "options"}:
            shown = {"field": spec.by_key[key].label}
            raise RuleError(_("“%(field)s”由系统填写，不用也不能这样限制。") % shown, field=place)
    _CHECKS.get(effect.do, _nothing_more)(spec, rule, effect, place)


def _nothing_more(spec: TypeSpec, rule: Rule, effect: Effect, place: str) -> None:
    """Effects that are right when their fields are."""


def _refusal(spec: TypeSpec, rule: Rule, effect: Effect, place: str) -> None:
    if not 0 < len(str(effect.message).strip()) <= LONGEST_MESSAGE:
        limit = {"limit": LONGEST_MESSAGE}
        raise RuleError(_("请写明不许保存时说的话，1 到 %(limit)s 个字。") % limit, field=place)
    if not rule.when:
        raise RuleError(_("没有条件的“不许保存”会让什么都存不了，请加条件。"), field="when")


def _narrowing(spec: TypeSpec, rule: Rule, effect: Effect, place: str) -> None:
    known = {option.key: option for option in spec.by_key[effect.fields[0]].options}
    if not known:
        raise RuleError(_("“%(field)s”不是选项字段。") % {"field": spec.by_key[effect.fields[0]].label}, field=place)
    if not [key for key in effect.options if key in known and known[key].enabled]:
        raise RuleError(_("请至少留一个启用的选项，否则这个字段没法填。"), field=place)


def _hiding(spec: TypeSpec, rule: Rule, effect: Effect, place: str) -> None:
    asked = [key for key in effect.fields if key in depends(rule)]
    if asked:
        shown = {"field": spec.by_key[asked[0]].label}
        raise RuleError(_("条件里用到的“%(field)s”不能被同一条规则隐藏，否则再也改不回来。") % shown, field=place)


_CHECKS = {"refuse": _refusal, "options": _narrowing, "hide": _hiding, "show": _hiding}


def _demand_no_contradiction(spec: TypeSpec, rule: Rule) -> None:
    named: dict[str, set[str]] = {do: set() for do in EFFECTS}
    for effect in rule.effects:
        named[effect.do] |= set(effect.fields)
    pairs = (
        ("hide", "require", _("既隐藏又必填")),
        ("hide", "show", _("既隐藏又显示")),
        ("readonly", "require", _("既只读又必填")),
        ("readonly", "options", _("既只读又限定选项")),
    )
    for one, other, words in pairs:
        for key in sorted(named[one] & named[other]):
            shown = {"field": spec.by_key[key].label, "words": words}
            raise RuleError(_("“%(field)s”%(words)s，自相矛盾，请去掉一个。") % shown, field="effect-0")


def _demand_no_clash(spec: TypeSpec, rule: Rule) -> None:
    """Another rule of the very same condition may not say the opposite, nor leave no option together with this one."""
    for other in spec.rules:
        if other.pk != rule.pk and list(other.when) == list(rule.when):
            joined = Rule(rule.title, rule.when, (*rule.effects, *other.effects))
            try:
                _demand_no_contradiction(spec, joined)
                _demand_options_left(spec, joined)
            except RuleError as error:
                sentence = _("与规则“%(other)s”条件相同而结果相反：%(why)s") % {"other": other.title, "why": error}
                raise RuleError(sentence, field=error.field) from None


def _demand_options_left(spec: TypeSpec, rule: Rule) -> None:
    left: dict[str, set[str]] = {}
    for effect in rule.effects:
        if effect.do == "options":
            for key in effect.fields:
                left[key] = left.get(key, set(effect.options)) & set(effect.options)
    for key, options in left.items():
        if not options:
            shown = {"field": spec.by_key[key].label}
            raise RuleError(_("“%(field)s”一个选项也不剩。") % shown, field="effect-0")


def warnings(spec: TypeSpec, rule: Rule) -> tuple[str, ...]:
    """What is allowed but may surprise: rules that can meet and then weaken each other."""
    said = []
    hidden = {key: other for other in spec.rules if other.pk != rule.pk for effect in other.effects
              if effect.do in {"hide", "show"} for key in effect.fields}  # fmt: skip
    for effect in rule.effects:
        for key in effect.fields:
            if effect.do == "require" and key in hidden:
                shown = {"field": spec.by_key[key].label, "other": hidden[key].title}
                said.append(_("“%(field)s”可能被规则“%(other)s”隐藏，那时不要求填写。") % shown)
    return tuple(said)
