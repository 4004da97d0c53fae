"""The tab 状态: which choice holds the states, where records begin, and from where one may go where."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from kezhou.pages import PageRequest
from kezhou.records import custom, shape, type_of
from kezhou.records.own import stating
from kezhou.records.own.defining import OwnTypeError
from kezhou.records.own.outlines import Outline
from kezhou.records.spec import FieldSpec
from kezhou.web.settings.field_form import HUES
from kezhou.web.settings.own.versions import version_of

MOST = 20


def write(request: PageRequest, each: Outline) -> str:
    """Make a field of states, save the moves, or take the states away."""
    do = request.POST.get("do", "save")
    version = version_of(request)
    if do == "make":
        _make(request, each)
        return _("状态建好了：按顺序一步步走，可以再改。")
    if do == "clear":
        stating.clear_states(request.actor, each.key, version=version)
        return _("不再按状态走，填过的值都留着。")
    stating.set_states(request.actor, each.key, version=version, **_typed(request))
    return _("状态已保存，立即生效。")


def _make(request: PageRequest, each: Outline) -> None:
    names = [line.strip() for line in request.POST.get("names", "").splitlines() if line.strip()]
    if not 2 <= len(names) <= MOST:
        raise OwnTypeError(_("请写 2 到 %(limit)s 个状态，每行一个。") % {"limit": MOST}, field="names")
    if len(set(names)) < len(names):
        raise OwnTypeError(_("有两个状态同名，请改一个。"), field="names")
    options = [{"label": name, "hue": HUES[(place + 1) % len(HUES)][0]} for place, name in enumerate(names)]
    label = request.POST.get("label", "").strip() or _("状态")
    actor = shape.unversioned(request.actor)
    field = custom.add_field(actor, each.key, label=label, kind="choice", options=options, listed=True)
    keys = [option.key for option in type_of(actor, each.key).by_key[field.key].options]
    stating.set_states(
        actor, each.key, field=field.key, initial=keys[:1],
        moves={source: [target] for source, target in pairwise(keys)}, final=keys[-1:],
    )  # fmt: skip


def _typed(request: PageRequest) -> dict[str, Any]:
    """What the form says, as `set_states` takes it."""
    post = request.POST
    keys = post.getlist("state")
    return {
        "field": post.get("field", ""),
        "initial": post.getlist("initial"),
        "final": post.getlist("final"),
        "locked_in": post.getlist("locked"),
        "moves": {key: post.getlist(f"moves:{key}") for key in keys},
        "required": {key: post.getlist(f"required:{key}") for key in keys},
        "reasons": {key: post.get(f"reason:{key}", "") for key in keys},
    }


def show(request: PageRequest, each: Outline, typed: bool) -> dict[str, Any]:
    """The states as they are, or as they were typed."""
    spec = type_of(request.actor, each.key)
    choices = tuple(field for field in spec.fields if field.custom and field.type == "choice" and field.options)
    kept = dict(each.states)
    if typed and request.POST.get("do") == "save":
        kept = {**_typed(request), "locked": request.POST.getlist("locked")}
    wanted = request.GET.get("field") or kept.get("field", "")
    field = next((one for one in choices if one.key == wanted), None)
    others = tuple(one for one in spec.fields if one.editable and (field is None or one.key != field.key))
    return {
        "choices": choices,
        "field": field,
        "states": [_row(kept, option.key, field, others) for option in field.options if option.enabled]
        if field
        else (),
        "targets": [option for option in field.options if option.enabled] if field else (),
        "begun": bool(each.states),
        "names": request.POST.get("names", "") if typed else "",
        "label": request.POST.get("label", _("状态")) if typed else _("状态"),
    }


def _row(kept: dict[str, Any], key: str, field: FieldSpec, others: tuple[FieldSpec, ...]) -> dict[str, Any]:
    moves, required = kept.get("moves", {}).get(key, ()), kept.get("required", {}).get(key, ())
    return {
        "option": field.option(key),
        "moves": [(option, option.key in moves, option.key == key) for option in field.options if option.enabled],
        "initial": key in kept.get("initial", ()),
        "final": key in kept.get("final", ()),
        "locked": key in kept.get("locked", ()),
        "reason": kept.get("reasons", {}).get(key, ""),
        "required": [(one.key, one.label, one.key in required) for one in others],
        "count": len(required),
    }
