"""Own fields (FLD-01, FLD-07; design 18): the table of all fields of a type, and a panel that adds, changes and hides own ones.

A change is in force at once, everywhere, without a restart; nothing is staged.
"""

from __future__ import annotations

from dataclasses import replace

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import gettext as _

from kezhou.access.entitlements import NotEntitled, entitled, used
from kezhou.pages import ADMIN, PageRequest, page, toast
from kezhou.records import custom, dictionaries, purging, retyping, types
from kezhou.records.custom import CustomFieldError, OwnField
from kezhou.records.fields import FieldError
from kezhou.records.spec import TypeSpec
from kezhou.web.settings.field_form import RULES, FieldForm
from kezhou.web.settings.field_panel import Opened, is_shared, panel
from kezhou.web.settings.field_rows import filtered, rows_of
from kezhou.web.settings.own.tabs import Tab
from kezhou.web.settings.own.tabs import tabs_of as own_tabs_of
from kezhou.web.settings.shell import shell

NEW = "new"


@page("settings/fields", access=ADMIN, name="settings-fields")
def first(request: PageRequest) -> HttpResponse:
    """The fields of the first record type."""
    found = _types(request)
    if not found:
        return HttpResponseRedirect("/settings/plugins")
    return HttpResponseRedirect(f"/settings/fields/{found[0].key}")


@page("settings/fields/<str:type_key>", access=ADMIN, methods=("GET", "POST"), name="settings-fields-of")
def fields(request: PageRequest, type_key: str) -> HttpResponse:
    """All fields of one type; with `field=` the panel of one."""
    if request.type not in _types(request):
        raise Http404
    if request.method == "POST":
        return _save(request)
    key = request.GET.get("field", "")
    if not key:
        return _show(request)
    if key == NEW:
        return _show(request, Opened(key=NEW, form=FieldForm()))
    own = _own(request, key)
    if own.spec.derived is not None:
        return HttpResponseRedirect(f"/settings/computed/{request.type.key}?field={key}")
    return _show(request, Opened(key=key, form=FieldForm.of(own, _values(request, own)), own=own))


def _types(request: PageRequest) -> tuple[TypeSpec, ...]:
    return tuple(sorted(types(request.actor).values(), key=lambda spec: (spec.hidden, spec.order, spec.key)))


def _own(request: PageRequest, key: str) -> OwnField:
    found = next(
        (own for own in custom.fields(request.actor, request.type.key, hidden=True) if own.spec.key == key), None
    )
    if found is None:
        raise Http404
    return found


def _values(request: PageRequest, own: OwnField) -> tuple[dictionaries.Value, ...]:
    return dictionaries.values(request.actor, own.spec.dictionary) if own.spec.dictionary else ()


# -- saving ------------------------------------------------------------------------------------------------------------


def _save(request: PageRequest) -> HttpResponse:
    key = request.POST.get("field", NEW)
    form = FieldForm.read(request.POST)
    own = _own(request, key) if key != NEW else None
    do = request.POST.get("do", "save")
    if do in {"order", "up", "down"}:
        custom.reorder(request.actor, request.type.key, ordered(_keys(request), do, key, request.POST.getlist("order")))
        return HttpResponseRedirect(_here(request))
    opened = Opened(key=key, form=form, own=own)
    if do == "more":
        return _show(request, replace(opened, extra=3))
    try:
        if own is not None and do == "purge":
            said = _purge(request, own)
        elif own is not None and do in {"hide", "show"}:
            said = _hide_or_show(request, key, do)
        else:
            said = _write(request, key, form, own)
    except CustomFieldError as error:
        known = error.field in {"label", "options", "indexed", "unique", "type", "classes", "dictionary"}
        refused = replace(opened, errors={error.field: str(error)}) if known else replace(opened, problem=str(error))
        return _show(request, refused)
    except NotEntitled as error:
        return _show(request, replace(opened, problem=str(error), upgrade_url=error.entitlement.upgrade_url))
    except (FieldError, dictionaries.DictionaryError) as error:
        return _show(request, replace(opened, problem=str(error)))
    toast(request, said)
    return HttpResponseRedirect(_here(request))


def _keys(request: PageRequest) -> list[str]:
    return [own.spec.key for own in custom.fields(request.actor, request.type.key)]


def ordered(keys: list[str], do: str, key: str, dragged: list[str]) -> list[str]:
    """The keys as they were dragged, or with one of them changing places with its neighbour."""
    if do == "order":
        return [one for one in dragged if one in keys]
    if key in keys:
        here = keys.index(key)
        there = min(max(here + (1 if do == "down" else -1), 0), len(keys) - 1)
        keys[here], keys[there] = keys[there], keys[here]
    return keys


def _hide_or_show(request: PageRequest, key: str, do: str) -> str:
    if do == "hide":
        custom.hide_field(request.actor, request.type.key, key)
        return _("字段已停用，填过的值都留着。")
    custom.show_field(request.actor, request.type.key, key)
    return _("字段已恢复，原来的值也回来了。")


def _purge(request: PageRequest, own: OwnField) -> str:
    expected = request.POST.get("sure", "")
    if not (expected.isascii() and expected.isdigit()):
        raise CustomFieldError(_("请先勾选“确定清除”，清除后找不回来。"))
    purging.purge_field(request.actor, request.type.key, own.spec.key, expected=int(expected[:15]))
    return _("正在清除“%(label)s”的值，进度在“后台工作”里。") % {"label": own.spec.label}


def _write(request: PageRequest, key: str, form: FieldForm, own: OwnField | None) -> str:
    flags = {name: getattr(form, name) for name in custom.FLAGS}
    if kind_of(request, own) in custom.CHOICES and not form.dictionary:
        _demand_known(form)
    if own is None:
        made = custom.add_field(
            request.actor, request.type.key, label=form.label, kind=form.type, help=form.help, target=form.target,
            dictionary=form.dictionary, options=form.new_options(), rules=form.rules, classes=form.classes, **flags,
        )  # fmt: skip
        if form.chosen and made.dictionary and not is_shared(made):
            _write_default(request, made.dictionary, form.chosen)
        return _("字段“%(label)s”建好了，表单、列表、筛选、导入导出里都有了。") % {"label": form.label}
    kind = form.type if "type" in request.POST else own.spec.type
    if kind != own.spec.type:
        retyping.change_type(request.actor, request.type.key, key, kind, options=form.new_options(), target=form.target)
    rules = {
        rule.key: request.POST[rule.key].strip()
        for rule in RULES
        if _knows(kind, rule.kinds) and request.POST.get(rule.key)
    }
    shown = {"label": form.label, "help": form.help, "rules": rules, "classes": form.classes}
    custom.change_field(request.actor, request.type.key, key, **shown, **flags)
    if own.spec.dictionary and kind in custom.CHOICES and not is_shared(own.spec):
        _write_options(request, own.spec.dictionary, form)
        _write_default(request, own.spec.dictionary, form.chosen)
    return _("字段“%(label)s”已保存。") % {"label": form.label}


def _knows(kind: str, kinds: str) -> bool:
    return kind in kinds.split()


def _write_options(request: PageRequest, dictionary: str, form: FieldForm) -> None:
    known = {value.key for value in dictionaries.values(request.actor, dictionary)}
    for option in form.options:
        if option.key in known:
            dictionaries.change(
                request.actor,
                dictionary,
                option.key,
                label=option.label or None,
                hue=option.hue,
                enabled=option.enabled,
            )
        elif option.label:
            dictionaries.add(request.actor, dictionary, option.label, hue=option.hue)


def kind_of(request: PageRequest, own: OwnField | None) -> str:
    """The type that the field will have."""
    return request.POST.get("type", own.spec.type if own else "text")


def _demand_known(form: FieldForm) -> None:
    labels = [option.label for option in form.options if option.label and option.enabled]
    if form.chosen and form.chosen not in labels:
        shown = {"value": form.chosen[:40], "known": "、".join(labels[:8]) or _("（还没有选项）")}
        raise CustomFieldError(_("默认选的“%(value)s”不在启用的选项里，可选：%(known)s。") % shown, field="options")


def _write_default(request: PageRequest, dictionary: str, label: str) -> None:
    for value in dictionaries.values(request.actor, dictionary):
        if value.default is not (value.label == label):
            dictionaries.change(request.actor, dictionary, value.key, default=value.label == label)


# -- showing -----------------------------------------------------------------------------------------------------------


def _here(request: PageRequest) -> str:
    return f"/settings/fields/{request.type.key}"


def _show(request: PageRequest, opened: Opened | None = None) -> HttpResponse:
    mine = custom.fields(request.actor, request.type.key, hidden=True)
    rows = rows_of(request, mine)
    answer = entitled(f"fields:{request.type.key}", 1)
    title = str(request.type.title)
    place = shell("own", _("自定义对象"), title) if request.type.plugin == "own" else shell("fields", _("字段"), title)
    context = place | filtered(request, _here(request), rows) | {
        "type": request.type,
        "here": _here(request),
        "tabs": own_tabs_of(request.type) or tuple(
            Tab(spec.title, f"/settings/fields/{spec.key}", spec.key == request.type.key) for spec in _types(request)
        ),
        "tabs_label": _("记录类型"),
        "limit": answer.limit,
        "own_total": used(f"fields:{request.type.key}"),
        "refused": None if answer.allowed else answer,
        "chosen": opened.key if opened else "",
        "sprite": static("vendor/icons.svg"),
        "errors": opened.errors if opened else {},
        "panel": None,
    }  # fmt: skip
    if opened is not None:
        context |= panel(request, opened, _types(request))
    status = 422 if opened is not None and opened.refused else 200
    return render(request, "kezhou/settings/fields.html", context, status=status)
