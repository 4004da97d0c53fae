"""Suggestions for link fields: records whose title, pinyin or number fits what was typed, only those that may be seen."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from kezhou import records
from kezhou.records import ListRequest
from kezhou.web.pages import PageRequest, on, page

SHOWN = 8


@page("r/<str:type_key>/suggest", access=on("read"), name="suggest")
def suggest(request: PageRequest, type_key: str) -> HttpResponse:
    """Up to eight options; without words the ones changed last."""
    text = request.GET.get("q", "").strip()[:80]
    spec = request.type
    columns = tuple(key for key in ("number", "department", "owner") if key in spec.by_key)[:2]
    asked = ListRequest(
        columns=columns or (spec.title_field,), q=text, size=SHOWN, sums=False, sort=() if text else ("-changed_at",)
    )
    found = records.page(request.actor, spec, asked)
    lines = [
        {"pk": row.pk, "title": row.title, "notes": [note for note in row.texts if note and note != row.title]}
        for row in found.rows
    ]
    return render(request, "kezhou/records/suggest.html", {"lines": lines, "spec": spec, "text": text})
