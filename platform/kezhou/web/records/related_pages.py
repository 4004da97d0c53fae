"""A list of records that point here, as a page of its own among the tabs of the record."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render

from kezhou import records
from kezhou.records import ListRequest
from kezhou.records.ordering import NEWEST, default_sort
from kezhou.timeline.branches import linked_panels
from kezhou.web.pages import PageRequest, on, page
from kezhou.web.records import detail
from kezhou.web.records.detail_pages import frame_of

SIZE = 50


@page("r/<str:type_key>/<int:pk>/related/<str:key>", access=on("read"), name="record-related", visitors=True)
def related(request: PageRequest, type_key: str, pk: int, key: str) -> HttpResponse:
    """Everything that points here by one link, by pages; `key` is the list's."""
    entry = records.get(request.actor, request.type, pk)
    panel = next((panel for panel in linked_panels(request.actor, entry) if panel.key == key), None)
    if panel is None:
        raise Http404
    spec = records.type_of(request.actor, str(panel.type))
    asked = ListRequest(
        columns=detail.columns_of(request.actor, panel, spec, most=7), within=[panel.link, "eq", pk], size=SIZE, sort=default_sort(request.actor, spec, NEWEST),
        after=request.GET.get("after", ""), before=request.GET.get("before", ""),
    )  # fmt: skip
    found = records.page(request.actor, spec, asked)
    context = {
        **frame_of(request, entry, key),
        "list": detail.head_of(entry, panel, spec, found.total),
        "found": found,
        "rows": detail.rows_of(found, spec),
        "previous_url": f"?before={found.previous}" if found.previous else "",
        "next_url": f"?after={found.next}" if found.next else "",
    }
    return render(request, "kezhou/records/related.html", context)
