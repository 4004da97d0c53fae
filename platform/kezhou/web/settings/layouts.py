"""设置 › 页面布局: who has which arrangement, and the editor that changes one (FLD-03)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou import records
from kezhou.access import roles
from kezhou.access.actors import actor_for
from kezhou.pages import ADMIN, PageRequest, page
from kezhou.records.layouts import storing
from kezhou.records.layouts.comparing import differences
from kezhou.records.layouts.content import LayoutError
from kezhou.records.layouts.content import read as read_content
from kezhou.records.layouts.spec import Kind
from kezhou.records.layouts.storing import BY_CLASS, LayoutConflict, Slot, State
from kezhou.records.spec import TypeSpec
from kezhou.web.settings import layout_canvas, menu
from kezhou.web.settings.shell import shell

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

ADDRESS = "/settings/layouts"
LARGEST = 200_000
KINDS: Mapping[Kind, StrOrPromise] = {
    Kind.FORM: gettext_lazy("表单"),
    Kind.DETAIL: gettext_lazy("详情"),
    Kind.COLUMNS: gettext_lazy("列表"),
    Kind.QUICK: gettext_lazy("快速新建"),
    Kind.RELATED: gettext_lazy("相关列表"),
}

menu.register(
    menu.Entry(
        "layouts",
        gettext_lazy("页面布局"),
        gettext_lazy("表单、详情、列表怎么排，可以按角色和分类不同"),
        icon="layout-grid",
        url=ADDRESS,
        group="templates",
        order=10,
        words=gettext_lazy("版式 页面配置 表单 分段 标签页 列 拖放"),
    )
)


@dataclass(frozen=True, slots=True)
class Audience:
    """One slot in words: whom it is for, and its address."""

    slot: Slot
    role: str
    record_class: str

    @property
    def words(self) -> str:
        return " · ".join((self.role or _("所有人"), self.record_class or _("所有分类")))

    @property
    def url(self) -> str:
        return address(self.slot)


def address(place: Slot) -> str:
    """The editor's address of a slot."""
    parts = [f"{name}={value}" for name, value in (("role", place.role), ("class", place.record_class)) if value]
    return f"{ADDRESS}/{place.type}/{place.kind}{'?' if parts else ''}{'&'.join(parts)}"


@page("settings/layouts", access=ADMIN, name="settings-layouts")
def overview(request: PageRequest) -> HttpResponse:
    """Every type with its arrangements: what is changed, and for whom."""
    rows = [
        {
            "spec": spec,
            "kinds": [
                {
                    "title": title,
                    "url": f"{ADDRESS}/{spec.key}/{kind}",
                    "changed": [a for a in _audiences(request, spec) if a.slot.kind is kind],
                }
                for kind, title in KINDS.items()
            ],
        }
        for spec in records.types(request.actor).values()
    ]
    return render(request, "kezhou/settings/layouts.html", shell("layouts", _("页面布局")) | {"rows": rows})


def _audiences(request: PageRequest, spec: TypeSpec) -> list[Audience]:
    """The slots of a type that hold an arrangement, in words; those of roles that are gone are left out."""
    names = {role.key: role.name for role in roles.roles()}
    labels = {option.key: str(option.label) for option in storing.classes_of(spec)}
    known = [
        place
        for place in storing.filled(request.actor, spec.key)
        if place.role in {"", *names} and place.record_class in {"", *labels}
    ]
    found = [Audience(place, names.get(place.role, ""), labels.get(place.record_class, "")) for place in known]
    return sorted(found, key=lambda one: (one.slot.kind, one.slot.role, one.slot.record_class))


@page("settings/layouts/<str:type_key>", access=ADMIN, name="settings-layout-of")
def of_type(request: PageRequest, type_key: str) -> HttpResponse:
    """A type's form is where its arrangements begin."""
    return HttpResponseRedirect(f"{ADDRESS}/{type_key}/{Kind.FORM}")


@page("settings/layouts/<str:type_key>/<str:kind>", access=ADMIN, methods=("GET", "POST"), name="settings-layout")
def editor(request: PageRequest, type_key: str, kind: str) -> HttpResponse:
    """The editor; a POST saves or puts back, answered in JSON: 409 with what stands now, 422 with a sentence."""
    try:
        place = storing.slot(
            request.actor, type_key, kind, role=request.GET.get("role", ""), record_class=request.GET.get("class", "")
        )
        if request.method == "GET":
            return _shown(request, place)
        return _saved(request, place)
    except LayoutConflict as conflict:
        return JsonResponse(_told(request, place, conflict), status=409)
    except LayoutError as error:
        if request.method == "POST":
            return JsonResponse({"sentence": str(error), "place": error.place}, status=422)
        return HttpResponseRedirect(
            f"{ADDRESS}/{type_key}/{Kind.FORM}" if kind not in set(Kind) else f"{ADDRESS}/{type_key}/{kind}"
        )


def _saved(request: PageRequest, place: Slot) -> HttpResponse:
    version = _number(request.POST.get("version", ""))
    if request.POST.get("do") == "reset":
        now = storing.reset(request.actor, place, version=version)
    else:
        now = storing.put(request.actor, place, _content(request), version=version)
    content, origin = storing.starting_content(_fresh(request), place)
    return JsonResponse({"version": now.version, "content": _plain(content), "origin": _origin(request, place, origin)})


def _fresh(request: PageRequest) -> Any:
    """The same person after the change, with the new shape version."""
    found = actor_for(int(request.actor.member_pk or 0), via="session")
    return found or request.actor


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1


def _content(request: PageRequest) -> Any:
    raw = request.POST.get("content", "")
    if len(raw) > LARGEST:
        raise LayoutError(_("版式太大了：最多 %(limit)s 个字符。") % {"limit": f"{LARGEST:,}"})
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise LayoutError(_("版式读不懂，可能传输中断了。你的改动还在这里，请再保存一次。")) from error


def _told(request: PageRequest, place: Slot, conflict: LayoutConflict) -> dict[str, Any]:
    """What the second of two administrators is told: who was quicker, what that changed, and what stands now."""
    states = {state.version: state for state in storing.history(place, limit=200)}
    begun = states.get(_number(request.POST.get("version", "")), State(0, None))
    before, after = (_content_of(request, place, state) for state in (begun, conflict.theirs))
    return {
        "sentence": str(conflict),
        "version": conflict.theirs.version,
        "content": _plain(after),
        "changes": list(_differences(request, place, before, after)),
    }


def _content_of(request: PageRequest, place: Slot, state: State) -> Mapping[str, Any]:
    """A state's content; where it has none, what stands behind the slot."""
    if state.content is not None:
        return state.content
    return storing.behind(request.actor, place)


def _differences(request: PageRequest, place: Slot, old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    titles = {key: spec.title for key, spec in records.types(request.actor).items()}
    return differences(storing.spec_of(request.actor, place.type), place.kind, old, new, titles)


def _plain(content: Mapping[str, Any]) -> dict[str, Any]:
    """A content for the script: lazy titles become texts."""
    return dict(orjson.loads(orjson.dumps(content, default=str)))


def _origin(request: PageRequest, place: Slot, origin: Slot | None) -> str:
    """Where what is shown comes from, in words."""
    if origin == place:
        return _("这一份是专门排的")
    if origin is None:
        return _("还没有人排过，现在是出厂的样子")
    found = next((one for one in _audiences(request, request.type) if one.slot == origin), None)
    return _("沿用“%(words)s”的样子") % {"words": found.words if found else _("所有人")}


def _history(request: PageRequest, place: Slot) -> list[dict[str, Any]]:
    states = storing.history(place)
    found = []
    for state, before in zip(states, [*states[1:], State(0, None)], strict=False):
        old, new = (_content_of(request, place, one) for one in (before, state))
        found.append(
            {
                "name": state.name or _("系统"),
                "at": state.at,
                "reset": state.content is None,
                "changes": _differences(request, place, old, new),
                "content": _plain(new),
            }
        )
    return found


def _shown(request: PageRequest, place: Slot) -> HttpResponse:
    content, origin = storing.starting_content(request.actor, place)
    state = storing.state(place)
    found = () if place.kind is Kind.RELATED else layout_canvas.pieces(request, place.kind)
    lists = layout_canvas.list_pieces(request) if place.kind is Kind.RELATED else ()
    history = _history(request, place)
    others = [one for one in _audiences(request, request.type) if one.slot.kind is place.kind and one.slot != place]
    context = shell("layouts", _("页面布局"), str(request.type.title)) | {
        "place": place,
        "spec": request.type,
        "kinds": [{"key": k, "title": t, "url": address(_other(place, k)), "on": k is place.kind} for k, t in KINDS.items()],
        "types": records.types(request.actor).values(),
        "roles": roles.roles(),
        "classes": storing.classes_of(request.type) if place.kind in BY_CLASS else (),
        "class_label": request.type.by_key[request.type.class_field].label if request.type.class_field else "",
        "pieces": found,
        "lists": lists,
        "people": layout_canvas.people(request) if place.kind in {Kind.FORM, Kind.DETAIL} else (),
        "history": history,
        "others": others,
        "origin": _origin(request, place, origin),
        "data": {
            "kind": place.kind.value,
            "version": state.version,
            "own": state.content is not None,
            "content": _plain(content),
            "fields": layout_canvas.facts(request, found, place.kind),
            "lists": [{"type": p.type, "link": p.link, "title": p.title, "columns": [
                {"key": f.key, "label": str(f.label)} for f in p.columns]} for p in lists],
            "history": [entry["content"] for entry in history],
            "others": [_plain(storing.content_in(request.actor, one.slot)) for one in others],
        },
    }  # fmt: skip
    return render(request, "kezhou/settings/layout.html", context)


def _other(place: Slot, kind: Kind) -> Slot:
    return Slot(place.type, kind, place.role, place.record_class if kind in BY_CLASS else "")


@page(
    "settings/layouts/<str:type_key>/<str:kind>/preview",
    access=ADMIN,
    methods=("POST",),
    name="settings-layout-preview",
)
def preview(request: PageRequest, type_key: str, kind: str) -> HttpResponse:
    """The form or record page as one person would see it with the content that is being edited."""
    try:
        place = storing.slot(
            request.actor, type_key, kind, role=request.GET.get("role", ""), record_class=request.GET.get("class", "")
        )
        content = read_content(storing.spec_of(request.actor, type_key), kind, _content(request))
    except LayoutError as error:
        return JsonResponse({"sentence": str(error), "place": error.place}, status=422)
    layout = layout_canvas.as_seen(request, place, content, _number(request.POST.get("person", "")))
    tabs = (layout.form if place.kind is Kind.FORM else layout.detail) if layout else ()
    context = {"layout": layout, "tabs": tabs, "spec": request.type}
    return render(request, "kezhou/settings/_layout_preview.html", context)
