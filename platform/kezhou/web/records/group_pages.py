"""Groups of fields that are read only when somebody opens them (FLD-04), on the record page and in the form."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.records.classes import class_of
from kezhou.records.layouts import LayoutSpec, Section, layout_for
from kezhou.records.layouts.spec import Kind
from kezhou.records.spec import RecordNotFound
from kezhou.web.pages import PageRequest, on, page
from kezhou.web.records import blocks, forms
from kezhou.web.records.form_pages import OPENED, editable
from kezhou.web.records.forms import Form
from kezhou.web.records.saving import blank_form, entry_form
from kezhou.web.records.standing import asked, standing


@page("r/<str:type_key>/<int:pk>/group/<str:key>", access=on("read"), name="record-group", visitors=True)
def record_group(request: PageRequest, type_key: str, pk: int, key: str) -> HttpResponse:
    """The lines of one closed group of a record page; without scripts the page itself, with the group open."""
    named = request.type.class_field
    entry = records.get(request.actor, request.type, pk, only=frozenset({request.type.title_field, named}))
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(f"{reverse('record', args=[type_key, pk])}?{OPENED}={key}")
    layout = layout_for(request.actor, request.type, class_of(request.type, entry.values))
    section = _section(layout, Kind.DETAIL, key)
    wanted = frozenset({*section.keys, request.type.title_field}) | asked(request.type)
    entry = records.get(request.actor, request.type, pk, only=wanted)
    lines = blocks.lines_of(entry, section, standing(request.actor, entry))
    return render(request, "kezhou/records/group.html", {"lines": lines, "entry": entry})


@page("r/<str:type_key>/<int:pk>/edit/group/<str:key>", access=on("update"), name="record-edit-group")
def edit_group(request: PageRequest, type_key: str, pk: int, key: str) -> HttpResponse:
    """The controls of one closed group of a form, for the class that is chosen in the form at the moment."""
    entry = editable(request, pk)
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(f"{reverse('record-edit', args=[type_key, pk])}?{OPENED}={key}")
    layout = layout_for(request.actor, request.type, class_of(request.type, {**entry.values, **request.GET.dict()}))
    form = entry_form(entry, forms.writable(request.actor, request.type), layout=layout, opened=(key,))
    return _controls(request, form, layout, key)


@page("r/<str:type_key>/new/group/<str:key>", access=on("create"), name="record-new-group")
def new_group(request: PageRequest, type_key: str, key: str) -> HttpResponse:
    """The controls of one closed group of the form of a new record."""
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(f"{reverse('record-new', args=[type_key])}?{OPENED}={key}")
    fields = forms.writable(request.actor, request.type)
    form = blank_form(request.actor, request.type, fields, request.GET.dict(), opened=(key,))
    layout = layout_for(request.actor, request.type, class_of(request.type, request.GET.dict()))
    return _controls(request, form, layout, key)


def _controls(request: PageRequest, form: Form, layout: LayoutSpec, key: str) -> HttpResponse:
    _section(layout, Kind.FORM, key)
    section = next(part for part in form.sections if part.key == key)
    return render(request, "kezhou/records/form_group.html", {"section": section})


def _section(layout: LayoutSpec, kind: Kind, key: str) -> Section:
    found = layout.section(kind, key)
    if found is None:
        raise RecordNotFound(_("这一组资料刚被管理员移走或改了位置，请刷新这一页。"))
    return found
