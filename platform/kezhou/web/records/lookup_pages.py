"""Suggestions for link fields: records whose title, pinyin or number fits what was typed, only those that may be seen."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.records import ListRequest
from kezhou.records.spec import FieldSpec, FilterError, Purpose
from kezhou.web.pages import PageRequest, on, page

SHOWN = 8


@page("r/<str:type_key>/suggest", access=on("read"), name="suggest", visitors=True)
def suggest(request: PageRequest, type_key: str) -> HttpResponse:
    """Up to eight options; without words the ones changed last. `by` names the link to what they shall belong to, `in` says to which.
    Records out of use are offered to conditions only (`any`). What the person does not see of these records neither stands beside
    them nor narrows them; saving has the last word."""
    text = request.GET.get("q", "").strip()[:80]
    spec, above = request.type, _above(request)
    listed, filterable = _keys(request, Purpose.LIST), _keys(request, Purpose.FILTER)
    noted = tuple(key for key in ("number", "department", "owner", spec.title_field) if key in listed)[:2]
    asked = ListRequest(
        columns=tuple(dict.fromkeys((*noted, *([above.key] if above else ())))),
        filter=_within(request, above),
        q=text,
        spelt=True,
        size=SHOWN,
        sums=False,
        sort=() if text or "changed_at" not in filterable else ("-changed_at",),
        within=[spec.retired, "ne", True] if spec.retired in filterable and "any" not in request.GET else None,
    )
    found = records.page(request.actor, spec, asked)
    places = {field.key: place for place, field in enumerate(found.columns)}
    lines = [
        {
            "pk": row.pk,
            "title": row.title,
            "above": row.values[places[above.key]] if above else None,
            "above_title": row.texts[places[above.key]] if above else "",
            "notes": [row.texts[places[key]] for key in noted if row.texts[places[key]] not in ("", row.title)],
        }
        for row in found.rows
    ]
    return render(request, "kezhou/records/suggest.html", {"lines": lines, "spec": spec, "text": text})


def _above(request: PageRequest) -> FieldSpec | None:
    """The link to what the options shall belong to, where the person sees it. Raises FilterError."""
    key = request.GET.get("by", "")
    field = request.type.by_key.get(key)
    if key and (field is None or not field.target):
        raise FilterError(_("“%(key)s”不是关联字段，不能用来缩小选择范围。") % {"key": key[:40]})
    return field if key in _keys(request, Purpose.FILTER) else None


def _keys(request: PageRequest, purpose: Purpose) -> set[str]:
    return {field.key for field in records.fields_for(request.type, request.actor, purpose)}


def _within(request: PageRequest, above: FieldSpec | None) -> list[Any] | None:
    chosen = request.GET.get("in", "")
    return [above.key, "eq", chosen] if above is not None and chosen else None
