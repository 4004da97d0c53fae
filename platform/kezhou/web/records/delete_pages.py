"""Deleting one record: asked first, refused with what refers to it, then the recycle bin (BAS-04)."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.records.spec import NotAllowed
from kezhou.web.pages import PageRequest, on, page, toast


@page("r/<str:type_key>/<int:pk>/delete", access=on("delete"), name="record-delete", methods=("GET", "POST"))
def delete(request: PageRequest, type_key: str, pk: int) -> HttpResponse:
    """The question, which tells what else refers to the record and what happens to it; then the deed."""
    entry = records.get(request.actor, request.type, pk)
    if "delete" not in entry.operations:
        raise NotAllowed(_("你可以查看这条%(title)s，但不能删除它。") % {"title": request.type.title})
    if request.method == "POST":
        result = records.delete(request.actor, request.type, [pk])
        if result.ok:
            undo = reverse("bin-restore", args=[type_key, pk])
            toast(request, _("“%(title)s”已移到回收站") % {"title": entry.title}, label=_("撤销"), url=f"post:{undo}")
            return HttpResponseRedirect(reverse("record-list", args=[type_key]))
        toast(request, result.problems[0].sentence, kind="no")
        return HttpResponseRedirect(reverse("record", args=[type_key, pk]))
    found = records.references(request.actor, request.type, pk)
    refused = [reference for reference in found if reference.on_delete == "refuse"]
    context = {
        "active": type_key,
        "entry": entry,
        "spec": request.type,
        "references": found,
        "refused": refused,
        "crumbs": (
            {"title": request.type.title, "url": reverse("record-list", args=[type_key])},
            {"title": entry.title},
        ),
    }
    name = "kezhou/records/delete.html" if request.headers.get("X-Kezhou-Dialog") else "kezhou/records/delete_page.html"
    return render(request, name, context)
