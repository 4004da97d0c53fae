"""Parameters (参数设置, CFG-06): every figure that a company may tune, with its range, its default and who changed it when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou import parameters
from kezhou.pages import ADMIN, PageRequest, page, toast
from kezhou.parameters import GROUPS, Parameter, ParameterChange, ParameterError
from kezhou.parameters.keeping import shown
from kezhou.records.fields import Control, Format
from kezhou.web.settings import menu
from kezhou.web.settings.shell import shell

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

ADDRESS = "/settings/parameters"

menu.register(
    menu.Entry(
        "parameters",
        gettext_lazy("参数"),
        gettext_lazy("期限、次数、默认值，都有范围和变更记录"),
        icon="adjustments-horizontal",
        url=ADDRESS,
        group="parameters",
        order=10,
        words=gettext_lazy("系统参数 默认 期限 天数"),
    )
)


@dataclass(frozen=True, slots=True)
class Line:
    """One parameter on the page. `own` says that the company set it; `facts` is default and range in words."""

    key: str
    title: StrOrPromise
    help: StrOrPromise
    control: Control
    facts: str
    own: bool
    history: tuple[ParameterChange, ...]
    error: str = ""

    @property
    def anchor(self) -> str:
        """The id by which the page is opened at this line."""
        return self.key.replace(".", "-")


@page("settings/parameters", access=ADMIN, methods=("GET", "POST"), name="settings-parameters")
def every(request: PageRequest) -> HttpResponse:
    """All parameters by group; a refused value stays in its input with the sentence below."""
    if request.method != "POST":
        return _show(request)
    key, raw = request.POST.get("key", ""), request.POST.get("value", "")
    try:
        changed = (
            parameters.reset(request.actor, key)
            if request.POST.get("do") == "reset"
            else parameters.change(request.actor, key, raw)
        )
    except ParameterError as error:
        return _show(request, {key: (raw, str(error))})
    title = parameters.declared()[key].title
    toast(request, (_("“%(title)s”已改好，马上生效。") if changed else _("“%(title)s”没有变化。")) % {"title": title})
    return HttpResponseRedirect(f"{ADDRESS}#{key.replace('.', '-')}")


def _show(request: PageRequest, refused: dict[str, tuple[str, str]] | None = None) -> HttpResponse:
    own, history = parameters.values(request.actor), parameters.history(request.actor)
    lines: dict[str, list[Line]] = {}
    for each in parameters.declared().values():
        line = _line(each, own, history.get(each.key, ()), (refused or {}).get(each.key))
        lines.setdefault(each.group, []).append(line)
    groups = [{"key": key, "title": title, "lines": lines[key]} for key, title in GROUPS.items() if key in lines]
    context: dict[str, Any] = shell("parameters", _("参数")) | {"groups": groups}
    return render(request, "kezhou/settings/parameters.html", context, status=422 if refused else 200)


def _line(each: Parameter, own: Any, history: tuple[ParameterChange, ...], refused: tuple[str, str] | None) -> Line:
    kept = own.get(each.key, each.default)
    value = each.spec.kind.from_json(kept, each.spec)
    control = each.spec.kind.control(each.spec, value, Format())
    return Line(
        key=each.key,
        title=each.title,
        help=each.help,
        control=_typed(control, refused[0]) if refused else control,
        facts=facts(each),
        own=each.key in own,
        history=history,
        error=refused[1] if refused else "",
    )


def _typed(control: Control, raw: str) -> Control:
    choices = tuple(replace(choice, selected=choice.key == raw) for choice in control.choices)
    return replace(control, value=raw, choices=choices)


def facts(each: Parameter) -> str:
    """Default and allowed range of a parameter as one line."""
    default = _("默认 %(value)s") % {"value": shown(each, None)}
    if each.minimum is None or each.maximum is None:
        return default
    allowed = {"default": default, "low": each.minimum, "high": each.maximum}
    return _("%(default)s，可填 %(low)s 到 %(high)s") % allowed
