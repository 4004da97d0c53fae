"""Entering and changing records from outside: the same controls, the same checks, the same write path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
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
from kezhou.records.states.locking import locks
from kezhou.records.structure import LinesSpec
from kezhou.web.records import forms, line_forms
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
    raw, lines = forms.posted(fields, request.POST), _posted_lines(request)
    change = {**raw, **line_forms.changes(lines)}
    if pk is not None:
        change |= {"pk": pk, "version": request.POST.get("version") or None}
    result = saving.save(request.actor, request.type, change)
    return Attempt(raw, lookup_texts(fields, request.POST), result, lines=lines)


def _posted_lines(request: PortalRequest) -> line_forms.Rows:
    """The rows of lines of which something may be filled in; what was posted for others is not read, for no rows would mean none."""
    open_ones = {lines.key for lines in _open_lines(request)}
    posted = line_forms.posted(request.actor, request.type, request.POST)
    return {key: rows for key, rows in posted.items() if key in open_ones}


def _open_lines(request: PortalRequest) -> tuple[LinesSpec, ...]:
    """Lines change with their record, so for whoever may change that one."""
    if "update" not in request.type.operations:
        return ()
    return tuple(lines for lines in request.type.lines if line_forms.writable(request.actor, lines))


def _tables(request: PortalRequest, entry: Entry | None, tried: Attempt | None) -> tuple[line_forms.LineForm, ...]:
    return line_forms.tables(
        request.actor,
        replace(request.type, lines=_open_lines(request)),
        entry,
        rows=tried.lines if tried else None,
        errors=tried.errors if tried else None,
        locks=locks(entry.type, entry.values) if entry else None,
    )


def _shown(
    request: PortalRequest, form: forms.Form, tried: Attempt | None, *, title: str, cancel: str, **more: Any
) -> HttpResponse:
    entry: Entry | None = more.get("entry")
    raw = tried.raw if tried is not None else request.GET.dict()
    context = initial(request.actor, request.type, entry.pk if entry else None, raw) | {
        "spec": request.type,
        "form": form,
        "line_forms": _tables(request, entry, tried),
        "form_title": title,
        "cancel_url": cancel,
        **more,
    }
    status = 422 if tried is not None else 200
    return show(request, "form", context, active=request.type.key, status=status)
