"""编号规则: the list of everything that has numbers, and the editor with its preview."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou.pages import ADMIN, PageRequest, page, toast
from kezhou.records.numbering import setting
from kezhou.records.numbering.rules import PATTERNS, NumberingError, Rule
from kezhou.records.spec import FieldSpec, TypeSpec
from kezhou.web.settings import menu
from kezhou.web.settings.numbering.form import RuleForm
from kezhou.web.settings.shell import shell

menu.register(
    menu.Entry(
        "numbering",
        gettext_lazy("编号规则"),
        gettext_lazy("客户、合同、订单等记录怎样编号"),
        icon="numbers",
        url="/settings/numbering",
        group="processes",
        order=40,
        words=gettext_lazy("编号 流水号 单号 合同号 订单号 自动编号"),
    )
)
MODES = {
    "default": gettext_lazy("前缀加流水号"),
    "rule": gettext_lazy("按规则"),
    "manual": gettext_lazy("手工填写"),
    "none": gettext_lazy("不编号"),
}
RESTARTS = {
    "never": gettext_lazy("不重新开始"),
    "year": gettext_lazy("每年"),
    "month": gettext_lazy("每月"),
    "day": gettext_lazy("每天"),
}
PARTS = {
    "text": gettext_lazy("固定文字"),
    "time": gettext_lazy("生成时间"),
    "category": gettext_lazy("类别编号"),
    "serial": gettext_lazy("流水号"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One type (or one category of it) in the list."""

    title: str
    icon: str
    url: str
    mode: str
    example: str
    restart: str
    category: str = ""
    on: bool = False


@page("settings/numbering", access=ADMIN, name="settings-numbering")
def overview(request: PageRequest) -> HttpResponse:
    """Every type with its way of numbering and its next number."""
    return _show(request)


@page("settings/numbering/<str:type_key>", access=ADMIN, methods=("GET", "POST"), name="settings-numbering-of")
def editor(request: PageRequest, type_key: str) -> HttpResponse:
    """The rule of one type, or with `category=` that of one of its categories."""
    if request.type.key not in {spec.key for spec in setting.numberable(request.actor)}:
        raise Http404
    category = request.GET.get("category", "")
    if request.method == "GET":
        return _show(request, _form_of(request, category), category)
    form = RuleForm.read(request.POST)
    if form.mode == "rule" and "restart" not in request.POST:  # just chosen: the parts were not on the page
        form = replace(_form_of(request, category), mode="rule", version=form.version)
    step = request.POST.get("do", "")
    if step != "save":
        return _show(request, form.edited(step), category)
    try:
        _save(request, form, category)
    except NumberingError as error:
        return _show(request, form, category, error=error)
    return HttpResponseRedirect(
        f"/settings/numbering/{request.type.key}" + (f"?category={category}" if category else "")
    )


def _form_of(request: PageRequest, category: str) -> RuleForm:
    found = _rule(request.type, category)
    if found is not None:
        return RuleForm.of(found)
    fields = setting.category_fields(request.type)
    start = RuleForm.of(setting.blank_rule(request.type))
    start = replace(start, category_field=fields[0].key if fields else "", version=0)
    return replace(start, mode="rule" if category else "default")


def _rule(spec: TypeSpec, category: str) -> Rule | None:
    return next((rule for rule in spec.numbering if rule.category == category), None)


def _save(request: PageRequest, form: RuleForm, category: str) -> None:
    spec = request.type
    if form.mode == "default":
        setting.remove_rule(request.actor, spec.key, category)
        toast(request, _("%(type)s改回原来的编号方式，已有的编号不变。") % {"type": spec.title})
        return
    setting.set_rule(request.actor, spec.key, form.rule(category))
    toast(request, _("%(type)s的编号规则已保存，从下一条新记录起用。") % {"type": spec.title})


# -- showing -----------------------------------------------------------------------------------------------------------


def _show(
    request: PageRequest, form: RuleForm | None = None, category: str = "", *, error: NumberingError | None = None
) -> HttpResponse:
    spec = request.type if form is not None else None
    lines = tuple(line for one in setting.numberable(request.actor) for line in _lines(one, spec, category))
    context: dict[str, Any] = shell("numbering", _("编号规则"), *([str(spec.title)] if spec else [])) | {"lines": lines}
    if form is not None and spec is not None:
        context |= _edited(spec, form, category, error)
    return render(request, "kezhou/settings/numbering.html", context, status=422 if error else 200)


def _lines(spec: TypeSpec, opened: TypeSpec | None, category: str) -> tuple[Line, ...]:
    here = opened is not None and opened.key == spec.key
    own = [rule for rule in spec.numbering if rule.category]
    general = _rule(spec, "")
    mode = general.mode if general else "default" if spec.declaration.number else "none"
    url = f"/settings/numbering/{spec.key}"
    title, icon = str(spec.title), spec.icon
    example = _example(spec, general) if general else setting.default_example(spec)
    restart = str(RESTARTS[general.restart]) if general and general.mode == "rule" else ""
    first = Line(title, icon, url, str(MODES[mode]), example, restart, "", here and not category)
    return (first, *(_category_line(spec, rule, url, here and rule.category == category) for rule in own))


def _category_line(spec: TypeSpec, rule: Rule, url: str, on: bool) -> Line:
    field = spec.by_key.get(rule.category_field)
    option = field.option(rule.category) if field else None
    label = str(option.label) if option else rule.category
    return Line(
        str(spec.title), spec.icon, f"{url}?category={rule.category}", str(MODES[rule.mode]), _example(spec, rule),
        str(RESTARTS[rule.restart]), label, on,
    )  # fmt: skip


def _example(spec: TypeSpec, rule: Rule) -> str:
    try:
        return next(iter(setting.preview(spec, rule)), "")
    except NumberingError:
        return ""


def _edited(spec: TypeSpec, form: RuleForm, category: str, error: NumberingError | None) -> dict[str, Any]:
    fields = setting.category_fields(spec)
    chosen = next((each for each in fields if each.key == form.category_field), fields[0] if fields else None)
    preview, problem = _preview(spec, form, category)
    return {
        "spec": spec,
        "form": form,
        "category": category,
        "category_label": _label(chosen, category),
        "here": f"/settings/numbering/{spec.key}" + (f"?category={category}" if category else ""),
        "modes": _modes(spec, category),
        "parts": PARTS.items() if chosen else [item for item in PARTS.items() if item[0] != "category"],
        "patterns": PATTERNS,
        "restarts": RESTARTS.items(),
        "category_fields": fields,
        "codes": _codes(chosen, form),
        "asks_codes": any(part.kind == "category" for part in form.parts),
        "others": _others(spec, chosen) if not category else (),
        "preview": preview,
        "error": error or problem,
        "refused": error is not None,
    }


def _modes(spec: TypeSpec, category: str) -> tuple[tuple[str, Any], ...]:
    if category:
        return (("default", _("和其他记录一样")), ("rule", MODES["rule"]))
    usual = MODES["default"] if spec.declaration.number else MODES["none"]
    return (("default", usual), ("rule", MODES["rule"]), ("manual", MODES["manual"]))


def _label(field: FieldSpec | None, category: str) -> str:
    option = field.option(category) if field and category else None
    return str(option.label) if option else category


def _codes(field: FieldSpec | None, form: RuleForm) -> tuple[tuple[str, str, str], ...]:
    if field is None:
        return ()
    codes = setting.codes_of(field, form.codes)
    return tuple((option.key, str(option.label), codes[option.key]) for option in field.options if option.enabled)


def _others(spec: TypeSpec, field: FieldSpec | None) -> tuple[tuple[str, str], ...]:
    """Values of the category that have no rule of their own yet."""
    taken = {rule.category for rule in spec.numbering}
    options = field.options if field else ()
    return tuple((option.key, str(option.label)) for option in options if option.enabled and option.key not in taken)


def _preview(spec: TypeSpec, form: RuleForm, category: str) -> tuple[tuple[str, ...], NumberingError | None]:
    if form.mode != "rule":
        return (), None
    current = _rule(spec, category)
    rule = replace(form.rule(category), pk=current.pk if current else 0)
    try:
        return tuple(setting.preview(spec, rule)), None
    except NumberingError as error:
        return (), error
