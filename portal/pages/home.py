"""首页: the welcome, what waits in each part, and what happened last."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.urls import reverse

from kezhou import records
from kezhou.pages import SIGNED_IN
from kezhou.records import ListRequest
from portal.pages.records_pages import Line, columns_of, line_of
from portal.pages.shell import Place, PortalRequest, places, portal_page, show

LATEST, MOST_PARTS = 3, 4


@dataclass(frozen=True, slots=True)
class Part:
    """One type on the first page: the latest of it and how many there are, None where that is too many to count or says nothing."""

    place: Place
    total: int | None
    has_more: bool
    lines: tuple[Line, ...]
    may_create: bool


@portal_page("", access=SIGNED_IN, name="portal-home")
def home(request: PortalRequest) -> HttpResponse:
    """What the partner is given, part by part; all that lies beyond the first four is in the menu."""
    parts = [_part(request, place) for place in places(request.actor)[:MOST_PARTS]]
    return show(request, "home", {"parts": parts}, active="home")


def _part(request: PortalRequest, place: Place) -> Part:
    spec = records.type_of(request.actor, place.key)
    found = records.page(
        request.actor, spec, ListRequest(columns=columns_of(request.actor, spec), size=LATEST, sums=False)
    )
    lines = tuple(line_of(found, row) for row in found.rows)
    counted = found.total if place.url == reverse("portal-list", args=[spec.key]) else None
    return Part(place, counted, bool(found.next), lines, "create" in spec.operations)
