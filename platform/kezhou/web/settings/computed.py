"""Computed fields (FLD-01): formulas, look-ups and roll-ups of a type, with a live check, a preview on a real record, and progress."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou import records
from kezhou.access.entitlements import NotEntitled
from kezhou.jobs.models import Job
from kezhou.pages import ADMIN, PageRequest, page, toast
from kezhou.records import custom, types
from kezhou.records.custom import CustomFieldError, OwnField
from kezhou.records.derived import computing
from kezhou.records.derived.declared import FUNCTIONS
from kezhou.records.derived.definitions import KINDS
from kezhou.records.derived.formula import RESULTS, compiled
from kezhou.records.derived.functions import FUNCTIONS as KNOWN
from kezhou.records.derived.graph import graph_of
from kezhou.records.fields import field_types
from kezhou.records.reading import formatting
from kezhou.records.spec import FieldSpec, RecordError, TypeSpec
from kezhou.web.settings import menu
from kezhou.web.settings.field_uses import places
from kezhou.web.settings.shell import shell

NEW = "new"
INPUTS = ("formula", "result", "decimals", "unit", "link", "field", "source", "function", "by", "where", "open")

menu.register(
    menu.Entry(
        "computed",
        gettext_lazy("计算字段"),
        gettext_lazy("公式、查找和汇总，随数据自动更新"),
        icon="calculator",
        url="/settings/computed",
        group="templates",
        order=12,
        words=gettext_lazy("公式 查找 汇总 合计 计算 函数"),
    )
)


def titles() -> dict[str, str]:
    """What the three kinds are called."""
    return {"formula": _("公式"), "lookup": _("查找"), "rollup": _("汇总")}


def function_titles() -> dict[str, str]:
    """What the ways of rolling up are called."""
    return {
        "count": _("条数"), "sum": _("合计"), "min": _("最小"), "max": _("最大"), "avg": _("平均"),
        "first": _("第一条的值"), "last": _("最后一条的值"),
    }  # fmt: skip


FLAGS = ("listed", "searchable", "indexed")


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in the panel."""

    key: str = NEW
    kind: str = "formula"
    label: str = ""
    help: str = ""
    flags: Mapping[str, bool] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


@page("settings/computed", access=ADMIN, name="settings-computed")
def first(request: PageRequest) -> HttpResponse:
    """The computed fields of the first record type."""
    found = _types(request)
    if not found:
        return HttpResponseRedirect("/settings/plugins")
    return HttpResponseRedirect(f"/settings/computed/{found[0].key}")


@page("settings/computed/<str:type_key>", access=ADMIN, methods=("GET", "POST"), name="settings-computed-of")
def computed(request: PageRequest, type_key: str) -> HttpResponse:
    """All computed fields of one type; with `field=` the panel of one."""
    if request.type not in _types(request):
        raise Http404
    if request.method == "POST":
        return _save(request)
    key = request.GET.get("field", "")
    if not key:
        return _show(request)
    if key == NEW:
        kind = request.GET.get("kind", "formula")
        return _show(request, Form(kind=kind if kind in KINDS else "formula"))
    return _show(request, _form_of(request, _own(request, key)))


@page("settings/computed/<str:type_key>/check", access=ADMIN, methods=("POST",), name="settings-computed-check")
def check(request: PageRequest, type_key: str) -> HttpResponse:
    """JSON for the editor: what is wrong and where, or what the formula gives for the newest record."""
    text, result = request.POST.get("formula", ""), request.POST.get("result", "number")
    try:
        ready = compiled(text, request.type.fields)
    except RecordError as error:
        place = {"start": getattr(error, "start", 0), "end": getattr(error, "end", 0)}
        return JsonResponse({"ok": False, "sentence": str(error), **place})
    kind = result if RESULTS.get(result) == ready.kind else next(k for k, v in RESULTS.items() if v == ready.kind)
    spec = FieldSpec(key="preview", type=kind, label="preview")
    newest = records.page(request.actor, request.type, records.ListRequest(size=20, sort=("-created_at",)))
    if not newest.rows:
        return JsonResponse({"ok": True, "sentence": _("公式没有问题；还没有记录可以试算。"), "result": kind})
    row = newest.rows[0]
    values = computing.values_of(request.type, ready.uses or (request.type.title_field,), [row.pk])[row.pk]
    text_of = spec.kind.text(ready.value(values, spec), spec, formatting()) or _("（空）")
    shown = {"title": records.get(request.actor, request.type, row.pk).title, "value": text_of}
    return JsonResponse({"ok": True, "sentence": _("“%(title)s”算出来是：%(value)s") % shown, "result": kind})


def _types(request: PageRequest) -> tuple[TypeSpec, ...]:
    return tuple(sorted(types(request.actor).values(), key=lambda spec: (spec.hidden, spec.order, spec.key)))


def _own(request: PageRequest, key: str) -> OwnField:
    for own in custom.fields(request.actor, request.type.key, hidden=True):
        if own.spec.key == key and own.kind in KINDS:
            return own
    raise Http404


def _form_of(request: PageRequest, own: OwnField) -> Form:
    values = {name: own.rules.get(name, "") for name in INPUTS}
    if own.kind == "formula":
        values["formula"] = _by_labels(request.type, str(values["formula"]))
    if own.kind == "rollup":
        values["source"] = f"{own.rules['source']}:{own.rules['link']}"
        values["where"] = orjson.dumps(own.rules.get("where") or []).decode() if own.rules.get("where") else ""
    values["open"] = "1" if own.rules.get("open") else ""
    flags = {"listed": own.spec.listed, "searchable": own.spec.searchable, "indexed": own.marked}
    return Form(own.spec.key, own.kind, str(own.spec.label), str(own.spec.help), flags, values)


def _by_labels(spec: TypeSpec, text: str) -> str:
    try:
        return compiled(text, spec.fields).shown
    except RecordError:
        return text


def _save(request: PageRequest) -> HttpResponse:
    post = request.POST
    form = Form(
        post.get("key", NEW), post.get("kind", "formula"), post.get("label", "").strip(), post.get("help", "").strip(),
        {name: post.get(name) == "1" for name in FLAGS}, {name: post.get(name, "").strip() for name in INPUTS},
    )  # fmt: skip
    own = _own(request, form.key) if form.key != NEW else None
    try:
        said = _deed(request, form, own)
    except CustomFieldError as error:
        return _show(request, _refused(form, error.field or "", str(error)))
    except NotEntitled as error:
        return _show(request, _refused(form, "", str(error)))
    toast(request, said)
    return HttpResponseRedirect(_here(request))


def _refused(form: Form, name: str, sentence: str) -> Form:
    known = name if name in {*INPUTS, "label", "indexed"} else ""
    return Form(form.key, form.kind, form.label, form.help, form.flags, form.values, {known: sentence})


def _deed(request: PageRequest, form: Form, own: OwnField | None) -> str:
    key, do = request.type.key, request.POST.get("do", "save")
    rules = {name: value for name, value in form.values.items() if value}
    if own is None:
        if form.kind not in KINDS:
            raise CustomFieldError(_("请选择公式、查找或汇总。"))
        listed, searchable, indexed = (form.flags[name] for name in FLAGS)
        custom.add_field(
            request.actor, key, label=form.label, kind=form.kind, help=form.help, rules=rules,
            listed=listed, searchable=searchable, indexed=indexed,
        )  # fmt: skip
        return _("“%(label)s”建好了，已有记录的值正在后台计算。") % {"label": form.label}
    if do == "hide":
        custom.hide_field(request.actor, key, form.key)
        return _("字段已停用，填过的值都留着。")
    if do == "show":
        custom.show_field(request.actor, key, form.key)
        return _("字段已恢复，值正在后台重新计算。")
    custom.change_field(request.actor, key, form.key, label=form.label, help=form.help, rules=rules, **form.flags)
    return _("“%(label)s”已保存。") % {"label": form.label}


# -- showing -----------------------------------------------------------------------------------------------------------


def _here(request: PageRequest) -> str:
    return f"/settings/computed/{request.type.key}"


def _show(request: PageRequest, form: Form | None = None) -> HttpResponse:
    context: dict[str, Any] = shell("computed", _("计算字段"), str(request.type.title)) | {
        "type": request.type,
        "here": _here(request),
        "rows": _rows(request),
        "tabs": tuple(
            {"title": spec.title, "url": f"/settings/computed/{spec.key}", "on": spec.key == request.type.key, "count": None}
            for spec in _types(request)
        ),
        "tabs_label": _("记录类型"),
        "form": form,
        "kinds": tuple(titles().items()),
    }  # fmt: skip
    if form is not None:
        context |= _panel(request, form)
    return render(
        request, "kezhou/settings/computed.html", context, status=422 if form is not None and form.errors else 200
    )


def _rows(request: PageRequest) -> list[dict[str, Any]]:
    mine = [own for own in custom.fields(request.actor, request.type.key, hidden=True) if own.kind in KINDS]
    jobs = {job.pk: job for job in Job.objects.filter(pk__in=[own.fill_job for own in mine if own.fill_job])}
    broken = graph_of(request.actor).broken
    found = []
    for own in mine:
        job = jobs.get(own.fill_job or 0)
        found.append(
            {
                "key": own.spec.key,
                "label": own.spec.label,
                "kind": titles()[own.kind],
                "result": field_types()[own.spec.type].title,
                "how": _how(request, own),
                "hidden": own.hidden,
                "broken": broken.get((request.type.key, own.spec.key), ""),
                "job": job if job is not None and not job.is_over else None,
                "failed": job is not None and job.state == Job.State.FAILED,
            }
        )
    return found


def _how(request: PageRequest, own: OwnField) -> str:
    present, rules = types(request.actor), own.rules
    if own.kind == "formula":
        return _by_labels(request.type, str(rules.get("formula", "")))
    if own.kind == "lookup":
        link = request.type.by_key.get(rules["link"])
        other = present.get(link.target or "") if link else None
        there = other.by_key.get(rules["field"]) if other else None
        return f"{link.label} → {there.label}" if link and there else _("来源已停用")
    source = present.get(rules["source"])
    if source is None:
        return _("来源已停用")
    there = source.by_key.get(rules.get("field", ""))
    return " · ".join(
        str(part) for part in (source.title, there.label if there else "", function_titles()[rules["function"]]) if part
    )


def _panel(request: PageRequest, form: Form) -> dict[str, Any]:
    spec, present = request.type, types(request.actor)
    links = [each for each in spec.fields if each.target in present]
    linked = [
        {"key": each.key, "label": each.label, "type": present[str(each.target)],
         "fields": [other for other in present[str(each.target)].fields if other.kind.importable or other.derived]}
        for each in links
    ]  # fmt: skip
    sources = [
        {"key": f"{other.key}:{each.key}", "label": f"{other.title}（{each.label}）", "type": other}
        for other in present.values()
        for each in other.fields
        if each.target == spec.key
    ]
    own = _own(request, form.key) if form.key != NEW else None
    return {
        "values": dict.fromkeys(INPUTS, "") | dict(form.values),
        "errors": dict(form.errors),
        "problem": form.errors.get("", ""),
        "hidden": own is not None and own.hidden,
        "uses": places(request.actor, spec, form.key) if own is not None else (),
        "pieces": [each for each in spec.fields if each.kind.computes],
        "functions": [function.help for function in KNOWN.values() if function.name != "NEGATE"],
        "results": [(key, field_types()[key].title) for key in RESULTS],
        "linked": linked,
        "sources": sources,
        "ways": [(key, function_titles()[key]) for key in FUNCTIONS],
        "check_url": f"{_here(request)}/check",
    }
