"""Entering and changing records from outside: the same controls, the same checks, the same write path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.pages import on, toast
from kezhou.records import Entry
from kezhou.records.classes import class_of
from kezhou.records.layouts import layout_for
from kezhou.records.layouts.spec import Kind
from kezhou.records.spec import FieldSpec
from kezhou.web.records import forms
from kezhou.web.records.rule_pages import initial
from kezhou.web.records.saving import Attempt, blank_form, entry_form, lookup_texts
from portal import saving
from portal.pages.shell import PortalRequest, portal_page, show


@portal_page("r/<str:type_key>/new", access=on("create"), name="portal-new", methods=("GET", "POST"))
def new_record(request: PortalRequest, type_key: str) -> HttpResponse:
    """An empty form, or the same form with every refused value still in it."""
    fields = forms.writable(request.actor, request.type)
    tried = _tried(request, fields)
    if tried is not None and tried.ok:
        toast(request, _("已提交。我们会尽快处理。"))
        return HttpResponseRedirect(reverse("portal-record", args=[type_key, tried.result.pk]))
    opened = _everything(request, tried.raw if tried else {})
    form = blank_form(request.actor, request.type, fields, request.GET.dict(), tried, opened=opened)
    title = _("新建%(title)s") % {"title": request.type.title}
    return _shown(request, form, tried, title=title, cancel=reverse("portal-list", args=[type_key]))


@portal_page("r/<str:type_key>/<int:pk>/edit", access=on("update"), name="portal-edit", methods=("GET", "POST"))
def edit_record(request: PortalRequest, type_key: str, pk: int) -> HttpResponse:
    """The form of a record; when somebody saved in between, what was typed stays and is checked once more (PLT-15)."""
    entry = records.get(request.actor, request.type, pk)
    fields = forms.writable(request.actor, request.type)
    if "update" not in entry.operations or not fields:
        raise Http404
    tried = _tried(request, fields, pk)
    here = reverse("portal-record", args=[type_key, pk])
    if tried is not None and tried.ok:
        toast(request, _("已保存") if tried.result.saved[0].kind != "same" else _("没有改动，不用保存"))
        return HttpResponseRedirect(here)
    layout = layout_for(request.actor, request.type, class_of(request.type, entry.values))
    form = entry_form(entry, fields, tried, layout=layout, opened=_everything(request, entry.values))
    late = tried is not None and tried.conflict is not None
    more = {"entry": entry, "version": entry.version, "late": late}
    return _shown(request, form, tried, title=_("编辑%(title)s") % {"title": entry.title}, cancel=here, **more)


def _everything(request: PortalRequest, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Every section open: nobody outside should look for what to fill in."""
    layout = layout_for(request.actor, request.type, class_of(request.type, values))
    return tuple(section.key for section in layout.sections(Kind.FORM))


def _tried(request: PortalRequest, fields: tuple[FieldSpec, ...], pk: int | None = None) -> Attempt | None:
    if request.method != "POST":
        return None
    raw = forms.posted(fields, request.POST)
    change = raw if pk is None else {**raw, "pk": pk, "version": request.POST.get("version") or None}
    return Attempt(raw, lookup_texts(fields, request.POST), saving.save(request.actor, request.type, change))


def _shown(
    request: PortalRequest, form: forms.Form, tried: Attempt | None, *, title: str, cancel: str, **more: Any
) -> HttpResponse:
    entry: Entry | None = more.get("entry")
    raw = tried.raw if tried is not None else request.GET.dict()
    context = initial(request.actor, request.type, entry.pk if entry else None, raw) | {
        "spec": request.type,
        "form": form,
        "form_title": title,
        "cancel_url": cancel,
        **more,
    }
    status = 422 if tried is not None else 200
    return show(request, "form", context, active=request.type.key, status=status)
