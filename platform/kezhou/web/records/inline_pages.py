"""Editing one value where it stands: double click or the pencil, Enter saves, Esc leaves it."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.records import Entry
from kezhou.records.saved import FieldConflict
from kezhou.records.spec import FieldSpec, NotAllowed
from kezhou.web.pages import PageRequest, on, page
from kezhou.web.records import detail
from kezhou.web.records.saving import attempt, entry_form
from kezhou.web.records.standing import Standing, standing


@page("r/<str:type_key>/<int:pk>/field/<str:key>", access=on("update"), name="inline", methods=("GET", "POST"))
def inline(request: PageRequest, type_key: str, pk: int, key: str) -> HttpResponse:
    """The control of one field, then the saved line. Somebody else's save in between answers 409 with both values."""
    entry = records.get(request.actor, request.type, pk)
    now = standing(request.actor, entry)
    field = _editable(request, entry, key, now)
    if request.method == "GET":
        if "show" in request.GET:
            return _line(request, entry, key, now)
        form = entry_form(entry, (field,))
        return render(
            request,
            "kezhou/records/inline_edit.html",
            {"entry": entry, "field": form.fields[0], "version": entry.version},
        )
    tried = attempt(request.actor, request.type, (field,), request.POST, pk=pk)
    if tried.ok:
        if not request.headers.get("HX-Request"):
            return HttpResponseRedirect(reverse("record", args=[type_key, pk]))
        fresh = records.get(request.actor, request.type, pk)
        return _line(request, fresh, key, standing(request.actor, fresh), before=now)
    form = entry_form(entry, (field,), tried)
    version: object = request.POST.get("version", "")
    theirs = None
    if tried.conflict is not None:
        hit = next((part for part in tried.conflict.fields if part.field == key), None)
        theirs = {
            "name": tried.conflict.changed_by,
            "value": entry.cell(key),
            "same_field": hit is not None,
            "original": _shown(entry, field, hit),
        }
        version = tried.conflict.version
    context = {"entry": entry, "field": form.fields[0], "version": version, "theirs": theirs, "errors": form.errors}
    response = render(request, "kezhou/records/inline_edit.html", context, status=409 if theirs else 422)
    if form.errors:
        response["X-Kezhou-Message"] = quote(form.errors[0])
    return response


def _shown(entry: Entry, field: FieldSpec, hit: FieldConflict | None) -> str:
    """What the value was when both began, as text."""
    return "" if hit is None or hit.original is None else field.kind.text(hit.original, field, entry.fmt)


def _editable(request: PageRequest, entry: Entry, key: str, now: Standing) -> FieldSpec:
    """The field, with the choices that are left. Raises NotAllowed where rights, a rule or the record's state speak against it."""
    field = entry.field(key)
    if field is None:
        raise Http404
    if not field.editable or "update" not in entry.operations:
        raise NotAllowed(_("你不能修改“%(field)s”。") % {"field": field.label})
    if key in now.hidden:
        raise NotAllowed(_("“%(field)s”按规则现在不显示，不能在这里改。") % {"field": field.label})
    if key in now.locked:
        raise NotAllowed(now.locked[key])
    return _narrowed(field, now, entry.values.get(key))


def _narrowed(field: FieldSpec, now: Standing, value: object) -> FieldSpec:
    """The choices that rules leave, and what is chosen already."""
    if field.key not in now.options:
        return field
    held = {*now.options[field.key], *(value if isinstance(value, tuple) else (value,))}
    return replace(field, options=tuple(option for option in field.options if option.key in held))


def _line(
    request: PageRequest, entry: Entry, key: str, now: Standing, *, before: Standing | None = None
) -> HttpResponse:
    """The line as it is now; the header tells the page when other lines come, go or close because of it."""
    if "cell" in request.GET:
        response = HttpResponse(entry.cell(key))
        response["X-Kezhou-Version"] = str(entry.version)
        return response
    field = entry.field(key)
    assert field is not None
    line = detail.line_of(entry, field, now)
    response = render(request, "kezhou/records/inline_line.html", {"line": line, "entry": entry, "fresh": True})
    if before is not None and (now != before or key == entry.type.class_field):
        response["X-Kezhou-Fields"] = "changed"
    return response
