"""Saving a list as a view, changing one, and choosing which views are tabs (QRY-08)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kezhou.access.departments import tree
from kezhou.records import views
from kezhou.records.spec import FilterError, NotAllowed
from kezhou.records.views.reading import ALL, DEPARTMENT, MEMBER, ROLES, View
from kezhou.records.views.writing import ViewConflict
from kezhou.web.pages import PageRequest, on, page, toast
from kezhou.web.records.list_pages import part, roles
from kezhou.web.records.looking import Look, look
from tenants.states import Need


@page("r/<str:type_key>/views", access=on("read"), name="views")
def menu(request: PageRequest, type_key: str) -> HttpResponse:
    """Every view that the member has: as tab or not, opened first or not."""
    here = look(request.actor, request.type, request.GET)
    shown = [
        {
            "view": view,
            "tab": here.choices.pins.get(view.ref, view.pinned),
            "first": view.ref == here.settings.first,
            "on": view.ref == here.view.ref,
            "kind": _kind(view),
        }
        for view in here.views
    ]
    return part(request, "views", {"shown": shown, "address": here.address, "first": here.settings.first})


@page("r/<str:type_key>/views/new", access=on("read"), name="view-new", methods=("GET", "POST"))
def new(request: PageRequest, type_key: str) -> HttpResponse:
    """Save the list as it is now under a name."""
    here = look(request.actor, request.type, request.GET)
    if request.method == "GET":
        return _form(request, here, None, {"audience": MEMBER, "pinned": True})
    return _save(request, here, None)


@page("r/<str:type_key>/views/<int:pk>", access=on("read"), name="view", methods=("GET", "POST"))
def edit(request: PageRequest, type_key: str, pk: int) -> HttpResponse:
    """Rename a view, say for whom it is, or (with `state`) let it hold the list as it is now."""
    here = look(request.actor, request.type, request.GET)
    view = _found(here, pk)
    if not view.mine:
        raise NotAllowed(_("视图“%(title)s”只能由建它的人或管理员修改，你可以另存一份。") % {"title": view.title})
    if request.method == "GET":
        return _form(request, here, view, {"title": view.title, "audience": view.audience, "pinned": view.pinned})
    if "state" in request.POST:
        return _state(request, here, view)
    return _save(request, here, view)


@page("r/<str:type_key>/views/<int:pk>/delete", access=on("read"), name="view-delete", methods=("POST",))
def delete(request: PageRequest, type_key: str, pk: int) -> HttpResponse:
    """Delete a view; its records stay."""
    title = views.delete(request.actor, type_key, pk)
    toast(request, _("视图“%(title)s”已删除，记录都还在") % {"title": title})
    return HttpResponseRedirect(reverse("record-list", args=[type_key]))


@page("r/<str:type_key>/views/choose", access=on("read"), name="view-choose", methods=("POST",), needs=Need.READ)
def choose(request: PageRequest, type_key: str) -> HttpResponse:
    """Show a view as a tab or not, or open the list with it (for oneself, or for a role)."""
    ref, role = request.POST.get("ref", ""), request.POST.get("role", "")
    if "tab" in request.POST:
        views.pin(request.actor, type_key, ref, shown=request.POST["tab"] == "1")
    elif "first" in request.POST:
        views.set_default(request.actor, type_key, ref if request.POST["first"] == "1" else "", role=role)
        toast(request, _("以后打开这个列表先看它") if request.POST["first"] == "1" else _("已取消默认视图"))
    else:
        raise FilterError(_("请说明要固定视图，还是设为默认。"))
    return HttpResponseRedirect(f"{reverse('record-list', args=[type_key])}?{request.GET.urlencode() or 'view=all'}")


def _save(request: PageRequest, here: Look, view: View | None) -> HttpResponse:
    given = request.POST
    asked: dict[str, Any] = {
        "title": given.get("title", ""),
        "audience": given.get("audience", MEMBER),
        "department": int(given["department"]) if given.get("department", "").isdecimal() else None,
        "roles": given.getlist("roles"),
        "pinned": "pinned" in given,
    }
    version = int(given["version"]) if given.get("version", "").isdecimal() else None
    state = here.present if view is None else views.mended(request.actor, request.type, view.state).state
    try:
        pk = views.save(
            request.actor,
            request.type,
            pk=view.pk if view else None,
            version=version if view else None,
            state=state,
            **asked,
        )
    except (FilterError, NotAllowed, ViewConflict) as error:
        return _form(request, here, view, asked, str(error))
    if "first" in given:
        views.set_default(request.actor, request.type, str(pk))
    toast(request, _("视图“%(title)s”已保存") % {"title": asked["title"].strip()})
    return HttpResponseRedirect(f"{reverse('record-list', args=[request.type.key])}?view={pk}")


def _state(request: PageRequest, here: Look, view: View) -> HttpResponse:
    version = request.POST.get("version", "")
    try:
        views.save(
            request.actor,
            request.type,
            pk=view.pk,
            title=view.title,
            state=here.present,
            **{**views.kept(view), "version": int(version) if version.isdecimal() else view.version},
        )
    except ViewConflict as error:
        toast(request, str(error), kind="no")
        return HttpResponseRedirect(f"{reverse('record-list', args=[request.type.key])}?{here.address.text}")
    toast(request, _("视图“%(title)s”已保存") % {"title": view.title})
    return HttpResponseRedirect(f"{reverse('record-list', args=[request.type.key])}?view={view.ref}")


def _form(
    request: PageRequest, here: Look, view: View | None, given: dict[str, Any], problem: str = ""
) -> HttpResponse:
    actor = request.actor
    audiences = [(MEMBER, _("只有我"))]
    if actor.department_pk is not None or actor.is_admin:
        audiences.append((DEPARTMENT, _("一个部门和它的下级")))
    if actor.is_admin:
        audiences += [(ROLES, _("几个角色")), (ALL, _("全公司"))]
    context = {
        "active": request.type.key,
        "crumbs": ({"title": request.type.title, "url": reverse("record-list", args=[request.type.key])},),
        "spec": request.type,
        "view": view,
        "given": {"roles": list(view.roles) if view else [], "department": view.department if view else None, **given},
        "problem": problem,
        "audiences": audiences,
        "departments": _departments(request),
        "roles": roles(request),
        "query": here.address.text,
        "back": f"{reverse('record-list', args=[request.type.key])}?{here.address.text}",
    }
    dialog = request.headers.get("X-Kezhou-Dialog")
    name = "kezhou/records/view_form.html" if dialog else "kezhou/records/view_form_page.html"
    return render(request, name, context, status=422 if problem else 200)


def _departments(request: PageRequest) -> list[tuple[int, str]]:
    actor, nodes = request.actor, tree(request.actor.shape_version).in_order()
    allowed = set(actor.departments_below) | {actor.department_pk}
    return [(node.pk, f"{'　' * depth}{node.name}") for depth, node in nodes if actor.is_admin or node.pk in allowed]


def _found(here: Look, pk: int) -> View:
    for view in here.views:
        if view.pk == pk:
            return view
    raise Http404(_("没有这个视图，或者它没有共享给你。"))


def _kind(view: View) -> str:
    if view.pk is None:
        return _("自带")
    names = {MEMBER: _("我的"), DEPARTMENT: _("部门"), ROLES: _("角色"), ALL: _("全公司")}
    return names[view.audience]
