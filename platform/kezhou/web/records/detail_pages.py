"""The page of one record."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from kezhou import assignments, records
from kezhou.files import attachments
from kezhou.records import Entry, extending
from kezhou.records.classes import class_of
from kezhou.records.layouts import at_once, layout_for
from kezhou.records.layouts.spec import Kind
from kezhou.web.pages import PageRequest, on, page
from kezhou.web.records import assigning, blocks, detail, shaping, stream, tabs
from kezhou.web.records.standing import standing

FILES_SHOWN = 3


@page("r/<str:type_key>/<int:pk>", access=on("read"), name="record", visitors=True)
def record(request: PageRequest, type_key: str, pk: int) -> HttpResponse:
    """Head, fields with edit in place, timeline, related lists, files."""
    opened = tuple(filter(None, request.GET.get("open", "").split(",")))
    only = None if opened else at_once(request.actor, request.type, Kind.DETAIL)
    entry = records.get(request.actor, request.type, pk, only=only)
    layout = layout_for(request.actor, request.type, class_of(request.type, entry.values))
    now = standing(request.actor, entry)
    context = {
        **frame_of(request, entry, "overview"),
        "facts": detail.facts(entry, layout, now),
        "block_tabs": blocks.tabs(entry, layout, opened, now),
        "related": detail.related(request.actor, entry, layout),
        "files": attachments.of(entry, limit=FILES_SHOWN),
        "why": detail.why(request.actor, entry),
        "lock": detail.lock_of(entry),
        "assigned": assigning.band(request.actor, entry),
        "here": request.path,
        "dial": detail.dock_of(entry),
        **stream.context(request.actor, entry, {name: request.GET.get(name, "") for name in ("show", "before")}),
        "part": False,
        **shaping.shape_of(request.actor, entry),
    }
    context["crumbs"] = shaping.crumbs(request.actor, entry)
    return render(request, "kezhou/records/detail.html", context)


def frame_of(request: PageRequest, entry: Entry, tab: str) -> dict[str, object]:
    """What all pages of one record share: crumbs, tabs, and what may be done."""
    key = entry.type.key
    return {
        "active": key,
        "spec": entry.type,
        "entry": entry,
        "crumbs": ({"title": entry.type.title, "url": reverse("record-list", args=[key])}, {"title": entry.title}),
        "tabs": tabs.of(request.actor, entry, tab),
        "notes": extending.notes(request.actor, entry),
        "may_edit": "update" in entry.operations,
        "may_assign": "update" in entry.operations and assignments.assignable(entry.type),
        "may_delete": "delete" in entry.operations,
    }
