"""Conditional rules (FLD-08): the rules of a type in their order, an editor with the filter builder, and a trial on a real record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou import records
from kezhou.pages import ADMIN, PageRequest, page, toast
from kezhou.records import trees, types
from kezhou.records.derived import computing
from kezhou.records.reading import context as reading_context
from kezhou.records.rules import keeping
from kezhou.records.rules.declared import Effect, Rule
from kezhou.records.rules.evaluating import holds
from kezhou.records.spec import RecordError, TypeSpec
from kezhou.web.records.filterview import conditions_in_words
from kezhou.web.settings import menu
from kezhou.web.settings.shell import shell

NEW = "new"
ROWS = 4

menu.register(
    menu.Entry(
        "rules",
        gettext_lazy("条件规则"),
        gettext_lazy("按其他字段显示、必填、只读、限定选项或不许保存"),
        icon="arrows-split",
        url="/settings/rules",
        group="templates",
        order=14,
        words=gettext_lazy("条件 联动 必填 校验 验证 显示 隐藏 只读"),
    )
)


def effect_titles() -> dict[str, str]:
    """What the effects are called."""
    return {
        "show": _("才显示"), "hide": _("隐藏"), "require": _("必填"), "readonly": _("只读"),
        "options": _("只能选"), "refuse": _("不许保存"),
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in the panel; `effects` has empty rows at its end."""

    key: str = NEW
    title: str = ""
    when: str = ""
    effects: tuple[Effect, ...] = ()
    enabled: bool = True
    errors: Mapping[str, str] = field(default_factory=dict)
    said: str = ""


@page("settings/rules", access=ADMIN, name="settings-rules")
def first(request: PageRequest) -> HttpResponse:
    """The rules of the first record type."""
    found = _types(request)
    return HttpResponseRedirect(f"/settings/rules/{found[0].key}" if found else "/settings/plugins")


@page("settings/rules/<str:type_key>", access=ADMIN, methods=("GET", "POST"), name="settings-rules-of")
def rules(request: PageRequest, type_key: str) -> HttpResponse:
    """All rules of one type; with `rule=` the panel of one."""
    if request.type not in _types(request):
        raise Http404
    if request.method == "POST":
        return _save(request)
    key = request.GET.get("rule", "")
    if not key:
        return _show(request)
    return _show(request, Form() if key == NEW else _form_of(_kept(request, key)))


def _types(request: PageRequest) -> tuple[TypeSpec, ...]:
    return tuple(sorted(types(request.actor).values(), key=lambda spec: (spec.hidden, spec.order, spec.key)))


def _kept(request: PageRequest, key: str) -> keeping.Kept:
    for kept in keeping.kept(request.actor, request.type.key):
        if str(kept.rule.pk) == key:
            return kept
    raise Http404


def _form_of(kept: keeping.Kept) -> Form:
    when = orjson.dumps(list(kept.rule.when)).decode() if kept.rule.when else ""
    return Form(str(kept.rule.pk), str(kept.rule.title), when, kept.rule.effects, kept.enabled)


def _read(post: QueryDict) -> Form:
    effects = []
    for row in range(ROWS * 3):
        do = post.get(f"do-{row}", "")
        if do:
            fields = tuple(filter(None, post.getlist(f"fields-{row}")))
            options = tuple(value.partition(":")[2] for value in post.getlist(f"options-{row}"))
            chosen = tuple(value.partition(":")[0] for value in post.getlist(f"options-{row}"))
            named = chosen[:1] if do == "options" else fields[:1] if do == "refuse" else fields
            message = post.get(f"message-{row}", "").strip() if do == "refuse" else ""
            effects.append(Effect(do, named, options if do == "options" else (), message))
    return Form(
        post.get("rule", NEW), post.get("title", "").strip(), post.get("when", "").strip(), tuple(effects),
        post.get("enabled") == "1",
    )  # fmt: skip


def _save(request: PageRequest) -> HttpResponse:
    form, do, key = _read(request.POST), request.POST.get("do", "save"), request.type.key
    if do == "try":
        return _show(request, _tried(request, form))
    if form.key != NEW:
        _kept(request, form.key)
    pk = int(form.key) if form.key != NEW else None
    try:
        said = _deed(request, form, do, key, pk)
    except keeping.RuleError as error:
        refused = {error.field: str(error)}
        return _show(request, Form(form.key, form.title, form.when, form.effects, form.enabled, refused))
    toast(request, said)
    return HttpResponseRedirect(_here(request))


def _deed(request: PageRequest, form: Form, do: str, key: str, pk: int | None) -> str:
    if pk is not None and do == "delete":
        keeping.remove(request.actor, key, pk)
        return _("规则已删除。")
    if pk is not None and do in {"up", "down"}:
        keeping.move(request.actor, key, pk, up=do == "up")
        return _("顺序已改。")
    if pk is not None and do in {"on", "off"}:
        keeping.switch(request.actor, key, pk, on=do == "on")
        return _("规则已启用。") if do == "on" else _("规则已停用。")
    kept = keeping.keep(
        request.actor, key, title=form.title, when=form.when, effects=form.effects, pk=pk, enabled=form.enabled
    )
    warned = keeping.warnings(request.type, kept.rule)
    said = _("规则“%(title)s”已保存，马上生效。") % {"title": kept.rule.title}
    return said + "".join(warned)


def _tried(request: PageRequest, form: Form) -> Form:
    """Whether the condition holds for the newest records: a trial that changes nothing."""
    newest = records.page(request.actor, request.type, records.ListRequest(size=20, sort=("-created_at",)))
    try:
        tree = trees.parse(form.when or None)
        values = computing.values_of(request.type, request.type.by_key, [row.pk for row in newest])
        context = reading_context()
        met = [pk for pk, held in values.items() if holds(tree, request.type, held, request.actor, context)]
    except RecordError as error:
        return Form(form.key, form.title, form.when, form.effects, form.enabled, {"when": str(error)})
    said = _("最近 %(all)s 条记录里，%(met)s 条符合条件。") % {"all": len(values), "met": len(met)}
    if met:
        named = "、".join(records.get(request.actor, request.type, pk).title for pk in sorted(met, reverse=True)[:3])
        said += _("例如：%(named)s。") % {"named": named}
    return Form(form.key, form.title, form.when, form.effects, form.enabled, {}, said)


# -- showing -----------------------------------------------------------------------------------------------------------


def _here(request: PageRequest) -> str:
    return f"/settings/rules/{request.type.key}"


def _show(request: PageRequest, form: Form | None = None) -> HttpResponse:
    spec = request.type
    context: dict[str, Any] = shell("rules", _("条件规则"), str(spec.title)) | {
        "type": spec,
        "here": _here(request),
        "rows": [_row(request, kept) for kept in keeping.kept(request.actor, spec.key)],
        "declared": [_line(request, rule) for rule in spec.rules if rule.pk is None],
        "tabs": tuple(
            {"title": one.title, "url": f"/settings/rules/{one.key}", "on": one.key == spec.key, "count": None}
            for one in _types(request)
        ),
        "tabs_label": _("记录类型"),
        "form": form,
        "errors": dict(form.errors) if form else {},
        "effects": _effects(spec, form) if form else (),
        "titles": tuple(effect_titles().items()),
    }  # fmt: skip
    status = 422 if form is not None and form.errors else 200
    return render(request, "kezhou/settings/rules.html", context, status=status)


def _row(request: PageRequest, kept: keeping.Kept) -> dict[str, Any]:
    return {"pk": kept.rule.pk, "enabled": kept.enabled, "broken": kept.broken, **_line(request, kept.rule)}


def _line(request: PageRequest, rule: Rule) -> dict[str, Any]:
    return {
        "title": rule.title,
        "when": conditions_in_words(request.actor, request.type, list(rule.when)) if rule.when else _("总是"),
        "then": "；".join(_words(request.type, effect) for effect in rule.effects),
    }


def _words(spec: TypeSpec, effect: Effect) -> str:
    named = "、".join(str(spec.by_key[key].label) if key in spec.by_key else key for key in effect.fields)
    if effect.do == "refuse":
        return f"{effect_titles()['refuse']}：{effect.message}"
    if effect.do == "options" and effect.fields and effect.fields[0] in spec.by_key:
        labels = {option.key: str(option.label) for option in spec.by_key[effect.fields[0]].options}
        return f"{named}{effect_titles()['options']}：{'、'.join(labels.get(key, key) for key in effect.options)}"
    return f"{named}{effect_titles()[effect.do]}"


def _effects(spec: TypeSpec, form: Form) -> list[dict[str, Any]]:
    rows = [*form.effects, *(Effect("") for _row in range(max(1, ROWS - len(form.effects))))]
    fields = [each for each in spec.fields if not each.system or each.derived is not None]
    return [
        {
            "number": number,
            "do": effect.do,
            "fields": [(each.key, each.label, each.key in effect.fields) for each in fields],
            "options": [
                (f"{each.key}:{option.key}", f"{each.label}：{option.label}",
                 each.key in effect.fields and option.key in effect.options)
                for each in fields for option in each.options if option.enabled
            ],
            "message": effect.message,
            "error": form.errors.get(f"effect-{number}", ""),
        }
        for number, effect in enumerate(rows)
    ]  # fmt: skip
