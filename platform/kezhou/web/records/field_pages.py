"""Small answers about one field: its last changes, and how its choices are read."""

from __future__ import annotations

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render

from kezhou import records
from kezhou.records.spec import Purpose
from kezhou.web.pages import PageRequest, on, page
from kezhou.web.spelling import syllables

SHOWN = 5


@page("r/<str:type_key>/<int:pk>/field/<str:key>/changes", access=on("read"), name="field-changes", visitors=True)
def changes(request: PageRequest, type_key: str, pk: int, key: str) -> HttpResponse:
    """Who changed this field, when, from what to what; the newest first."""
    entry = records.get(request.actor, request.type, pk)
    field = entry.field(key)
    if field is None:
        raise Http404
    found = records.history(request.actor, request.type, pk, limit=SHOWN, field=key)
    context = {"field": field, "changes": found, "spec": request.type, "pk": pk, "entry": entry}
    bare = request.headers.get("HX-Request")
    return render(request, "kezhou/records/field_changes.html" if bare else "kezhou/records/field_page.html", context)


@page("r/<str:type_key>/spelling/<str:key>", access=on("read"), name="choice-spelling")
def spelling(request: PageRequest, type_key: str, key: str) -> HttpResponse:
    """How the choices of a field are read: the syllables of their pinyin by key, for searching in a long select."""
    purposes = (Purpose.READ, Purpose.WRITE, Purpose.FILTER)
    found = [f for p in purposes for f in records.fields_for(request.type, request.actor, p) if f.key == key]
    if not found:
        raise Http404
    choices = found[0].kind.control(found[0], None).choices
    return JsonResponse({choice.key: syllables(choice.label.strip()) for choice in choices})
