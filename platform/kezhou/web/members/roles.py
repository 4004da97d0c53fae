"""The role editor: record types × operations, each cell a scope (PRM-06; design 20-settings-roles, first form)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.access import members
from kezhou.access import roles as kept
from kezhou.access.actor import System
from kezhou.access.explanation import OPERATION_LABELS, SCOPE_LABELS
from kezhou.access.policy import OPERATIONS, Scope
from kezhou.access.rights import WHOLE, RoleRights, said
from kezhou.pages import ADMIN, PageRequest, page, toast
from kezhou.plugins import manifests
from kezhou.records.spec import TypeSpec
from kezhou.records.types import Access
from kezhou.web.home.preferences_pages import common_starts
from kezhou.web.settings.shell import shell

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

HERE = "/settings/roles"
HOME = "/"


@dataclass(frozen=True, slots=True)
class Choice:
    """One scope that a cell may take; `wide` when it reaches further than reading does."""

    value: str
    label: StrOrPromise
    selected: bool


@dataclass(frozen=True, slots=True)
class CellView:
    """One cell of the editor: its form name, what stands in it, what may; no choices when the type has no such operation."""

    name: str
    label: str
    width: int
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class RowView:
    """One record type."""

    type: str
    title: StrOrPromise
    icon: str
    cells: tuple[CellView, ...]
    verbs: tuple[tuple[StrOrPromise, CellView], ...] = ()


@dataclass(frozen=True, slots=True)
class GroupView:
    """The types of one plugin, or of the core."""

    title: StrOrPromise
    rows: tuple[RowView, ...]


@page("settings/roles", access=ADMIN, name="roles")
def show(request: PageRequest) -> HttpResponse:
    """The first role."""
    return HttpResponseRedirect(f"{HERE}/{kept.roles()[0].pk}")


@page("settings/roles/new", access=ADMIN, methods=("POST",), name="role-new")
def new(request: PageRequest) -> HttpResponse:
    """A new role, empty or a copy."""
    copied = request.POST.get("copy_of", "")
    try:
        pk = kept.add_role(request.POST.get("name", ""), copy_of=int(copied) if copied.isdecimal() else None)
    except kept.RoleError as error:
        back = int(copied) if copied.isdecimal() else kept.roles()[0].pk
        return _show(request, back, str(error), status=422)
    toast(request, _("角色已建好，接下来定它的范围"))
    return HttpResponseRedirect(f"{HERE}/{pk}")


@page("settings/roles/<int:pk>", access=ADMIN, methods=("GET", "POST"), name="role")
def role(request: PageRequest, pk: int) -> HttpResponse:
    """Show a role, or write its cells, name and description."""
    if request.method == "GET":
        return _show(request, pk, "")
    try:
        _save(request, pk)
    except kept.RoleError as error:
        return _show(request, pk, str(error), status=422)
    toast(request, _("角色已保存，立即生效"))
    return HttpResponseRedirect(f"{HERE}/{pk}")


@page("settings/roles/<int:pk>/delete", access=ADMIN, methods=("POST",), name="role-delete")
def delete(request: PageRequest, pk: int) -> HttpResponse:
    """Delete a role that nobody holds."""
    try:
        name = kept.role(pk).name
        kept.remove_role(pk)
    except kept.RoleError as error:
        return _show(request, pk, str(error), status=422)
    toast(request, _("已删除角色“%(name)s”") % {"name": name})
    return HttpResponseRedirect(HERE)


def _save(request: PageRequest, pk: int) -> None:
    cells: dict[str, dict[str, str]] = {}
    for name in request.POST:
        value = request.POST.get(name, "")
        type_key, _colon, operation = name.partition(":")
        if operation:
            cells.setdefault(type_key, {})[operation] = value
    unknown = set(cells) - set(_types())
    if unknown:
        raise kept.RoleError(_("没有“%(type)s”这种记录。") % {"type": min(unknown)})
    if "name" in request.POST:
        kept.rename_role(pk, request.POST["name"], description=request.POST.get("description", ""))
    if cells:
        kept.set_cells(pk, cells)
    start = request.POST.get("start", "")
    if start in dict(common_starts(request.actor)):
        kept.set_start(pk, "" if start == HOME else start)


def _types() -> Mapping[str, TypeSpec]:
    every = records.types(System("the role editor shows every type"))
    return {key: spec for key, spec in every.items() if spec.parent is None}


def _show(request: PageRequest, pk: int, problem: str, *, status: int = 200) -> HttpResponse:
    every = kept.roles()
    chosen = next((view for view in every if view.pk == pk), None)
    if chosen is None:
        raise Http404(_("没有这个角色，它可能刚被删除。"))
    context = shell("roles", _("角色与权限"), chosen.name) | {
        "roles": every,
        "role": chosen,
        "groups": _groups(chosen, request.POST if status == 422 else None),
        "operations": [OPERATION_LABELS[operation] for operation in OPERATIONS],
        "legend": [(scope.width, SCOPE_LABELS[scope], about) for scope, about in _legend()],
        "holders": members.holders(pk),
        "starts": _starts(request, chosen),
        "start": chosen.start or HOME,
        "problem": problem,
        "typed": request.POST.get("name", chosen.name) if status == 422 else chosen.name,
    }
    return render(request, "kezhou/members/roles.html", context, status=status)


def _starts(request: PageRequest, chosen: kept.RoleView) -> tuple[tuple[str, str], ...]:
    """What the administrator may open, and what stands there although nobody can open it any more."""
    known = common_starts(request.actor)
    gone = chosen.start and chosen.start not in dict(known)
    return (*known, (chosen.start, _("已经打不开的页面（从首页开始）"))) if gone else known


def _legend() -> tuple[tuple[Scope, str], ...]:
    return (
        (Scope.NONE, ""),
        (Scope.OWN, _("自己负责的")),
        (Scope.DEPARTMENT, _("同部门的")),
        (Scope.BELOW, _("部门和下级")),
        (Scope.ALL, _("全公司")),
    )


def _groups(view: kept.RoleView, typed: Any) -> list[GroupView]:
    rights = RoleRights(view.key, view.name, view.is_admin, view.cells)
    by_plugin: dict[str, list[RowView]] = {}
    for spec in _types().values():
        by_plugin.setdefault(spec.plugin, []).append(row_of(spec, rights, typed))
    titles = {"own": _("自定义对象"), **{name: manifest.title for name, manifest in manifests().items()}}
    return [GroupView(titles.get(plugin, _("公司")), tuple(rows)) for plugin, rows in by_plugin.items()]


def row_of(spec: TypeSpec, rights: RoleRights, typed: Any) -> RowView:
    """One type as a row of cells of one role; `typed` holds cells that were sent and refused."""
    held = rights.cells_for(spec.key)
    cells = tuple(_cell(spec, operation.value, held, rights, typed) for operation in OPERATIONS)
    verbs = tuple((label, _cell(spec, verb, held, rights, typed)) for verb, label in spec.verbs.items())
    return RowView(spec.key, spec.title, spec.icon, cells, verbs)


def _cell(spec: TypeSpec, operation: str, held: Mapping[str, Scope], rights: RoleRights, typed: Any) -> CellView:
    name = f"{spec.key}:{operation}"
    if operation not in spec.operations:
        return CellView(name, "", 0, ())
    now = Scope.ALL if rights.is_admin else said(held, operation)
    if typed is not None and typed.get(name) in Scope.__members__.values():
        now = Scope(typed[name])
    offered = _offered(spec, operation)
    if now not in offered:
        now = Scope.ALL if now.width else Scope.NONE
    whole = operation in WHOLE
    labels = {scope: (_("能") if whole and scope.width else str(SCOPE_LABELS[scope])) for scope in offered}
    choices = tuple(Choice(scope.value, labels[scope], scope is now) for scope in offered)
    return CellView(name, labels[now], 1 if whole and now.width else now.width, choices)


def _offered(spec: TypeSpec, operation: str) -> tuple[Scope, ...]:
    """All five; two where a scope says nothing: making and importing, and types that belong to everybody."""
    if operation in WHOLE or spec.declaration.access is Access.SHARED:
        return (Scope.NONE, Scope.ALL)
    return tuple(Scope)
