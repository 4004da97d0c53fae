"""Departments: the tree, one department at its side; adding, changing, moving, deleting (ORG-01)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.access import members
from kezhou.access.departments import fresh_tree
from kezhou.access.models import MemberState
from kezhou.access.records import DEPARTMENT
from kezhou.pages import ADMIN, PageRequest, page, toast
from kezhou.records import shape
from kezhou.web.settings.shell import shell

FIELDS = ("name", "parent", "head", "order", "phone", "address", "retired")
HERE = "/settings/departments"


@page("settings/departments", access=ADMIN, name="departments")
def show(request: PageRequest) -> HttpResponse:
    """The tree; `?department=` opens one, `?under=` begins a new one."""
    chosen = request.GET.get("department", "")
    if chosen.isdecimal():
        entry = records.get(request.actor, DEPARTMENT, int(chosen))
        values = {key: entry.values.get(key) or "" for key in FIELDS}
        return _show(request, {"pk": entry.pk, "version": entry.version, "values": values, "errors": {}})
    if "under" in request.GET:
        under = request.GET["under"]
        values = {"parent": int(under) if under.isdecimal() else ""}
        return _show(request, {"pk": None, "version": None, "values": values, "errors": {}})
    return _show(request, None)


def _show(request: PageRequest, panel: dict[str, Any] | None, *, status: int = 200) -> HttpResponse:
    tree = fresh_tree()
    under = tree.below(panel["pk"]) if panel and panel["pk"] else frozenset()
    context = shell("departments", _("部门")) | {
        "tree": [(depth, node, counted) for (depth, node), counted in zip(tree.in_order(), _counts(tree), strict=True)],
        "panel": panel,
        "parents": [(depth, node) for depth, node in tree.in_order() if node.pk not in under],
        "people": members.members(states=(MemberState.ACTIVE, MemberState.INVITED, MemberState.NOT_INVITED), limit=500),
    }
    return render(request, "kezhou/members/departments.html", context, status=status)


def _counts(tree: Any) -> list[int]:
    each = members.per_department()
    return [sum(each.get(pk, 0) for pk in tree.below(node.pk)) for _depth, node in tree.in_order()]


@page("settings/departments/save", access=ADMIN, methods=("POST",), name="department-save")
def save(request: PageRequest) -> HttpResponse:
    """Write a new or a changed department; a refusal keeps what was typed."""
    given = {key: request.POST.get(key, "").strip() for key in FIELDS}
    pk, version = request.POST.get("pk", ""), request.POST.get("version", "")
    change: dict[str, Any] = {key: value or None for key, value in given.items()}
    change |= {"order": given["order"] or 100, "retired": bool(given["retired"])}
    if pk.isdecimal():
        change |= {"pk": int(pk), "version": int(version) if version.isdecimal() else None}
    result = records.save(request.actor, DEPARTMENT, [change])
    if not result.ok:
        values = {**given, **{key: int(given[key]) if given[key].isdecimal() else "" for key in ("parent", "head")}}
        errors = {key: sentences[0] for key, sentences in result.errors().items()}
        panel = {"pk": int(pk) if pk.isdecimal() else None, "version": version, "values": values, "errors": errors}
        return _show(request, panel, status=422)
    toast(request, _("部门已保存，范围立即按新的机构算"))
    return HttpResponseRedirect(f"{HERE}?department={result.pk}")


@page("settings/departments/<int:pk>/delete", access=ADMIN, methods=("POST",), name="department-delete")
def delete(request: PageRequest, pk: int) -> HttpResponse:
    """Delete a department that nothing refers to any more; otherwise say what does."""
    entry = records.get(request.actor, DEPARTMENT, pk)
    result = records.delete(request.actor, DEPARTMENT, [pk])
    if not result.ok:
        toast(request, result.problems[0].sentence, kind="no")
        return HttpResponseRedirect(f"{HERE}?department={pk}")
    shape.bump()
    toast(request, _("已删除“%(name)s”") % {"name": entry.title})
    return HttpResponseRedirect(HERE)
