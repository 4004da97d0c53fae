"""The panel of one own field: its form, what a switch costs, and what hiding it means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from kezhou.pages import PageRequest
from kezhou.records import custom, dictionaries, retyping
from kezhou.records.custom import OwnField
from kezhou.records.dictionary.making import OWN
from kezhou.records.fields import field_types
from kezhou.records.spec import FieldSpec, TypeSpec
from kezhou.web.settings.field_form import HUES, ON_DELETE, PARENT, RULES, WHEN_DELETED, FieldForm
from kezhou.web.settings.field_uses import places


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The field that is open at the right: `key` is `new` or an own field's; `extra` empty rows follow the options."""

    key: str
    form: FieldForm
    own: OwnField | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    upgrade_url: str = ""
    extra: int = 1

    @property
    def refused(self) -> bool:
        """Whether it was sent and not taken."""
        return bool(self.errors or self.problem)


def panel(request: PageRequest, opened: Opened, offered_types: Sequence[TypeSpec]) -> dict[str, Any]:
    """What the template of the panel needs."""
    counted = custom.fill_rates(request.actor, request.type.key).get(opened.key) if opened.own else None
    filled, total = counted or (0, 0)
    marked = sum(1 for one in custom.fields(request.actor, request.type.key) if one.marked)
    lacking = _("现有 %(count)s 条还没填，不拦，下次编辑才要") % {"count": f"{total - filled:,}"}
    return {
        "panel": {
            "key": opened.key,
            "title": _("新建字段") if opened.own is None else str(opened.own.spec.label),
            "problem": opened.problem,
            "upgrade_url": opened.upgrade_url,
            "hidden": opened.own is not None and opened.own.hidden,
            "required_note": lacking if opened.own is not None and total > filled else _("保存时必须填"),
            "index_note": _("建索引，筛选和排序更快；已用 %(used)d / %(limit)d")
            % {"used": marked, "limit": custom.MOST_INDEXED},
            "type_note": _type_note(request, opened),
            "unique_note": _unique_note(opened),
            "held": retyping.held(request.type, opened.key) if opened.own is not None and opened.own.hidden else 0,
            "uses": places(request.actor, request.type, opened.key) if opened.own is not None else (),
            "purged": opened.own.purged if opened.own is not None else "",
            "hide_note": _("从所有页面消失，%(count)s 条记录里的值都留着，恢复后原样回来。") % {"count": f"{filled:,}"},
        },
        "values": {
            "label": opened.form.label,
            "type": opened.form.type,
            "help": opened.form.help,
            "target": opened.form.target,
            "required": opened.form.required,
            "searchable": opened.form.searchable,
            "listed": opened.form.listed,
            "indexed": opened.form.indexed,
            "unique": opened.form.unique,
            "personal": opened.form.personal,
            "options": opened.form.shown_options(opened.extra),
            "dictionary": opened.form.dictionary,
            "chosen": opened.form.chosen,
            "parent": opened.form.rules.get(PARENT, ""),
        },
        "kinds": _kinds(request, opened),
        "targets": tuple((spec.key, spec.title) for spec in offered_types if spec.key != "core.member"),
        "classes": _classes(request, opened),
        "hues": HUES,
        "shared": opened.own is not None and is_shared(opened.own.spec),
        "dictionaries": _dictionaries(request, opened),
        "parents": tuple(
            (field.key, f"{field.label}")
            for field in request.type.fields
            if field.type == "choice" and field.key != opened.key and not field.system
        ),
        "when_deleted": tuple(
            (key, label, key == opened.form.rules.get(ON_DELETE, "keep")) for key, label in WHEN_DELETED
        ),
        "rules": tuple(
            {
                "key": rule.key,
                "label": rule.label,
                "kinds": rule.kinds,
                "mode": rule.mode,
                "placeholder": rule.placeholder,
                "value": opened.form.rules.get(rule.key, ""),
                "error": opened.errors.get(rule.key, ""),
            }
            for rule in RULES
            if rule.key not in {ON_DELETE, PARENT}
        ),
    }


def _kinds(request: PageRequest, opened: Opened) -> tuple[dict[str, Any], ...]:
    """The types that can be chosen: all for a new field, for an existing one those that read what it holds."""
    if opened.own is None or opened.own.spec.derived is not None or retyping.held(request.type, opened.key) == 0:
        allowed = set(field_types())
    else:
        allowed = {opened.own.spec.type, *opened.own.spec.kind.becomes}
    return tuple({"key": key, "label": kind.title} for key, kind in field_types().items() if key in allowed)


def _type_note(request: PageRequest, opened: Opened) -> str:
    """What the type may become, in one line below it."""
    if opened.own is None:
        return ""
    count = retyping.held(request.type, opened.key)
    if not count:
        return _("还没有值，可以换成任何类型。")
    titles = "、".join(str(kind.title) for key, kind in field_types().items() if key in opened.own.spec.kind.becomes)
    shown = {"count": f"{count:,}", "titles": titles}
    if not titles:
        return _("已有 %(count)s 个值，类型不能换；要别的类型时新建一个字段。") % shown
    return _("已有 %(count)s 个值，能换成%(titles)s，不能换成别的。") % shown


def _unique_note(opened: Opened) -> str:
    state = opened.own.unique_state if opened.own is not None else ""
    notes = {
        "waiting": _("两条记录不能填同一个值；数据库里的保证正在后台建立"),
        "failed": _("建立时又出现了重复的值，过一会儿再试；保存时照样检查"),
    }
    return notes.get(state, _("两条记录不能填同一个值，回收站里的不算"))


def _classes(request: PageRequest, opened: Opened) -> dict[str, Any] | None:
    """The record classes that may have the field; None for a type that has no classes, and for its class field itself."""
    spec = request.type
    if not spec.class_field or spec.class_field == opened.key:
        return None
    named = spec.by_key[spec.class_field]
    offered = [option for option in named.options if option.enabled or option.key in opened.form.classes]
    ticks = tuple(
        (option.key, "　" * option.depth + str(option.label), option.key in opened.form.classes) for option in offered
    )
    return {"label": named.label, "options": ticks}


def is_shared(spec: FieldSpec) -> bool:
    """Whether a choice takes its values from a dictionary that is not its own alone."""
    return bool(spec.dictionary) and not str(spec.dictionary).endswith(f".{spec.key}")


def _dictionaries(request: PageRequest, opened: Opened) -> tuple[tuple[str, str], ...]:
    """The dictionaries that a new choice may share: those of modules and those that the company made."""
    if opened.own is not None:
        return ()
    every = dictionaries.all(request.actor)
    return tuple((info.key, info.title) for info in every if info.plugin or info.key.startswith(OWN))
