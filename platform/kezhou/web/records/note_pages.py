"""What is worth saying below an input while it is being filled: an amount in capitals, a passport that expires, a slip at once."""

from __future__ import annotations

from django.http import Http404, HttpResponse, JsonResponse

from kezhou import records
from kezhou.records.fields import FieldError
from kezhou.records.reading import context, formatting
from kezhou.records.spec import FieldSpec, Purpose
from kezhou.web.pages import PageRequest, on, page
from kezhou.web.records import forms


@page("r/<str:type_key>/note/<str:key>", access=on("read"), name="note")
def note(request: PageRequest, type_key: str, key: str) -> HttpResponse:
    """The note about what is typed for one field, as JSON: text and tone; both empty when there is nothing to say."""
    field = _field(request, key)
    raw = forms.posted((field,), request.GET).get(key, "")
    try:
        value = field.kind.parse(raw, field, context())
    except FieldError as error:
        return JsonResponse({"text": str(error), "tone": "warn"})
    found = None if value is None else field.kind.note(value, field, formatting())
    return JsonResponse({"text": found.text if found else "", "tone": found.tone if found else ""})


def _field(request: PageRequest, key: str) -> FieldSpec:
    for field in records.fields_for(request.type, request.actor, Purpose.WRITE):
        if field.key == key:
            return field
    raise Http404
