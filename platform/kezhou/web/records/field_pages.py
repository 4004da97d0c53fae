"""The last changes of one field, for the small panel beside it."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render

from kezhou import records
from kezhou.web.pages import PageRequest, on, page

SHOWN = 5


@page("r/<str:type_key>/<int:pk>/field/<str:key>/changes", access=on("read"), name="field-changes")
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
