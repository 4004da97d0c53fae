"""Which rules hold for a kind of record, for this reader: read from what the engine itself goes by (UIX-09)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from kezhou import records
from kezhou.records.fields import Context, Format
from kezhou.records.numbering import setting as numbering
from kezhou.records.spec import FieldSpec, Purpose, TypeSpec

if TYPE_CHECKING:
    from kezhou.access.actor import MemberActor


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """A titled list of sentences."""

    title: str
    lines: tuple[str, ...]


def rules(actor: MemberActor, spec: TypeSpec) -> tuple[RuleGroup, ...]:
    """Everything that can refuse or change a save, by group; groups without any are left out."""
    fields = records.fields_for(spec, actor, Purpose.READ)
    groups = (
        (_("你能做什么"), _operations(spec)),
        (_("必填"), _required(fields)),
        (_("限制"), _limits(fields)),
        (_("查重"), _twins(spec, fields)),
        (_("编号"), _number(spec)),
        (_("状态"), _states(spec)),
        (_("条件规则"), (str(rule.title) for rule in spec.rules)),
    )
    return tuple(RuleGroup(title, lines) for title, found in groups if (lines := tuple(found)))


def _operations(spec: TypeSpec) -> Iterator[str]:
    words = {
        "read": _("查看"),
        "create": _("新建"),
        "update": _("修改"),
        "delete": _("删除"),
        "import": _("导入"),
        "export": _("导出"),
    }
    held = [label for key, label in words.items() if key in spec.operations]
    yield _("在你的范围内可以：%(what)s。") % {"what": "、".join(held)}


def _required(fields: tuple[FieldSpec, ...]) -> Iterator[str]:
    named = [str(field.label) for field in fields if field.required and not field.system]
    if named:
        yield _("必须填写：%(fields)s。") % {"fields": "、".join(named)}


def _limits(fields: tuple[FieldSpec, ...]) -> Iterator[str]:
    for field in fields:
        if not field.system and (said := "；".join(_limits_of(field))):
            yield _("%(label)s：%(limits)s") % {"label": field.label, "limits": said}


def _limits_of(field: FieldSpec) -> Iterator[str]:
    if field.minimum is not None:
        yield _("不能小于 %(value)s") % {"value": _shown(field, field.minimum)}
    if field.maximum is not None:
        yield _("不能大于 %(value)s") % {"value": _shown(field, field.maximum)}
    if field.custom and field.max_length:
        yield _("最多 %(n)s 个字") % {"n": field.max_length}
    if field.min_length:
        yield _("至少 %(n)s 个字") % {"n": field.min_length}
    if field.pattern:
        yield str(field.pattern_hint) or _("要符合规定的格式")
    if field.unique:
        yield _("不能和别的记录重复")
    if field.parent:
        yield _("要和上级选项相配")


def _shown(field: FieldSpec, limit: object) -> str:
    """A limit in words, with its unit; what a model says is a plain number."""
    text = field.kind.text(field.kind.parse(str(limit), field, Context()), field, Format())
    return f"{text} {field.unit}".strip()


def _twins(spec: TypeSpec, fields: tuple[FieldSpec, ...]) -> Iterator[str]:
    labels = {field.key: str(field.label) for field in fields}
    for group in spec.twins:
        if all(key in labels for key in group):
            names = _("和").join(labels[key] for key in group)
            yield _("%(fields)s相同时，新建前会提醒，确认不是同一个才能继续。") % {"fields": names}


def _number(spec: TypeSpec) -> Iterator[str]:
    for rule in spec.numbering:
        if rule.mode == "manual":
            yield _("编号由新建的人填写，不能和别的记录重复。")
        else:
            yield _("编号按规则给出，下一个例如 %(example)s。") % {"example": numbering.preview(spec, rule)[0]}
    if not spec.numbering and "number" in spec.by_key and (example := numbering.default_example(spec)):
        yield _("编号由系统给出，给过的不会再用，例如 %(example)s。") % {"example": example}


def _states(spec: TypeSpec) -> Iterator[str]:
    if spec.states is None or spec.states.field not in spec.by_key:
        return
    field = spec.by_key[spec.states.field]
    label = {option.key: str(option.label) for option in field.options}
    for way in spec.states.transitions:
        sources = "、".join(label.get(key, _("任何状态")) for key in way.sources) or _("任何状态")
        yield _("%(source)s → %(target)s") % {"source": sources, "target": label.get(way.target, way.target)}
    for state in spec.states.states:
        needed = "、".join(str(spec.by_key[key].label) for key in state.required if key in spec.by_key)
        if needed:
            yield _("“%(state)s”时要填好：%(fields)s") % {"state": label.get(state.key, state.key), "fields": needed}
